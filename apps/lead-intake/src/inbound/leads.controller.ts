import { Allow, Caller, type Principal } from '@avtala/access';
import { GROUNDS, type Ground } from '@avtala/contracts';
import { IsInstant } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { NotAllowed } from '@avtala/access';
import { PRESSED, type Pressed } from '../domain/call.js';
import { Intake } from '../services/intake.service.js';
import { Leads } from '../services/leads.service.js';
import { Outcomes } from '../services/outcomes.service.js';

/** Blanks are no answer to a question the law asks. */
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

/** Proof of consent (B4): what was agreed to, how and when. About the wording, never about the person. */
class ConsentProof {
  @Matches(SAYS_SOMETHING) @MaxLength(100) version!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(2000) wording!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(500) how!: string;
  @IsInstant() givenAt!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(500) proof!: string;
}

/** What B2 and B3 ask for, on single leads and on files alike. */
export class Stated {
  /** Where the data came from: a public source, a supplier, a form, the client. */
  @Matches(SAYS_SOMETHING) @MaxLength(500) source!: string;
  @IsIn(GROUNDS) ground!: Ground;
  @IsOptional() @IsInstant() obtainedAt?: string;
  // IsObject, since a list of no proofs would be valid one by one.
  @IsOptional() @IsObject() @ValidateNested() @Type(() => ConsentProof) consentWording?: ConsentProof;
}

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
  async register(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NewLead,
  ) {
    const { source, ground, obtainedAt, consentWording, ...raw } = body;
    const stated = {
      source,
      ground,
      ...(obtainedAt ? { obtainedAt } : {}),
      ...(consentWording ? { consentWording } : {}),
    };
    return this.intake.register(caller, engagementId, claim, raw, stated);
  }

  @Get('leads/:id')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async read(@Caller() caller: Principal, @Param('id', IdPipe) id: string) {
    return this.leads.read(caller, id);
  }

  @Patch('leads/:id')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async correct(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Body() body: Correction) {
    if (body.restricted != null && caller.role === 'booker') throw new NotAllowed();
    return this.leads.correct(caller, id, { ...body });
  }

  /** The whole lead, to who sees masks otherwise. A read, though it says why in a body: it takes no Idempotency-Key. */
  @Post('leads/:id/unmask')
  @Allow('supervisor', 'dpo')
  @HttpCode(200)
  async unmask(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Body() body: Reason) {
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
  ) {
    return this.outcomes.record(caller, id, claim, { ...body });
  }
}
