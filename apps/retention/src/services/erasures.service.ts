import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing, type ErasureReason } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CertificateNotYet, ErasedAlready } from '../domain/errors.js';
import { inOrder, lateSoFar, leadsOf, type OrderState, type Receipt } from '../domain/saga.js';
import { engagementOfLead } from '../storage/clocks.js';
import {
  engagementOrders,
  findCertificate,
  findOrder,
  leadOrder,
  listOrders,
  type OrdersPage,
  receiptsOf,
  type Order,
} from '../storage/orders.js';
import { Orders } from './orders.service.js';

export interface OrderView {
  readonly id: string;
  readonly scope: 'lead' | 'engagement';
  readonly engagementId: string;
  readonly leadId: string | null;
  readonly reason: ErasureReason;
  readonly state: OrderState;
  readonly orderedAt: string;
  readonly clearedAt: string | null;
  readonly finishedAt: string | null;
  /** Last day on which anything may exist; of an engagement's order. */
  readonly eraseBy: string | null;
  /** People it is about; 0 until lead-intake has counted. */
  readonly leads: number;
  readonly receipts: readonly Receipt[];
  /** Who was not done when the order ended; while it runs, who has said that something is outstanding, or has said nothing for a day. */
  readonly incomplete: readonly string[];
}

/** What staff ask for and see of erasing. */
@Injectable()
export class Erasures {
  constructor(
    private readonly db: Db,
    private readonly audit: AuditTrail,
    private readonly orders: Orders,
  ) {}

  /** F3, F5: an order about one person, given by somebody the person spoke or wrote to.
   * @throws Missing nobody the caller may see
   * @throws ErasedAlready their word can no longer be kept by way of an order */
  async request(
    caller: Principal,
    r: { leadId: string; kind: 'erasure' | 'objection' },
    claim: IdempotencyClaim,
  ): Promise<OrderView> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const earlier = await claimKey(tx, claim);
      if (earlier?.resourceId) return this.viewOf(tx, earlier.resourceId);
      const { leadId } = r;
      const engagementId = (await leadOrder(tx, leadId))?.engagementId ?? (await engagementOfLead(tx, leadId));
      if (!engagementId) throw await this.nobody(tx);
      const reason = r.kind === 'erasure' ? 'request' : 'objection';
      const { id, isNew, tooLate } = await this.orders.forLead(tx, { engagementId, leadId, reason });
      if (tooLate) throw new ErasedAlready('conflict');
      await this.audit.record(tx, {
        action: 'erasure.requested',
        principal: caller,
        engagementId,
        subjectIds: [leadId],
        detail: { orderId: id, kind: r.kind },
      });
      // Retention may have forgotten the person by now: a repeat of an older order must not leave their id behind again.
      await settleKey(tx, claim, { status: 201, resourceId: id, ...(isNew ? { leadId, engagementId } : {}) });
      return this.viewOf(tx, id);
    });
  }

  async list(caller: Principal, page: OrdersPage): Promise<OrderView[]> {
    if (page.engagementId) requireEngagement(caller, page.engagementId);
    else if (!caller.engagementIds.length) return [];
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const orders = await listOrders(tx, page);
      const receipts = await receiptsOf(
        tx,
        orders.map((o) => o.id),
      );
      return orders.map((order) => view(order, receipts.get(order.id)!));
    });
  }

  get(caller: Principal, id: string): Promise<OrderView> {
    return this.db.withScope(scopeOfCaller(caller), (tx) => this.viewOf(tx, id));
  }

  /** @returns the signed document, byte for byte. @throws CertificateNotYet while the order is under way */
  certificate(caller: Principal, id: string): Promise<string> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const document = await findCertificate(tx, id);
      if (document) return document;
      throw new CertificateNotYet((await this.viewOf(tx, id)).state);
    });
  }

  /** Of an engagement that was cleared nobody tells any more who was in it. */
  private async nobody(tx: EntityManager): Promise<Missing | ErasedAlready> {
    const someErased = (await engagementOrders(tx)).some((order) => order.state !== 'ordered');
    return someErased ? new ErasedAlready('missing') : new Missing('lead');
  }

  private async viewOf(tx: EntityManager, id: string): Promise<OrderView> {
    const order = await findOrder(tx, id);
    if (!order) throw new Missing('erasure');
    return view(order, (await receiptsOf(tx, [id])).get(id)!);
  }
}

function view(order: Order, receipts: readonly Receipt[]): OrderView {
  return {
    id: order.id,
    scope: order.leadId ? 'lead' : 'engagement',
    engagementId: order.engagementId,
    leadId: order.leadId,
    reason: order.reason,
    state: order.state,
    orderedAt: order.orderedAt.toISOString(),
    clearedAt: order.clearedAt?.toISOString() ?? null,
    finishedAt: order.finishedAt?.toISOString() ?? null,
    eraseBy: order.eraseBy,
    leads: leadsOf(receipts, order.leadId),
    receipts: inOrder(receipts),
    incomplete: order.finishedAt ? order.incomplete : lateSoFar(order.state, receipts),
  };
}
