import {
  LeadObjected,
  LeadRegistered,
  type EngagementChanged,
  type EngagementEnded,
  type EngagementStarted,
  type ErasureReason,
  type LeadErasureAsked,
} from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { engagementDates, informBy } from '../domain/erasure-dates.js';
import {
  insertInformBy,
  keepTerms,
  lockTimer,
  nextInformBy,
  setEraseBy,
  setTold,
  untoldLeads,
} from '../storage/clocks.js';
import { engagementOrder } from '../storage/orders.js';
import { INFORM, ORDER_ENGAGEMENT, ORDER_LEAD, Orders } from './orders.service.js';

/** Orders given in one transaction when a month without a word is over for many. */
const AT_ONCE = 100;

/** Legal clocks: an engagement's end starts one, a person taken in starts one. They run out into orders. */
@Injectable()
export class Clocks {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly orders: Orders,
  ) {}

  /** A7, E1: from the end on, the date of erasing follows from X, and from X again when it is changed. */
  async engagement(tx: EntityManager, e: EngagementStarted | EngagementChanged | EngagementEnded): Promise<void> {
    const terms = await keepTerms(tx, e);
    if (!terms?.endedAt || (await engagementOrder(tx, e.engagementId))) return;
    const dates = engagementDates(
      Temporal.Instant.fromEpochMilliseconds(terms.endedAt.getTime()),
      terms.retentionMonths,
    );
    await setEraseBy(tx, e.engagementId, dates.eraseBy.toString());
    const { engagementId } = e;
    const work = { kind: ORDER_ENGAGEMENT, key: engagementId, engagementId, dueAt: dates.erasesFrom };
    await this.due.schedule(tx, work, { replace: true });
  }

  /** B8: starts the month. One due row for an engagement: a hundred thousand people are one timer. */
  async registered(tx: EntityManager, events: readonly LeadRegistered[]): Promise<void> {
    const clocks = events.map(({ engagementId, leadId, obtainedAt }) => {
      return { engagementId, leadId, at: informBy(Temporal.Instant.from(obtainedAt)) };
    });
    await insertInformBy(
      tx,
      clocks.map((c) => ({ ...c, informBy: c.at.toString() })),
    );
    const first = new Map<string, Temporal.Instant>();
    for (const { engagementId, at } of clocks) {
      const earliest = first.get(engagementId);
      if (!earliest || Temporal.Instant.compare(at, earliest) < 0) first.set(engagementId, at);
    }
    // In the order of the ids: two batches with several engagements must not wait for each other's rows.
    for (const [engagementId, dueAt] of [...first].sort(([a], [b]) => (a < b ? -1 : 1)))
      await this.due.schedule(tx, { kind: INFORM, key: engagementId, engagementId, dueAt });
  }

  /** B8: the person was told, by a voice or by the first message. */
  told(
    tx: EntityManager,
    people: readonly { engagementId: string; leadId: string; toldAt: string }[],
  ): Promise<void> | undefined {
    return people.length ? setTold(tx, people) : undefined;
  }

  /** F5: a "no" erases; the order itself is given by a timer, apart from this batch. */
  objected(tx: EntityManager, e: LeadObjected): Promise<void> {
    return this.orderSoon(tx, e, 'objection');
  }

  erasureAsked(tx: EntityManager, e: LeadErasureAsked): Promise<void> {
    return this.orderSoon(tx, e, e.reason);
  }

  private async orderSoon(
    tx: EntityManager,
    { leadId, engagementId }: { leadId: string; engagementId: string },
    reason: ErasureReason,
  ): Promise<void> {
    const payload = { reason };
    // What the person says themselves goes before what staff asked for: it suppresses as well.
    const replace = reason === 'objection';
    return this.due.schedule(
      tx,
      {
        kind: ORDER_LEAD,
        key: leadId,
        engagementId,
        leadId,
        dueAt: this.clock.now(),
        payload,
      },
      { replace },
    );
  }

  orderLead(item: DueItem): Promise<void> {
    return this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const { engagementId, key: leadId } = item;
      const { reason } = item.payload as { reason: ErasureReason };
      await this.orders.forLead(tx, { engagementId, leadId, reason });
      await this.due.done(tx, item);
    });
  }

  orderEngagement(item: DueItem): Promise<void> {
    return this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      await this.orders.forEngagement(tx, item.engagementId);
      await this.due.done(tx, item);
    });
  }

  /** B8: whoever was not told within the month is erased. */
  inform(item: DueItem): Promise<void> {
    const { engagementId } = item;
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const now = this.clock.now();
      const untold = await untoldLeads(tx, engagementId, now.toString(), AT_ONCE);
      for (const leadId of untold) await this.orders.forLead(tx, { engagementId, leadId, reason: 'not-informed' });
      // Locked before the next date is read: a registration that comes now waits, and then finds the row to make earlier.
      await lockTimer(tx, item.id);
      const next = await nextInformBy(tx, engagementId);
      if (next) await this.due.again(tx, item, { dueAt: Temporal.Instant.fromEpochMilliseconds(next.getTime()) });
      else await this.due.done(tx, item);
    });
  }
}
