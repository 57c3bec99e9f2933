import type { ErasureReason, ErasureReceipt } from '@avtala/contracts';
import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { OrderState, Receipt } from '../domain/saga.js';

export interface Order {
  id: string;
  engagementId: string;
  leadId: string | null;
  reason: ErasureReason;
  state: OrderState;
  orderedAt: Date;
  judgedAt: Date;
  /** Calendar date. */
  eraseBy: string | null;
  clearedAt: Date | null;
  forgotten: boolean;
  finishedAt: Date | null;
  incomplete: string[];
}

const COLUMNS = `id, engagement_id as "engagementId", lead_id as "leadId", reason, state, ordered_at as "orderedAt", judged_at as "judgedAt",
  erase_by::text as "eraseBy", cleared_at as "clearedAt", forgotten, finished_at as "finishedAt", incomplete`;

/** @returns whether the order is new; the unique indexes let one of two win */
export async function insertOrder(
  tx: EntityManager,
  o: Pick<Order, 'id' | 'engagementId' | 'leadId' | 'reason' | 'eraseBy'> & { orderedAt: string; judgedAt: string },
): Promise<boolean> {
  const inserted = await affected(
    tx,
    `insert into erasure_order (id, engagement_id, lead_id, reason, state, ordered_at, judged_at, erase_by)
     values ($1, $2, $3, $4, 'ordered', $5, $6, $7) on conflict do nothing`,
    [o.id, o.engagementId, o.leadId, o.reason, o.orderedAt, o.judgedAt, o.eraseBy],
  );
  return inserted > 0;
}

export async function findOrder(tx: EntityManager, id: string): Promise<Order | undefined> {
  return (await rows<Order>(tx, `select ${COLUMNS} from erasure_order where id = $1`, [id]))[0];
}

/** The order's row is the lock of its saga: receipts and timers of one order take turns. */
export async function lockOrder(tx: EntityManager, id: string): Promise<Order | undefined> {
  return (await rows<Order>(tx, `select ${COLUMNS} from erasure_order where id = $1 for update`, [id]))[0];
}

export async function engagementOrder(tx: EntityManager, engagementId: string): Promise<Order | undefined> {
  const sql = `select ${COLUMNS} from erasure_order where engagement_id = $1 and lead_id is null`;
  return (await rows<Order>(tx, sql, [engagementId]))[0];
}

/** Orders about everybody in an engagement, of all engagements in the scope. */
export async function engagementOrders(tx: EntityManager): Promise<Order[]> {
  return rows<Order>(tx, `select ${COLUMNS} from erasure_order where lead_id is null`);
}

export async function leadOrder(tx: EntityManager, leadId: string): Promise<Order | undefined> {
  return (await rows<Order>(tx, `select ${COLUMNS} from erasure_order where lead_id = $1`, [leadId]))[0];
}

/** Which orders are asked for. */
export interface OrdersPage {
  engagementId?: string;
  limit: number;
  after?: string;
  /** The youngest first. */
  newest?: boolean;
  /** Under way, or ended without somebody: what a person may have to act on. */
  open?: boolean;
  /** Of whole engagements, or of single people. */
  whole?: boolean;
}

export async function listOrders(tx: EntityManager, page: OrdersPage): Promise<Order[]> {
  const [after, order] = page.newest ? ['<', 'desc'] : ['>', 'asc'];
  return rows<Order>(
    tx,
    `select ${COLUMNS} from erasure_order where ($1::uuid is null or engagement_id = $1) and ($2::uuid is null or id ${after} $2)
       and ($4::boolean is null or (finished_at is null or state = 'incomplete') = $4) and ($5::boolean is null or (lead_id is null) = $5)
     order by id ${order} limit $3`,
    [page.engagementId ?? null, page.after ?? null, page.limit, page.open ?? null, page.whole ?? null],
  );
}

export async function setCleared(tx: EntityManager, id: string, at: string): Promise<void> {
  await tx.query(`update erasure_order set state = 'cleared', cleared_at = $2 where id = $1`, [id, at]);
}

export async function setForgotten(tx: EntityManager, id: string): Promise<void> {
  await tx.query('update erasure_order set forgotten = true where id = $1', [id]);
}

export async function setFinished(
  tx: EntityManager,
  id: string,
  f: { state: 'completed' | 'incomplete'; at: string; incomplete: readonly string[] },
): Promise<void> {
  await tx.query('update erasure_order set state = $2, finished_at = $3, incomplete = $4 where id = $1', [
    id,
    f.state,
    f.at,
    f.incomplete,
  ]);
}

/** One receipt for each order, recipient and phase; a later one of the same phase counts instead, an earlier one that comes late does not. */
export async function keepReceipt(tx: EntityManager, r: ErasureReceipt): Promise<void> {
  await tx.query(
    `insert into erasure_receipt (order_id, engagement_id, recipient, phase, action, counts, outstanding, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (order_id, recipient, phase) do update set action = excluded.action, counts = excluded.counts,
       outstanding = excluded.outstanding, at = excluded.at
     where excluded.at >= erasure_receipt.at`,
    [r.orderId, r.engagementId, r.recipient, r.phase, r.action, JSON.stringify(r.counts), r.outstanding, r.at],
  );
}

export async function receiptsOf(tx: EntityManager, orderIds: readonly string[]): Promise<Map<string, Receipt[]>> {
  const found = await rows<Omit<Receipt, 'at'> & { orderId: string; at: Date }>(
    tx,
    `select order_id as "orderId", recipient, phase, action, counts, outstanding, at from erasure_receipt where order_id = any($1::uuid[])`,
    [orderIds],
  );
  const receipts = new Map<string, Receipt[]>(orderIds.map((id) => [id, []]));
  for (const { orderId, at, ...r } of found) receipts.get(orderId)!.push({ ...r, at: at.toISOString() });
  return receipts;
}

export async function insertCertificate(
  tx: EntityManager,
  c: { orderId: string; engagementId: string; document: string; issuedAt: string },
): Promise<void> {
  await tx.query('insert into certificate (order_id, engagement_id, document, issued_at) values ($1, $2, $3, $4)', [
    c.orderId,
    c.engagementId,
    c.document,
    c.issuedAt,
  ]);
}

export async function findCertificate(tx: EntityManager, orderId: string): Promise<string | undefined> {
  const [found] = await rows<{ document: string }>(tx, 'select document from certificate where order_id = $1', [
    orderId,
  ]);
  return found?.document;
}
