import { Injectable } from '@nestjs/common';
import { AccessOptions, type Principal, SESSION_COOKIE, signedCookie } from '@avtala/access';
import { AppError } from '@avtala/contracts';
import { Db, noEngagement, rows } from '@avtala/database';
import type { Asked } from './auth-door.js';
import { type AuthEvent, AuthEvents, type AuthResult } from './auth-events.js';

/** Ceremonies that prove who somebody is: what their refusals are called. */
const PROOFS: Readonly<Record<string, { action: string; method: string }>> = {
  'POST /sign-in/email': { action: 'sign-in.refused', method: 'password' },
  'POST /two-factor/verify-totp': { action: 'second-factor.refused', method: 'totp' },
  'POST /two-factor/enable': { action: 'second-factor.refused', method: 'password' },
  'POST /change-password': { action: 'password.refused', method: 'password' },
};
/** Kinds of own ceremonies, by the beginning of their path. */
const OWN: readonly (readonly [RegExp, string])[] = [
  [/passkey/, 'passkey'],
  [/recovery/, 'recovery-code'],
  [/(provider|oidc)/, 'oidc'],
];
/** What the library did itself and nobody below has recorded. */
const DONE: Readonly<Record<string, { action: string; method: string | undefined }>> = {
  'POST /sign-in/email': { action: 'sign-in.password-accepted', method: 'password' },
  'POST /two-factor/enable': { action: 'second-factor.begun', method: 'totp' },
  'POST /change-password': { action: 'password.changed', method: 'password' },
  'POST /revoke-other-sessions': { action: 'sessions.ended', method: undefined },
};
/** Told once a minute for each account and network, or a flood of tries would be a flood of entries. */
const QUIET_MS = 60_000;
const MOST_REMEMBERED = 10_000;

/** The outcome of every ceremony at the door of sign-in, refusals included (G2). What was typed as address is used to find the account, and
 * is not kept: an unknown one leaves an entry about nobody. */
@Injectable()
export class AuthHistory {
  private readonly told = new Map<string, number>();

  constructor(
    private readonly db: Db,
    private readonly events: AuthEvents,
    private readonly options: AccessOptions,
  ) {}

  /** Runs a ceremony. What it answers is given out only once its entry is written. */
  async of<T>(route: string, asked: Asked, caller: Principal | undefined, ceremony: () => Promise<T>): Promise<T> {
    return this.events.during(asked, async () => {
      let answer: T;
      try {
        answer = await ceremony();
      } catch (error) {
        await this.refused(route, asked, caller, error);
        throw error;
      }
      const done = DONE[route];
      if (done) await this.record(asked, caller, { ...done });
      return answer;
    });
  }

  private async refused(route: string, asked: Asked, caller: Principal | undefined, error: unknown): Promise<void> {
    const proof = PROOFS[route] ?? ownProof(route, asked);
    if (!proof || !(error instanceof AppError) || error.kind === 'missing') return;
    const result: AuthResult = error.kind === 'too-many' ? 'backed-off' : 'refused';
    if (result === 'backed-off' && this.toldLately(`${asked.address} ${route} ${typed(asked) ?? caller?.userId ?? ''}`))
      return;
    const { code } = error;
    await this.record(asked, caller, { ...proof, result, detail: { code } });
  }

  private async record(
    asked: Asked,
    caller: Principal | undefined,
    event: { action: string; method: string | undefined; result?: AuthResult; detail?: AuthEvent['detail'] },
  ): Promise<void> {
    const { method, ...rest } = event;
    const challenge = signedCookie(asked.headers.cookie, `${SESSION_COOKIE}.two_factor`, this.options.authSecret);
    await this.db.withScope(noEngagement, async (tx) => {
      // One statement whether the account is there or not, so that the time tells nothing (ASVS 6.3.8).
      const [found] = await rows<{ id: string | null }>(
        tx,
        `select coalesce($1::uuid, (select id from auth_user where email = $2),
                         (select value::uuid from auth_verification where identifier = $3)) as id`,
        [caller?.userId ?? null, typed(asked), challenge ?? null],
      );
      const by = caller ? { role: caller.role, sessionId: caller.sessionId, aal: caller.aal } : {};
      const userId = found?.id ?? undefined;
      await this.events.record(tx, { ...rest, ...by, ...(method ? { method } : {}), ...(userId ? { userId } : {}) });
    });
  }

  private toldLately(key: string): boolean {
    const now = Date.now();
    if (now - (this.told.get(key) ?? -Infinity) < QUIET_MS) return true;
    if (this.told.size >= MOST_REMEMBERED) this.told.clear();
    this.told.set(key, now);
    return false;
  }
}

/** What was typed as the account's address, as the library looks it up. */
function typed(asked: Asked): string | null {
  const email =
    typeof asked.body === 'object' && asked.body !== null && 'email' in asked.body ? asked.body.email : null;
  return typeof email === 'string' ? email.toLowerCase() : null;
}

function ownProof(route: string, asked: Asked): { action: string; method: string } | undefined {
  const method = OWN.find(([pattern]) => pattern.test(asked.path))?.[1];
  return method && route.startsWith('POST ') ? { action: `${method}.refused`, method } : undefined;
}
