import { Allow, Caller, type Principal } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, HttpStatus, Inject, Post, Query, Res } from '@nestjs/common';
import { IsEmail, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import type { Response } from 'express';
import { Calling } from '../services/calling.service.js';
import { Noes } from '../services/no.service.js';
import { NextBody, SuppressedBody, SuppressionCheckBody } from './lead-bodies.js';

class NextLead {
  /** Default: any engagement of the caller that runs. */
  @IsOptional() @IsUUID() engagementId?: string;
}

class ReservedBody {
  /** Real time; the reservation ends by itself. */
  readonly reservedUntil!: string;
}

class NewSuppression {
  @IsOptional() @IsEmail({ allow_utf8_local_part: true, require_tld: true }) @MaxLength(254) email?: string;
  @IsOptional() @IsString() @MaxLength(40) phone?: string;
}

@Controller('api/v1')
export class CallingController {
  constructor(
    @Inject(Calling) private readonly calling: Calling,
    @Inject(Noes) private readonly noes: Noes,
  ) {}

  @Post('calling/next')
  @Allow('booker', 'supervisor')
  @HttpCode(200)
  async next(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NextLead,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NextBody | undefined> {
    const lead = await this.calling.next(caller, claim, body.engagementId);
    if (lead) return { lead };
    response.status(HttpStatus.NO_CONTENT);
    return undefined;
  }

  /** Keeps the next lead ready for 15 seconds, so that `calling/next` has it at once; says nothing of who it is. Repeating it makes no second one, so it
   * takes no Idempotency-Key. 204: nobody is to be called now. */
  @Post('calling/reservation')
  @Allow('booker', 'supervisor')
  @HttpCode(200)
  async reserve(
    @Caller() caller: Principal,
    @Body() body: NextLead,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReservedBody | undefined> {
    const reservedUntil = await this.calling.reserve(caller, body.engagementId);
    if (reservedUntil) return { reservedUntil };
    response.status(HttpStatus.NO_CONTENT);
    return undefined;
  }

  /** The lead the caller has in hand; 204 when there is none. */
  @Get('calling/current')
  @Allow('booker', 'supervisor')
  async current(
    @Caller() caller: Principal,
    @Query() query: NextLead,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NextBody | undefined> {
    const lead = await this.calling.current(caller, query.engagementId);
    if (lead) return { lead };
    response.status(HttpStatus.NO_CONTENT);
    return undefined;
  }

  @Post('suppressions')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async suppress(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NewSuppression,
  ): Promise<SuppressedBody> {
    await this.noes.add(caller, claim, { ...body });
    return { suppressed: true };
  }

  /** Whether an address or a number is suppressed (B5), and towards whom. The answer names nobody; each test is audited. */
  @Post('suppressions/check')
  @HttpCode(200)
  @Allow('admin', 'dpo')
  check(@Caller() caller: Principal, @Body() body: NewSuppression): Promise<SuppressionCheckBody> {
    return this.noes.check(caller, { ...body });
  }
}
