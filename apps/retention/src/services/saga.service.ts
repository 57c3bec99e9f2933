import {
  canonicalJson,
  ErasureCleared,
  ErasureCompleted,
  ErasureIncomplete,
  type ErasureReceipt,
} from '@avtala/contracts';
import type { KeyObject } from 'node:crypto';
import { Db, scopeOf } from '@avtala/database';
import { forgetKeys } from '@avtala/http';
import { Due, type DueItem, forgetLog, NotYet, Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { RetryLater } from '@avtala/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { allAsked, unfinished } from '../domain/saga.js';
import { deleteLeadClocks } from '../storage/clocks.js';
import {
  findOrder,
  insertCertificate,
  keepReceipt,
  lockOrder,
  receiptsOf,
  setCleared,
  setFinished,
  setForgotten,
  type Order,
} from '../storage/orders.js';
import { certify, signCertificate } from './certificate.js';
import { CLEAR, FORGET, JUDGE } from './orders.service.js';

const CHUNK = 5000;
/** What holders have at least between the destruction of keys and being judged. */
const TURN = { hours: 24 };
const SECOND_LOOK = { hours: 1 };

/** What certificates are signed with, and what they say of the destruction of keys. */
export class CertificateSigner {
  constructor(
    readonly key: KeyObject,
    readonly assurance: string,
  ) {}
}

/** An order's way from the first receipt to the certificate (protocols.md §1). The order's row is locked first, so every step happens once,
 * whoever brings it about: a receipt, a timer, either of them twice. */
@Injectable()
export class Saga {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly outbox: Outbox,
    private readonly signer: CertificateSigner,
  ) {}

  async received(tx: EntityManager, receipt: ErasureReceipt): Promise<void> {
    const order = await lockOrder(tx, receipt.orderId);
    if (!order) throw new NotYet('order');
    await keepReceipt(tx, receipt); // also after the end: who was late is seen, but the certificate stays what it was
    await this.goOn(tx, order);
  }

  /** Due work, 24 hours after the order: keys are destroyed though somebody has not asked everybody. */
  clear(item: DueItem): Promise<void> {
    return this.withOrder(item, async (tx, order) => {
      if (order.state === 'ordered') await this.cleared(tx, order);
      await this.due.done(tx, item);
    });
  }

  /** Due work: whoever is not done now is late, and named. */
  judge(item: DueItem): Promise<void> {
    return this.withOrder(item, async (tx, order) => {
      const now = this.clock.now();
      // After a time in which we were down, both timers of an order ring at once: its holders have had no turn yet …
      if (order.state === 'ordered') {
        await this.cleared(tx, order);
        return this.due.again(tx, item, { dueAt: now.add(TURN) });
      }
      const turnEnds = Temporal.Instant.fromEpochMilliseconds(order.clearedAt!.getTime()).add(TURN);
      if (Temporal.Instant.compare(now, turnEnds) < 0) return this.due.again(tx, item, { dueAt: turnEnds });
      if (order.state === 'cleared') {
        const names = unfinished((await receiptsOf(tx, [order.id])).get(order.id)!);
        if (!order.forgotten) names.push('retention');
        // … and their receipts may wait in the log: nobody is called late at the first look.
        if (!item.payload.looked)
          return this.due.again(tx, item, { dueAt: now.add(SECOND_LOOK), payload: { looked: true } });
        await this.finish(tx, order, names);
      }
      return this.due.done(tx, item);
    });
  }

  /** Due work, of a person from the order on, of an engagement once it is cleared: retention forgets too. Orders, receipts, certificates and
   * engagement clocks stay. */
  async forget(item: DueItem): Promise<void> {
    const of = await this.forgetRows(item);
    if (of && (await forgetLog(this.db, of)) > 0) throw new RetryLater('log-being-read', 200);
    await this.withOrder(item, async (tx, locked) => {
      await setForgotten(tx, locked.id);
      await this.goOn(tx, { ...locked, forgotten: true });
      await this.due.done(tx, item);
    });
  }

  /** @returns whom the order is about; undefined when there is no such order */
  private async forgetRows(item: DueItem): Promise<{ engagementId: string; leadId?: string } | undefined> {
    for (;;) {
      const step = await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
        const order = await findOrder(tx, item.key);
        if (!order) return { done: true, of: undefined };
        const of = { engagementId: order.engagementId, ...(order.leadId ? { leadId: order.leadId } : {}) };
        const done = (await deleteLeadClocks(tx, order, CHUNK)) < CHUNK;
        if (done) await forgetKeys(tx, of);
        return { done, of };
      });
      if (step.done) return step.of;
    }
  }

  private async goOn(tx: EntityManager, order: Order): Promise<void> {
    if (order.finishedAt) return;
    const receipts = (await receiptsOf(tx, [order.id])).get(order.id)!;
    if (order.state === 'ordered') {
      if (allAsked(receipts)) await this.cleared(tx, order);
    } else if (order.forgotten && unfinished(receipts).length === 0) await this.finish(tx, order, []);
  }

  private async cleared(tx: EntityManager, order: Order): Promise<void> {
    const { id: orderId, engagementId, leadId } = order;
    const now = this.clock.now();
    await setCleared(tx, orderId, now.toString());
    await this.outbox.append(tx, ErasureCleared.of({ orderId, engagementId, ...(leadId ? { leadId } : {}) }));
    await this.due.cancel(tx, { kind: CLEAR, key: orderId });
    // Not before: by its clock a person who says no meanwhile is found, and their word passed on (Orders.forLead).
    if (!leadId) await this.due.schedule(tx, { kind: FORGET, key: orderId, engagementId, dueAt: now });
  }

  /** The one end of an order: event and certificate in one transaction. @param late who was not done; nobody = completed */
  private async finish(tx: EntityManager, order: Order, late: readonly string[]): Promise<void> {
    const { id: orderId, engagementId, leadId } = order;
    const at = this.clock.now().toString();
    const outcome = late.length ? 'incomplete' : 'completed';
    await setFinished(tx, orderId, { state: outcome, at, incomplete: late });
    const receipts = (await receiptsOf(tx, [orderId])).get(orderId)!;
    const { reason, eraseBy } = order;
    const certificate = certify(
      {
        ...{ id: orderId, engagementId, leadId, reason, eraseBy, outcome, incomplete: late, finishedAt: at },
        orderedAt: order.orderedAt.toISOString(),
        clearedAt: order.clearedAt?.toISOString() ?? null,
      },
      receipts,
      this.signer.assurance,
    );
    const document = new TextDecoder().decode(canonicalJson(signCertificate(certificate, this.signer.key)));
    await insertCertificate(tx, { orderId, engagementId, document, issuedAt: at });
    const about = { orderId, engagementId, ...(leadId ? { leadId } : {}) };
    await this.outbox.append(
      tx,
      late.length
        ? ErasureIncomplete.of({ ...about, recipients: [...late] })
        : ErasureCompleted.of({ ...about, completedAt: at }),
    );
    await this.due.cancel(tx, { kind: CLEAR, key: orderId });
    await this.due.cancel(tx, { kind: JUDGE, key: orderId });
  }

  private withOrder(item: DueItem, work: (tx: EntityManager, order: Order) => Promise<void>): Promise<void> {
    return this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const order = await lockOrder(tx, item.key);
      if (order) await work(tx, order);
      else await this.due.done(tx, item);
    });
  }
}
