import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccessOptions } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { ResetNotUsable } from '../domain/errors.js';
import { AuthEvents } from './auth-events.js';
import { endSessions } from './own-sessions.js';
import { hashPassword, requireGoodPassword } from './passwords.js';
import { idOfResetToken, RESET_MINUTES } from './reset-token.js';

interface Owner {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
}

/** A new password by a link in a mail, good once and for half an hour. It takes no second factor away and opens no session (ASVS 6.4.3). */
@Injectable()
export class PasswordReset {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly clock: Clock,
    private readonly events: AuthEvents,
    private readonly options: AccessOptions,
  ) {}

  /** Writes down what was typed, and no more: whether there is such an account is found out by the due work, so the answer and its time are
   * the same for everybody (ASVS 6.3.8). */
  async ask(email: string): Promise<void> {
    const id = randomUUIDv7();
    await this.db.withScope(noEngagement, async (tx) => {
      await tx.query(`delete from password_reset where expires_at < clock_timestamp() - interval '1 day'`);
      await tx.query(
        `insert into password_reset (reset_id, asked_for, expires_at) values ($1, $2, clock_timestamp() + make_interval(mins => $3))`,
        [id, email.trim().toLowerCase(), RESET_MINUTES],
      );
      await this.due.schedule(tx, { kind: 'password-reset', key: id, dueAt: this.clock.now(), background: true });
    });
  }

  /** @throws ResetNotUsable, PasswordRefused */
  async complete(token: string, newPassword: string): Promise<void> {
    const id = idOfResetToken(this.options.authSecret, token);
    if (!id) throw new ResetNotUsable();
    // Looked up before the costly hash, taken for good after it.
    const { name, email } = await this.db.withScope(noEngagement, (tx) => usable(tx, id));
    requireGoodPassword(newPassword, [email, name]);
    const hash = await hashPassword(newPassword);
    await this.db.withScope(noEngagement, async (tx) => {
      const owner = await usable(tx, id, 'for update of r');
      await tx.query(`delete from password_reset where user_id = $1`, [owner.user_id]);
      await tx.query(
        `update auth_account set password = $2, "updatedAt" = clock_timestamp() where "userId" = $1 and "providerId" = 'credential'`,
        [owner.user_id, hash],
      );
      const ended = await endSessions(tx, owner.user_id);
      // Challenges between the old password and its second factor are over too.
      await tx.query(`delete from auth_verification where value = $1`, [owner.user_id]);
      await this.events.record(tx, {
        action: 'password.reset',
        userId: owner.user_id,
        detail: { sessionsEnded: ended },
      });
    });
  }
}

/** @throws ResetNotUsable */
async function usable(tx: EntityManager, id: string, lock = ''): Promise<Owner> {
  const [owner] = await rows<Owner>(
    tx,
    `select r.user_id, u.name, u.email from password_reset r join auth_user u on u.id = r.user_id
      where r.reset_id = $1 and r.used_at is null and r.expires_at > clock_timestamp() and u.disabled_at is null ${lock}`,
    [id],
  );
  if (!owner) throw new ResetNotUsable();
  return owner;
}
