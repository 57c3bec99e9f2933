import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccessOptions, type Role } from '@avtala/access';
import { affected, Db, noEngagement, rows } from '@avtala/database';
import { AccountLife } from './account-life.js';
import { AuthEvents } from './auth-events.js';

interface Proof {
  readonly userId: string;
  /** The session that is raised to two factors. */
  readonly token: string;
  readonly code: string;
}

/** What a right second factor is worth: once, and only then the session counts as two-factor. */
@Injectable()
export class SignInProof {
  constructor(
    private readonly db: Db,
    private readonly events: AuthEvents,
    private readonly life: AccountLife,
    private readonly options: AccessOptions,
  ) {}

  /** Marks the code as used and raises the session in one transaction. The library accepts a code twice (its issue #10387; ASVS 6.5.1):
   * the primary key does not, however close two tries are.
   * @returns false when the code was used before, or the account is switched off; the session is then gone */
  async accept(proof: Proof): Promise<boolean> {
    const codeHash = createHmac('sha256', this.options.authSecret)
      .update(`totp\0${proof.userId}\0${proof.code}`)
      .digest();
    return this.db.withScope(noEngagement, async (tx) => {
      // The account before its session, as everybody locks them. One that is switched off gets the answer of a wrong code.
      const active = await rows(tx, `select 1 from auth_user where id = $1 and disabled_at is null for no key update`, [
        proof.userId,
      ]);
      if (active.length === 0) {
        await tx.query(`delete from auth_session where token = $1`, [proof.token]);
        return false;
      }
      await this.life.used(tx, proof.userId);
      await tx.query(`delete from totp_used where used_at < clock_timestamp() - interval '5 minutes'`);
      const first = await affected(
        tx,
        `insert into totp_used (user_id, code_hash) values ($1, $2) on conflict do nothing`,
        [proof.userId, codeHash],
      );
      if (!first) {
        await tx.query(`delete from auth_session where token = $1 and aal = 1`, [proof.token]);
        return false;
      }
      const [session] = await rows<{ id: string; role: Role }>(
        tx,
        `update auth_session s set aal = 2, auth_time = clock_timestamp(), seen_at = clock_timestamp()
           from auth_user u where s.token = $1 and u.id = s."userId" returning s.id, u.role`,
        [proof.token],
      );
      if (!session) return false;
      const { id: sessionId, role } = session;
      const { userId } = proof;
      await this.events.record(tx, { action: 'sign-in.proved', method: 'totp', userId, role, sessionId, aal: 2 });
      return true;
    });
  }

  /** A step-up gives the session a new token (ASVS 7.2.4). */
  async renewToken(token: string, fresh: string): Promise<void> {
    await this.db.withScope(noEngagement, (tx) =>
      tx.query(`update auth_session set token = $2 where token = $1`, [token, fresh]),
    );
  }
}
