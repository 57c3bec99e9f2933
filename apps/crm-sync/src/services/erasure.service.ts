import {
  EngagementErasureOrdered,
  ErasureCleared,
  ErasureReceipt,
  LeadErasureOrdered,
  RetryLater,
  type ReceiptPhase,
} from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { forgetKeys } from '@avtala/http';
import { buryEngagement, buryLead, Due, type DueItem, forgetLog, isBuried, NotYet, Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type CrmKind, PURGE_DAYS } from '../domain/connection-rules.js';
import { connectionsOf } from '../storage/connections.js';
import {
  countByVendor,
  countLeft,
  countSettlements,
  deleteOrder,
  findOrder,
  forgetEngagement,
  forgetRows,
  insertOrder,
  isLastOrder,
  lookAgain,
  openSettlements,
  type Order,
  setAsked,
  setCleared,
  setOrderState,
} from '../storage/erasures.js';
import { OPT_OUT } from '../domain/work.js';
import { Vendors } from './connections.service.js';
import { Settling } from './settling.service.js';

export const ERASE = 'erase';

/** A little more than the slowest vendor's purge time: nobody promises the minute. At once when no vendor ever heard of the person. */
const afterPurge = (kinds: readonly CrmKind[]): { hours: number } =>
  kinds.length ? { hours: 24 * Math.max(...kinds.map((k) => PURGE_DAYS[k])) + 1 } : { hours: 0 };
const LOOK_AGAIN = { hours: 24 };

@Injectable()
export class ErasureParts {
  constructor(
    readonly settling: Settling,
    readonly vendors: Vendors,
  ) {}
}

/** crm-sync's part in erasing (protocols.md §1): block, stop, settle with each vendor, forget, read back. One row of due work an order walks
 * through its states; every step may be repeated. */
