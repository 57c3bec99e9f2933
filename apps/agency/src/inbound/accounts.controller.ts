import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { IsIn } from 'class-validator';
import { Allow, Caller, type Principal, StepUp } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim, IdPipe } from '@avtala/http';
import { AccountControl, IDENTITY_CHECKS, type IdentityCheck } from '../services/account-control.js';

class SessionsEnded {
  /** 0 for a repeat. */
  readonly sessionsEnded!: number;
}

class ResetFactorsBody {
  @IsIn(IDENTITY_CHECKS) identityCheck!: IdentityCheck;
}

/** What an admin does to others' accounts; every act ends their sessions. */
@Controller('api/v1/staff/:id')
@Allow('admin')
@StepUp()
export class AccountsController {
  constructor(private readonly accounts: AccountControl) {}

  @Post('end-sessions')
  @HttpCode(200)
  async endSessions(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) id: string,
  ): Promise<SessionsEnded> {
    return { sessionsEnded: await this.accounts.endSessions(caller, claim, id) };
  }

  @Post('disable')
  @HttpCode(200)
  async disable(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) id: string,
  ): Promise<SessionsEnded> {
    return { sessionsEnded: await this.accounts.disable(caller, claim, id) };
  }

  @Post('enable')
  @HttpCode(200)
  async enable(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) id: string,
  ): Promise<SessionsEnded> {
    return { sessionsEnded: await this.accounts.enable(caller, claim, id) };
  }

  /** For somebody who lost their second factor, after a look at who they are. */
  @Post('reset-factors')
  @HttpCode(200)
  async resetFactors(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) id: string,
    @Body() body: ResetFactorsBody,
  ): Promise<SessionsEnded> {
    return { sessionsEnded: await this.accounts.resetFactors(caller, claim, id, body.identityCheck) };
  }
}
