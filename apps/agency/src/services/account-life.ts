import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { idleDates } from '../domain/account-life.js';
import { IdleReminder } from './idle-reminder.js';

export const IDLE = 'account-idle';

interface Account {
  readonly name: string;
  readonly email: string;
  readonly active_at: Date;
  readonly signed_in: boolean;
}

/** Accounts that nobody uses: a reminder after 23 months, deletion after 24 (E2). Business time, as every promise about keeping data. */
@Injectable()
export class AccountLife implements OnApplicationBootstrap {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly clock: Clock,
    private readonly reminder: IdleReminder,
    private readonly audit: AuditTrail,
  ) {}

  /** Accounts made since the last start, or before there was this rule, and never signed in with: their clock runs too. */
  async onApplicationBootstrap(): Promise<void> {
    await this.db.withScope(noEngagement, async (tx) => {
      const without = await rows<{ id: string; active_at: Date }>(
        tx,
        `select id, active_at from auth_user u where not exists (select 1 from due d where d.kind = $1 and d.key = u.id::text)`,
        [IDLE],
      );
      for (const { id, active_at } of without) await this.scheduleFrom(tx, id, instant(active_at));
    });
  }

  /** In the transaction of a sign-in: the two years begin anew. */
  async used(tx: EntityManager, userId: string): Promise<void> {
    const now = this.clock.now();
    await tx.query(`update auth_user set active_at = $2 where id = $1`, [userId, now.toString()]);
    await this.scheduleFrom(tx, userId, now);
  }

  /** Due work: reminds, deletes, or waits on. A second run finds the reminder noted or the account gone. */
  async idle(item: DueItem): Promise<void> {
    const now = this.clock.now();
    const account = await this.db.withScope(noEngagement, (tx) => accountOf(tx, item.key));
    if (!account) return this.db.withScope(noEngagement, (tx) => this.due.done(tx, item));
    const { remindAt, deleteAt } = idleDates(instant(account.active_at));
    const later = (dueAt: Temporal.Instant, payload = {}) =>
      this.db.withScope(noEngagement, (tx) => this.due.again(tx, item, { dueAt, payload }));
    if (account.signed_in) return this.db.withScope(noEngagement, (tx) => this.stillUsed(tx, item, now));
    if (isBefore(now, remindAt)) return later(remindAt);
    if (item.payload['reminded'] !== true) {
      await this.reminder.send(item.key, account, deleteAt);
      return later(deleteAt, { reminded: true });
    }
    if (isBefore(now, deleteAt)) return later(deleteAt, { reminded: true });
    await this.db.withScope(noEngagement, (tx) => this.remove(tx, item));
  }

  private async stillUsed(tx: EntityManager, item: DueItem, now: Temporal.Instant): Promise<void> {
    await tx.query(`update auth_user set active_at = $2 where id = $1`, [item.key, now.toString()]);
    await this.due.again(tx, item, { dueAt: idleDates(now).remindAt, payload: {} });
  }

  /** Looks once more under the row's lock, which a sign-in takes too: whoever comes at the last moment keeps the account. */
  private async remove(tx: EntityManager, item: DueItem): Promise<void> {
    const account = await accountOf(tx, item.key, 'for update of u');
    if (!account) return this.due.done(tx, item);
    const { deleteAt } = idleDates(instant(account.active_at));
    if (account.signed_in || isBefore(this.clock.now(), deleteAt)) return this.stillUsed(tx, item, this.clock.now());
    await tx.query(`update invitation set invited_by = null where invited_by = $1`, [item.key]);
    await tx.query(`delete from invitation where email = $1`, [account.email]);
    await tx.query(`delete from auth_verification where value = $1`, [item.key]);
    await tx.query(`delete from auth_user where id = $1`, [item.key]);
    await this.audit.record(tx, {
      action: 'account.deleted',
      principal: { kind: 'service', service: 'agency', purpose: IDLE, eventId: item.id },
      detail: { userId: item.key },
    });
    await this.due.done(tx, item);
  }

  private scheduleFrom(tx: EntityManager, userId: string, activeAt: Temporal.Instant): Promise<void> {
    return this.due.schedule(
      tx,
      { kind: IDLE, key: userId, dueAt: idleDates(activeAt).remindAt, payload: {} },
      { replace: true },
    );
  }
}

/** Sessions run on real time: who has one that is alive is here now, whatever the business clock says. */
async function accountOf(tx: EntityManager, userId: string, lock = ''): Promise<Account | undefined> {
  const [account] = await rows<Account>(
    tx,
    `select u.name, u.email, u.active_at,
            exists (select 1 from auth_session s where s."userId" = u.id and s.seen_at > clock_timestamp() - interval '1 hour'
                       and s."createdAt" > clock_timestamp() - interval '12 hours') as signed_in
       from auth_user u where u.id = $1 ${lock}`,
    [userId],
  );
  return account;
}

const instant = (date: Date): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(date.getTime());
const isBefore = (a: Temporal.Instant, b: Temporal.Instant): boolean => Temporal.Instant.compare(a, b) < 0;
