import { Controller, Get, Param, Query } from '@nestjs/common';
import { Type as As } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { Allow, Caller, type Principal } from '@avtala/access';
import { IdPipe } from '@avtala/http';
import { LoginHistory, type SignInRow } from '../services/login-history.service.js';

class Page {
  @IsOptional() @As(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  /** Last id of the page before. */
  @IsOptional() @IsUUID() after?: string;
}

export class SignInItem {
  readonly id!: string;
  readonly at!: string;
  /** `sign-in.succeeded`, `second-factor.refused`, `passkey.added` … */
  readonly act!: string;
  /** password, totp, passkey, oidc, recovery-code; null where nothing was proved. */
  readonly method!: string | null;
  readonly result!: 'ok' | 'refused' | 'backed-off';
  readonly sessionId!: string | null;
  /** IPv4 /24 or IPv6 /48. */
  readonly network!: string | null;
  /** Family of browser and system. */
  readonly agent!: string | null;
}

export class SignInPage {
  readonly items!: SignInItem[];
  readonly next!: string | null;
}

/** Login history, newest first (G2). */
@Controller('api/v1')
export class SignInsController {
  constructor(private readonly history: LoginHistory) {}

  @Get('me/sign-ins')
  @Allow('admin', 'supervisor', 'booker', 'dpo', 'client')
  async own(@Caller() caller: Principal, @Query() page: Page): Promise<SignInPage> {
    return pageOf(await this.history.own(caller, page), page);
  }

  @Get('staff/:id/sign-ins')
  @Allow('admin', 'dpo')
  async ofPerson(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Query() page: Page,
  ): Promise<SignInPage> {
    return pageOf(await this.history.ofPerson(caller, id, page), page);
  }
}

function pageOf(found: readonly SignInRow[], page: Page): SignInPage {
  const items = found.map(({ id, at, act, method, result, session_id, network, agent }): SignInItem => ({
    id,
    at: at.toISOString(),
    act,
    method,
    result: result as SignInItem['result'],
    sessionId: session_id,
    network,
    agent,
  }));
  return { items, next: items.length === page.limit ? items.at(-1)!.id : null };
}
