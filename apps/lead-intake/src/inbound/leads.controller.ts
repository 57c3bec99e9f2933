import { Allow, AllowKey, Caller, type KeyPrincipal, type Principal } from '@avtala/access';
import { IsInstant } from '@avtala/contracts';
import { IdempotentKey, IdPipe, ReadQuickly, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Matches, MaxLength, Min } from 'class-validator';
import { NotAllowed } from '@avtala/access';
import { PRESSED, type Pressed } from '../domain/call.js';
import { Intake } from '../services/intake.service.js';
import { Leads } from '../services/leads.service.js';
import { Outcomes } from '../services/outcomes.service.js';
import { CorrectedBody, LeadBody, OutcomeBody, StandingBody, TakenInBody } from './lead-bodies.js';
import { SAYS_SOMETHING, Stated, statedBy } from './stated.js';

@ReadQuickly()
class NewLead extends Stated {
  @IsString() @MaxLength(1000) name!: string;
  @IsOptional() @IsString() @MaxLength(1000) company?: string;
  @IsOptional() @IsString() @MaxLength(1000) title?: string;
  @IsOptional() @IsString() @MaxLength(1000) email?: string;
  @IsOptional() @IsString() @MaxLength(1000) phone?: string;
  @IsOptional() @IsString() @MaxLength(1000) social?: string;
  /** Read to refuse minors (B7), never stored. */
  @IsOptional() @IsString() @MaxLength(100) birthDate?: string;
  @IsOptional() @IsString() @MaxLength(100) age?: string;
}

class Correction {
  @IsOptional() @IsString() @MaxLength(1000) name?: string;
  @IsOptional() @IsString() @MaxLength(1000) company?: string | null;
  @IsOptional() @IsString() @MaxLength(1000) title?: string | null;
  @IsOptional() @IsString() @MaxLength(1000) email?: string | null;
  @IsOptional() @IsString() @MaxLength(1000) phone?: string | null;
  @IsOptional() @IsString() @MaxLength(1000) social?: string | null;
  @IsOptional() @IsBoolean() restricted?: boolean;
  /** The version that was read: another one answers 409. */
  @IsOptional() @IsInt() @Min(1) version?: number;
}

class CallOutcome {
  @IsIn(PRESSED) outcome!: Pressed;
  @IsBoolean() informed!: boolean;
  @IsOptional() @IsString() @MaxLength(4000) note?: string;
  @IsOptional() @IsInstant() callbackAt?: string;
  /** Who keeps the callback: this booker, or (default) anybody of the engagement. */
  @IsOptional() @IsIn(['personal', 'shared']) callback?: 'personal' | 'shared';
  /** With `objected`: towards every client (default), or only towards this engagement's. */
  @IsOptional() @IsIn(['all', 'client']) scope?: 'all' | 'client';
  /** With `booked`: the meeting that was made in the call; taking the outcome back then undoes what its news did to the lead. */
  @IsOptional() @IsUUID() bookingId?: string;
}

class Reason {
  /** Kept in the audit trail. About the work, never about the person. */
  @Matches(SAYS_SOMETHING) @MaxLength(500) reason!: string;
}

@Controller('api/v1')
export class LeadsController {
  constructor(
    @Inject(Intake) private readonly intake: Intake,
    @Inject(Leads) private readonly leads: Leads,
    @Inject(Outcomes) private readonly outcomes: Outcomes,
  ) {}

  @Post('engagements/:id/leads')
  @Allow('admin', 'supervisor', 'booker')
  @AllowKey('leads:write')
  async register(
    @Caller() caller: Principal | KeyPrincipal,
    @Param('id', IdPipe) engagementId: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NewLead,
  ): Promise<TakenInBody> {
    const { source, supplier, ground, obtainedAt, consentWording, ...raw } = body;
    const stated = statedBy(caller, { source, supplier, ground, obtainedAt, consentWording });
    return this.intake.register(caller, engagementId, claim, raw, stated);
  }

  @Get('leads/:id')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async read(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<LeadBody> {
    return this.leads.read(caller, id);
  }

  /** Version and state of a lead on somebody's screen: ids and a word, so that asking again and again shows nobody anything. */
  @Get('leads/:id/standing')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async standing(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<StandingBody> {
    return this.leads.standing(caller, id);
  }

  @Patch('leads/:id')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async correct(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Body() body: Correction,
  ): Promise<CorrectedBody> {
    if (body.restricted != null && caller.role === 'booker') throw new NotAllowed();
    return this.leads.correct(caller, id, { ...body });
  }

  /** The whole lead, to who sees masks otherwise. A read, though it says why in a body: it takes no Idempotency-Key. */
  @Post('leads/:id/unmask')
  @Allow('supervisor', 'dpo')
  @HttpCode(200)
  async unmask(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Body() body: Reason): Promise<LeadBody> {
    return this.leads.unmask(caller, id, body.reason);
  }

  @Post('leads/:id/outcomes')
  @Allow('admin', 'supervisor', 'booker')
  @HttpCode(201)
  async record(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: CallOutcome,
  ): Promise<OutcomeBody> {
    return this.outcomes.record(caller, id, claim, { ...body });
  }
}
