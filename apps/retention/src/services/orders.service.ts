import { randomUUIDv7 } from 'node:crypto';
import { EngagementErasureOrdered, LeadErasureOrdered, LeadSaidNo, type ErasureReason } from '@avtala/contracts';
import { buryEngagement, buryLead, Due, Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { clearsAt, engagementDates, leadOrderJudgedAt } from '../domain/erasure-dates.js';
import { findEngagementClock } from '../storage/clocks.js';
import { engagementOrder, insertOrder, leadOrder, lockOrder, type Order } from '../storage/orders.js';

/** Kinds of due work. The last three belong to an order, and have its id as key. */
export const ORDER_ENGAGEMENT = 'order-engagement';
export const ORDER_LEAD = 'order-lead';
export const INFORM = 'inform';
export const CLEAR = 'clear';
export const JUDGE = 'judge';
export const FORGET = 'forget';
const OF_AN_ORDER = [CLEAR, JUDGE, FORGET];

/** Even an order that comes late, because we were down, leaves its holders two days. */
const LEAST_TIME = { hours: 48 };

/** A person's own word. */
const isNo = (reason: ErasureReason): reason is 'request' | 'objection' =>
  reason === 'request' || reason === 'objection';

/** Whether a word says more than the order that is there: an objection may be towards one client, a request is towards all of them. */
const saysMore = (word: 'request' | 'objection', earlier: ErasureReason): boolean =>
  word === 'request' ? earlier !== 'request' : !isNo(earlier);

/** Gives erasure orders: one for a person, one for an engagement. Whoever orders again is given the order that is there.
 * Never called from a consumer: burying waits for the engagement's batches, and a consumer is one of them. */
@Injectable()
export class Orders {
  constructor(
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly outbox: Outbox,
  ) {}

  /** @returns id of the order by which this person is erased, the engagement's when that is under way; `tooLate`: keys are being destroyed, so that
   * what the person says now is perhaps not kept */
  async forLead(
    tx: EntityManager,
    o: { engagementId: string; leadId: string; reason: ErasureReason },
  ): Promise<{ id: string; isNew: boolean; tooLate?: boolean }> {
    const { engagementId, leadId, reason } = o;
    const earlier = (await leadOrder(tx, leadId)) ?? (await engagementOrder(tx, engagementId));
    if (earlier) return { id: earlier.id, isNew: false, tooLate: await this.saidSince(tx, earlier, leadId, reason) };
    const id = randomUUIDv7();
    await buryLead(tx, { leadId, engagementId, orderId: id });
    const now = this.clock.now();
    const judgedAt = leadOrderJudgedAt(now);
    const order = {
      id,
      engagementId,
      leadId,
      reason,
      eraseBy: null,
      orderedAt: now.toString(),
      judgedAt: judgedAt.toString(),
    };
    if (!(await insertOrder(tx, order))) return { id: (await leadOrder(tx, leadId))!.id, isNew: false };
    await this.outbox.append(
      tx,
      LeadErasureOrdered.of({ orderId: id, leadId, engagementId, reason, orderedAt: order.orderedAt }),
    );
    await this.due.cancel(tx, { leadId });
    // Who asks again is told by the order, not by the clock: retention can forget the person at once.
    await this.due.schedule(tx, { kind: FORGET, key: id, engagementId, dueAt: now });
    await this.schedule(tx, id, engagementId, now, judgedAt);
    return { id, isNew: true };
  }

  /** The order that is there was given for another reason, which suppresses fewer or nobody: what the person says now counts all the same (B5).
   * The order's lock puts their word before `cleared`, or finds it said. @returns whether it was */
  private async saidSince(tx: EntityManager, earlier: Order, leadId: string, reason: ErasureReason): Promise<boolean> {
    if (!isNo(reason) || !saysMore(reason, earlier.reason)) return false;
    const { id: orderId, engagementId, state } = (await lockOrder(tx, earlier.id))!;
    await this.outbox.append(tx, LeadSaidNo.of({ leadId, engagementId, reason, orderId }));
    return state !== 'ordered';
  }

  /** @returns id of the order, undefined while the engagement's clock does not run */
  async forEngagement(tx: EntityManager, engagementId: string): Promise<string | undefined> {
    const clock = await findEngagementClock(tx, engagementId);
    if (!clock?.endedAt) return undefined;
    const earlier = await engagementOrder(tx, engagementId);
    if (earlier) return earlier.id;
    const id = randomUUIDv7();
    await buryEngagement(tx, { engagementId, orderId: id });
    const now = this.clock.now();
    const dates = engagementDates(
      Temporal.Instant.fromEpochMilliseconds(clock.endedAt.getTime()),
      clock.retentionMonths,
    );
    const soonest = now.add(LEAST_TIME);
    const judgedAt = Temporal.Instant.compare(dates.judgedAt, soonest) < 0 ? soonest : dates.judgedAt;
    const isNew = await insertOrder(tx, {
      id,
      engagementId,
      leadId: null,
      reason: 'engagement-ended',
      eraseBy: dates.eraseBy.toString(),
      orderedAt: now.toString(),
      judgedAt: judgedAt.toString(),
    });
    if (!isNew) return (await engagementOrder(tx, engagementId))!.id;
    await this.outbox.append(tx, EngagementErasureOrdered.of({ orderId: id, engagementId, orderedAt: now.toString() }));
    // Orders about its people keep their own way; the clocks that would give more of them stop.
    await this.due.cancel(tx, { engagementId, except: [...OF_AN_ORDER, ORDER_ENGAGEMENT] });
    await this.schedule(tx, id, engagementId, now, judgedAt);
    return id;
  }

  private async schedule(
    tx: EntityManager,
    key: string,
    engagementId: string,
    now: Temporal.Instant,
    judgedAt: Temporal.Instant,
  ): Promise<void> {
    await this.due.schedule(tx, { kind: CLEAR, key, engagementId, dueAt: clearsAt(now) });
    await this.due.schedule(tx, { kind: JUDGE, key, engagementId, dueAt: judgedAt });
  }
}