@Injectable()
export class Erasure {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly parts: ErasureParts,
  ) {}

  /** From this commit on nothing new is told of the person, and no late event brings them back. */
  async ordered(tx: EntityManager, e: LeadErasureOrdered | EngagementErasureOrdered): Promise<void> {
    const { orderId, engagementId } = e;
    const leadId = 'leadId' in e ? e.leadId : null;
    if (leadId) await buryLead(tx, { leadId, engagementId, orderId });
    else await buryEngagement(tx, { engagementId, orderId });
    const blocked = await this.due.cancel(tx, {
      engagementId,
      ...(leadId ? { leadId } : {}),
      except: [ERASE, OPT_OUT],
    });
    await insertOrder(tx, { orderId, engagementId, leadId, blocked });
    await this.due.schedule(tx, { kind: ERASE, key: orderId, engagementId, dueAt: this.clock.now() });
  }

  async cleared(tx: EntityManager, e: ErasureCleared): Promise<void> {
    const { engagementId, leadId } = e;
    const order = await findOrder(tx, e.orderId);
    if (!order) {
      if (await isBuried(tx, { engagementId, ...(leadId ? { leadId } : {}) })) return; // done already
      throw new NotYet('order');
    }
    await setCleared(tx, e.orderId, this.clock.now());
    if (order.state === 'asked') await this.wake(tx, (await findOrder(tx, e.orderId))!);
  }

  /** Due work: one step of an order. */
  async step(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const order = await this.db.withScope(scope, (tx) => findOrder(tx, item.key));
    if (!order) return this.db.withScope(scope, (tx) => this.due.done(tx, item));
    if (order.state === 'ordered') return this.stop(order, item);
    if (order.state === 'forgotten') return this.tell(order, item);
    if (await this.parts.settling.ask(order, item.id)) return this.goOn(order, item);
    if (order.state === 'asking') return this.asked(order, item);
    if (!order.clearedAt) return this.rest(order, item);
    if (await this.parts.settling.look(order)) return this.goOn(order, item);
    return this.looked(order, item);
  }

  /** Until `cleared` wakes it. Under the order's lock: woken in this very moment, the row must not be ended. */
  private rest(order: Order, item: DueItem): Promise<void> {
    return this.db.withScope(scopeOf(order.engagementId), async (tx) => {
      const now = await findOrder(tx, order.orderId);
      await this.due.done(tx, item);
      if (now?.clearedAt) await this.wake(tx, now);
    });
  }

  /** `stopped` is said when no claimed work of ours can send anything any more. */
  private async stop(order: Order, item: DueItem): Promise<void> {
    await this.db.withScope(scopeOf(order.engagementId), async (tx) => {
      const { engagementId, leadId } = order;
      const busy = await this.due.leased(tx, { engagementId, ...(leadId ? { leadId } : {}), except: [ERASE] });
      if (busy) throw new RetryLater('work-under-way', 500);
      const attempted = await openSettlements(tx, order);
      await this.receipt(tx, order, 'stopped', 'blocked', { pushes: order.blocked, attempted }, []);
      await setOrderState(tx, order.orderId, 'asking');
      await this.due.again(tx, item, { dueAt: this.clock.now() });
    });
  }

  private async asked(order: Order, item: DueItem): Promise<void> {
    await this.db.withScope(scopeOf(order.engagementId), async (tx) => {
      const { outstanding, left: _, ...counts } = await countSettlements(tx, order.orderId);
      // By vendor too: what lies outside every vendor's reach is named in the certificate.
      const byVendor = await countByVendor(tx, order.orderId);
      await this.receipt(tx, order, 'asked', 'settled', { ...counts, ...byVendor }, outstanding);
      await setAsked(tx, order.orderId, this.clock.now());
      await this.due.done(tx, item);
      const now = (await findOrder(tx, order.orderId))!;
      if (now.clearedAt) await this.wake(tx, now);
    });
  }

  /** Everything was read back once: forget, or say what is still there and look again tomorrow. */
  private async looked(order: Order, item: DueItem): Promise<void> {
    const scope = scopeOf(order.engagementId);
    const counts = await this.db.withScope(scope, (tx) => countSettlements(tx, order.orderId));
    if (counts.left > 0) {
      await this.db.withScope(scope, async (tx) => {
        const { outstanding, stuck: _, ...rest } = counts;
        await this.receipt(tx, order, 'verified', 'read-back', rest, outstanding);
        await lookAgain(tx, order.orderId);
        await this.due.again(tx, item, { dueAt: this.clock.now().add(LOOK_AGAIN) });
      });
      return;
    }
    const of = { engagementId: order.engagementId, ...(order.leadId ? { leadId: order.leadId } : {}) };
    await this.db.withScope(scope, async (tx) => {
      const { outstanding: _o, stuck: _s, left: _l, ...seen } = await countSettlements(tx, order.orderId);
      await this.due.cancel(tx, { ...of, except: [ERASE] });
      await forgetRows(tx, order);
      await forgetKeys(tx, of);
      await setOrderState(tx, order.orderId, 'forgotten');
      await this.due.again(tx, item, { dueAt: this.clock.now(), payload: seen });
    });
  }

  /** The last receipt: when our log has forgotten too, nothing is counted any more, and the connection that nobody needs now is gone. Two orders
   * may both find it so: each step may be repeated. */
  private async tell(order: Order, item: DueItem): Promise<void> {
    const of = { engagementId: order.engagementId, ...(order.leadId ? { leadId: order.leadId } : {}) };
    if ((await forgetLog(this.db, of)) > 0) throw new RetryLater('log-being-read', 200);
    const left = await this.db.asCount((tx) => countLeft(tx, order));
    if (left > 0) throw new RetryLater('rows-left');
    const scope = scopeOf(order.engagementId);
    const over = await this.db.withScope(scope, (tx) => isLastOrder(tx, order));
    if (over) await this.destroyConnections(order);
    await this.db.withScope(scope, async (tx) => {
      if (over) await forgetEngagement(tx, order.engagementId);
      const counts = { ...(item.payload as Record<string, number>), left };
      await this.receipt(tx, order, 'verified', 'read-back', counts, []);
      await deleteOrder(tx, order.orderId);
      await this.due.done(tx, item);
    });
  }

  private goOn(order: Order, item: DueItem): Promise<void> {
    return this.db.withScope(scopeOf(order.engagementId), (tx) =>
      this.due.again(tx, item, { dueAt: this.clock.now() }),
    );
  }

  /** Read back once the slowest vendor must have purged; at once when no vendor ever heard of the person. */
  private async wake(tx: EntityManager, order: Order): Promise<void> {
    const kinds = Object.keys(await countByVendor(tx, order.orderId)) as CrmKind[];
    const since = Math.max(order.askedAt!.getTime(), order.clearedAt!.getTime());
    const dueAt = Temporal.Instant.fromEpochMilliseconds(since).add(afterPurge(kinds));
    await this.due.schedule(tx, { kind: ERASE, key: order.orderId, engagementId: order.engagementId, dueAt });
  }

  /** The connection of an engagement that is over: its token opens no more, here or in any copy. */
  private async destroyConnections(order: Order): Promise<void> {
    const connections = await this.db.withScope(scopeOf(order.engagementId), (tx) =>
      connectionsOf(tx, order.engagementId),
    );
    for (const { id } of connections) {
      if ((await this.parts.vendors.tokens.destroy(id, order.orderId)) > 0) throw new RetryLater('token-key-left');
      this.parts.vendors.crms.forget(id);
    }
  }

  private receipt(
    tx: EntityManager,
    order: Order,
    phase: ReceiptPhase,
    action: string,
    counts: Record<string, number>,
    outstanding: readonly string[],
  ): Promise<void> {
    return this.outbox.append(
      tx,
      ErasureReceipt.of({
        orderId: order.orderId,
        engagementId: order.engagementId,
        recipient: 'crm-sync',
        phase,
        action,
        counts,
        outstanding: [...outstanding],
        at: this.clock.now().toString(),
      }),
    );
  }
}
