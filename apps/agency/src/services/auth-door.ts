import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import {
  AccessOptions,
  type Principal,
  requireOwnOrigin,
  SecondFactorRequired,
  Sessions,
  sessionTokenOf,
  SignInRequired,
} from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { AuthHistory } from './auth-history.js';
import { Factors } from './factors.js';
import { LibraryCeremonies } from './library-ceremonies.js';
import { OwnCeremonies } from './own-ceremonies.js';

export interface Asked {
  readonly method: string;
  /** Below /api/auth, e.g. `/sign-in/email`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** The client's address as the connection (or a trusted proxy) gives it. */
  readonly address: string;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly cookies: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** `enrolling`: may add a second factor (Factors.requireMayEnrol). */
export type Who = 'anyone' | 'signed-in' | 'enrolling' | 'two-factor';

/** Ceremonies of one kind, by `METHOD /path`. */
export interface Ceremonies {
  readonly open: Readonly<Record<string, Who>>;
  answer(route: string, asked: Asked, caller: Principal | undefined): Promise<Answered>;
}

/** The gate in front of everything that signs people in: what is open and to whom, and where requests may come from. What is not listed by
 * either kind of ceremony is answered like a page that does not exist. */
@Injectable()
export class AuthDoor {
  constructor(
    private readonly library: LibraryCeremonies,
    private readonly own: OwnCeremonies,
    private readonly sessions: Sessions,
    private readonly factors: Factors,
    private readonly history: AuthHistory,
    private readonly options: AccessOptions,
  ) {}

  async answer(asked: Asked): Promise<Answered> {
    const route = `${asked.method} ${asked.path}`;
    const ceremonies: Ceremonies = Object.hasOwn(this.own.open, route) ? this.own : this.library;
    if (!Object.hasOwn(ceremonies.open, route)) throw new Missing('page');
    // With and without a cookie: a foreign page must not sign anybody in either.
    requireOwnOrigin(asked, this.options.ownOrigins);
    const caller = await this.callerOf(asked);
    await this.require(ceremonies.open[route]!, caller);
    return this.history.of(route, asked, caller, () => ceremonies.answer(route, asked, caller));
  }

  private async require(who: Who, caller: Principal | undefined): Promise<void> {
    if (who === 'anyone') return;
    if (!caller) throw new SignInRequired();
    if (who === 'two-factor' && caller.aal !== 2) throw new SecondFactorRequired();
    if (who === 'enrolling') await this.factors.requireMayEnrol(caller);
  }

  private async callerOf(asked: Asked): Promise<Principal | undefined> {
    const token = sessionTokenOf(asked.headers.cookie, this.options.authSecret);
    return token ? this.sessions.principalOf(token) : undefined;
  }
}
