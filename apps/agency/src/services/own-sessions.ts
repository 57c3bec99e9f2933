import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  AccessOptions,
  type Principal,
  type Role,
  SecondFactorRequired,
  SESSION_SECONDS,
  sessionCookie,
} from '@avtala/access';
import { affected, rows } from '@avtala/database';
import { CeremonyRefused } from '../domain/errors.js';
import { AccountLife } from './account-life.js';
import { AuthEvents } from './auth-events.js';

export interface Proved {
  readonly userId: string;
  readonly aal: 1 | 2;
  readonly method: 'passkey' | 'identity-provider' | 'recovery-code';
  /** When the person proved it; the provider may have asked them hours ago. Real time. */
  readonly authTime?: Temporal.Instant;
  /** At the identity provider: what signs out there, and its id of the session. */
  readonly provider?: { readonly issuer: string; readonly sid: string | null; readonly hint: string };
}

/** Sessions that our own ceremonies open, beside those of the library, in the same table. */
@Injectable()
export class OwnSessions {
  constructor(
    private readonly events: AuthEvents,
    private readonly life: AccountLife,
    private readonly options: AccessOptions,
  ) {}

  /** Signs in; or, with the same person's session already there, raises it: new token, new authTime (ASVS 7.2.4).
   * @returns the Set-Cookie line
   * @throws CeremonyRefused the account is switched off, or the session that is there is somebody else's
   * @throws SecondFactorRequired one factor does not renew the proof of a session that has two */
  async open(tx: EntityManager, proved: Proved, before?: Principal): Promise<string> {
    if (before && before.userId !== proved.userId) throw new CeremonyRefused(401, 'signed-in-as-other');
    if (before?.aal === 2 && proved.aal === 1) throw new SecondFactorRequired();
    const [user] = await rows<{ role: Role }>(
      tx,
      `select role from auth_user where id = $1 and disabled_at is null for no key update`,
      [proved.userId],
    );
    if (!user) throw new CeremonyRefused(401, 'sign-in-refused');
    const token = randomBytes(24).toString('base64url');
    const at = (proved.authTime ?? Temporal.Instant.fromEpochMilliseconds(Date.now())).toString();
    const sessionId = before
      ? await raise(tx, before.sessionId, token, proved.aal, at)
      : await insert(tx, token, proved, at);
    await this.life.used(tx, proved.userId);
    const { aal } = proved;
    await this.events.record(tx, {
      action: before ? 'step-up.succeeded' : aal === 2 ? 'sign-in.succeeded' : 'sign-in.password-accepted',
      userId: proved.userId,
      role: user.role,
      sessionId,
      aal,
      detail: { method: proved.method },
    });
    return sessionCookie(token, this.options.authSecret);
  }
}

async function insert(tx: EntityManager, token: string, proved: Proved, authTime: string): Promise<string> {
  const id = randomUUID();
  const { provider } = proved;
  await tx.query(
    `insert into auth_session (id, token, "userId", "expiresAt", "updatedAt", aal, auth_time, method, provider_issuer, provider_sid, provider_hint)
     values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4), clock_timestamp(), $5, $6, $7, $8, $9, $10)`,
    [
      id,
      token,
      proved.userId,
      SESSION_SECONDS,
      proved.aal,
      authTime,
      proved.method === 'recovery-code' ? 'password' : proved.method,
      provider?.issuer ?? null,
      provider?.sid ?? null,
      provider?.hint ?? null,
    ],
  );
  return id;
}

async function raise(tx: EntityManager, id: string, token: string, aal: 1 | 2, authTime: string): Promise<string> {
  const raised = await affected(
    tx,
    `update auth_session set token = $2, aal = greatest(aal, $3), auth_time = greatest(auth_time, $4), seen_at = clock_timestamp() where id = $1`,
    [id, token, aal, authTime],
  );
  if (!raised) throw new CeremonyRefused(401, 'sign-in-refused'); // ended in the meantime
  return id;
}

/** Ends a person's sessions, all but `keep`. @returns how many */
export function endSessions(tx: EntityManager, userId: string, keep?: string): Promise<number> {
  return affected(tx, `delete from auth_session where "userId" = $1 and id is distinct from $2::uuid`, [
    userId,
    keep ?? null,
  ]);
}
