import { AppError } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { type Cause, causeOfDelay } from '../domain/causes.js';
import { DailyLimit } from '../outbound/vendor-errors.js';
import { noteError } from '../storage/connection-health.js';
import { delayed } from '../storage/pushes.js';

/** After the vendor's midnight, everybody's first call at once would be the next limit. */
const SPREAD_SECONDS = 60;

/** Says on the sync screen why something has not left yet, and when it will be tried again. */
@Injectable()
export class PushDelays {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly clock: Clock,
  ) {}

  /** @param left items that did not come through; those that rest until the vendor's day is over are taken out */
  async note(connectionId: string, left: Set<DueItem>, error: unknown): Promise<void> {
    try {
      if (error instanceof DailyLimit) return await this.rest(connectionId, left, error.until);
      const later = error instanceof AppError && error.kind === 'later';
      const over = [...left].filter((i) => !later && i.lastTry);
      const again = [...left].filter((i) => later || !i.lastTry);
      const code = error instanceof AppError ? error.code : 'internal';
      const cause: Cause = later ? causeOfDelay(code) : 'internal';
      await this.db.withScope(scopeOf([...left][0]!.engagementId), (tx) =>
        noteError(tx, connectionId, this.clock.now(), code),
      );
      await this.say(connectionId, again, { state: 'retrying', cause, code });
      await this.say(connectionId, over, { state: 'parked', cause: 'given-up', code });
    } catch (failed) {
      log.warn('crm.delay-not-noted', { connectionId, rows: left.size }, failed); // the work itself is tried again all the same
    }
  }

  /** Work that the vendor's day stops goes on when that day is over, instead of asking again and again. */
  async unlessLimited(item: DueItem, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DailyLimit)) throw error;
      await this.db.withScope(scopeOf(item.engagementId), (tx) => this.due.again(tx, item, { dueAt: error.until }));
    }
  }

  private async say(
    connectionId: string,
    items: readonly DueItem[],
    to: { state: 'retrying' | 'parked'; cause: Cause; code: string },
  ): Promise<void> {
    if (items.length === 0) return;
    const leadIds = items.flatMap((i) => (i.leadId ? [i.leadId] : []));
    await this.db.withScope(scopeOf(items[0]!.engagementId), (tx) =>
      delayed(tx, { connectionId, leadIds }, to, this.clock.now()),
    );
  }

  private async rest(connectionId: string, left: Set<DueItem>, until: Temporal.Instant): Promise<void> {
    const items = [...left];
    const leadIds = items.flatMap((i) => (i.leadId ? [i.leadId] : []));
    await this.db.withScope(scopeOf(items[0]!.engagementId), async (tx) => {
      const to = { state: 'queued', cause: 'daily-limit', code: 'daily-limit' } as const;
      await delayed(tx, { connectionId, leadIds }, to, this.clock.now());
      for (const [i, item] of items.entries())
        await this.due.again(tx, item, { dueAt: until.add({ seconds: i % SPREAD_SECONDS }) });
    });
    for (const item of items) left.delete(item);
  }
}
