import { Allow, Caller, type Principal } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, HttpCode, HttpStatus, Inject, Post, Res } from '@nestjs/common';
import { IsEmail, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import type { Response } from 'express';
import { Calling } from '../services/calling.service.js';
import { Noes } from '../services/no.service.js';
import { NextBody, SuppressedBody, SuppressionCheckBody } from './lead-bodies.js';

class NextLead {
  /** Default: any engagement of the caller that runs. */
  @IsOptional() @IsUUID() engagementId?: string;
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
