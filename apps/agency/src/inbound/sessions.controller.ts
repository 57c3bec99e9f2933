import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { Allow, Caller, type Principal, ROLES } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim, IdPipe } from '@avtala/http';
import { SessionList } from '../services/session-list.js';

class SessionAnswer {
  readonly id!: string;
  /** The one this request came with. */
  readonly current!: boolean;
  /** password, passkey or identity-provider. */
  readonly method!: string;
  readonly secondFactor!: boolean;
  /** Where from, roughly: /24 or /48. */
  readonly network!: string | null;
  /** Family of browser and system. */
  readonly agent!: string | null;
  readonly signedInAt!: string;
  readonly lastSeenAt!: string;
}

class SessionsAnswer {
  readonly sessions!: SessionAnswer[];
}

class EndedAnswer {
  readonly ended!: number;
}

@Controller('api/v1/me/sessions')
@Allow(...ROLES)
export class SessionsController {
  constructor(private readonly sessions: SessionList) {}

  @Get()
  async list(@Caller() caller: Principal): Promise<SessionsAnswer> {
    return { sessions: await this.sessions.of(caller) };
  }

  @Delete(':id')
  @HttpCode(204)
  async end(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<void> {
    await this.sessions.end(caller, id);
  }

  /** A repeat finds nothing left to end. */
  @Post('end-others')
  @HttpCode(200)
  async endOthers(@Caller() caller: Principal, @IdempotentKey() _claim: IdempotencyClaim): Promise<EndedAnswer> {
    return { ended: await this.sessions.endOthers(caller) };
  }
}
