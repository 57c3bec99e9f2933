import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { SettledAction } from '../domain/contact-erasure.js';
import type { CrmKind } from '../domain/connection-rules.js';
import type { CrmObject } from './pushes.js';

/** `asking`: told that our own work has stopped. `forgotten`: read back, and our rows are deleted. */
export type OrderState = 'ordered' | 'asking' | 'asked' | 'forgotten';

export interface Order {
  readonly orderId: string;
  readonly engagementId: string;
  /** null: everybody in the engagement. */
  readonly leadId: string | null;
  readonly state: OrderState;
  readonly blocked: number;
  readonly clearedAt: Date | null;
  readonly askedAt: Date | null;
}

export interface Settlement {
  readonly connectionId: string;
  readonly object: CrmObject;
  readonly key: string;
  readonly leadId: string;
  readonly vendorId: string | null;
  readonly action: SettledAction | null;
  readonly tries: number;
}

const ORDER = `order_id as "orderId", engagement_id as "engagementId", lead_id as "leadId", state, blocked,
  cleared_at as "clearedAt", asked_at as "askedAt"`;
const SETTLEMENT = `connection_id as "connectionId", object, external_key as key, lead_id as "leadId", vendor_id as "vendorId", action, tries`;

export async function insertOrder(
  tx: EntityManager,
  o: { orderId: string; engagementId: string; leadId: string | null; blocked: number },
): Promise<void> {
  await tx.query(
    `insert into erasure_order (order_id, engagement_id, lead_id, state, blocked) values ($1, $2, $3, 'ordered', $4) on conflict do nothing`,
    [o.orderId, o.engagementId, o.leadId, o.blocked],
  );
}

export async function findOrder(tx: EntityManager, orderId: string): Promise<Order | undefined> {
  return (await rows<Order>(tx, `select ${ORDER} from erasure_order where order_id = $1 for update`, [orderId]))[0];
}

export async function setOrderState(tx: EntityManager, orderId: string, state: OrderState): Promise<void> {
  await tx.query('update erasure_order set state = $2 where order_id = $1', [orderId, state]);
}

export async function setAsked(tx: EntityManager, orderId: string, at: Temporal.Instant): Promise<void> {
  await tx.query(`update erasure_order set state = 'asked', asked_at = $2 where order_id = $1`, [
    orderId,
    at.toString(),
  ]);
}

export async function setCleared(tx: EntityManager, orderId: string, at: Temporal.Instant): Promise<void> {
  await tx.query(`update erasure_order set cleared_at = coalesce(cleared_at, $2) where order_id = $1`, [
    orderId,
    at.toString(),
  ]);
}

/** Everything a vendor may ever have heard: each push that was attempted, whatever came of it. @returns how many */
export function openSettlements(tx: EntityManager, o: Order): Promise<number> {
  return affected(
    tx,
    `insert into settlement (order_id, connection_id, object, external_key, engagement_id, lead_id, vendor_id)
     select $1, p.connection_id, p.object, p.external_key, p.engagement_id, p.lead_id, l.vendor_id
     from crm_push p left join crm_link l using (connection_id, object, external_key)
     where p.engagement_id = $2 and ($3::uuid is null or p.lead_id = $3) and p.tries > 0
     on conflict do nothing`,
    [o.orderId, o.engagementId, o.leadId],
  );
}

/** The next rows to work on, all of one connection and kind of object; meetings first, since a contact's deletion un-associates them.
 * @param which `ask`: not settled yet; `look`: not read back in this round */
export async function nextSettlements(
  tx: EntityManager,
  orderId: string,
  which: 'ask' | 'look',
  limit: number,
): Promise<Settlement[]> {
  const found = await rows<Settlement>(
    tx,
    `select ${SETTLEMENT} from settlement where order_id = $1 and ${which === 'ask' ? 'action is null' : 'not looked'}
     order by object desc, connection_id, external_key limit $2`,
    [orderId, limit],
  );
  return found.filter((s) => s.object === found[0]!.object && s.connectionId === found[0]!.connectionId);
}

/** Other leads' links to these records of this connection, where nothing has been done about them yet. */
export async function otherLinks(
  tx: EntityManager,
  connectionId: string,
  vendorIds: readonly string[],
): Promise<{ vendorId: string; key: string }[]> {
  return rows(
    tx,
    `select vendor_id as "vendorId", external_key as key from crm_link
     where connection_id = $1 and object = 'contact' and vendor_id = any($2::text[]) and not gone`,
    [connectionId, vendorIds],
  );
}

/** Records of an account that other engagements' links lead to. As x_count, which sees ids of all engagements and nothing else. */
export async function linkedElsewhere(
  tx: EntityManager,
  connectionId: string,
  vendorIds: readonly string[],
): Promise<Set<string>> {
  const found = await rows<{ vendorId: string }>(
    tx,
    `select distinct l.vendor_id as "vendorId" from crm_link l join crm_connection c on c.id = l.connection_id
     join crm_connection own on own.portal_id = c.portal_id and own.id = $1
     where c.id <> own.id and l.object = 'contact' and not l.gone and l.vendor_id = any($2::text[])`,
    [connectionId, vendorIds],
  );
  return new Set(found.map((r) => r.vendorId));
}

export interface Settled {
  readonly key: string;
  /** null: to be asked again. */
  readonly action: SettledAction | null;
  readonly vendorId?: string;
  readonly code?: string;
}

export async function saveSettled(
  tx: EntityManager,
  of: { orderId: string; connectionId: string; object: CrmObject },
  settled: readonly Settled[],
): Promise<void> {
  for (const s of settled) {
    await tx.query(
      `update settlement set action = $5, vendor_id = coalesce($6, vendor_id), code = $7, tries = tries + 1
       where order_id = $1 and connection_id = $2 and object = $3 and external_key = $4`,
      [of.orderId, of.connectionId, of.object, s.key, s.action, s.vendorId ?? null, s.code ?? null],
    );
    if (s.action !== null)
      await tx.query('update crm_link set gone = true where connection_id = $1 and object = $2 and external_key = $3', [
        of.connectionId,
        of.object,
        s.key,
      ]);
  }
}

export async function saveLooked(
  tx: EntityManager,
  of: { orderId: string; connectionId: string; object: CrmObject },
  remains: ReadonlyMap<string, boolean>,
): Promise<void> {
  await tx.query(
    `update settlement s set looked = true, remains = r.remains from unnest($4::uuid[], $5::boolean[]) as r (key, remains)
     where s.order_id = $1 and s.connection_id = $2 and s.object = $3 and s.external_key = r.key`,
    [of.orderId, of.connectionId, of.object, [...remains.keys()], [...remains.values()]],
  );
}

/** A new round of reading back; what remained is asked again first. */
export async function lookAgain(tx: EntityManager, orderId: string): Promise<void> {
  await tx.query(
    `update settlement set looked = false, action = case when remains then null else action end, tries = 0, remains = false
     where order_id = $1`,
    [orderId],
  );
}

export interface SettlementCounts {
  readonly contacts: number;
  readonly meetings: number;
  readonly deleted: number;
  /** Records of the client's from which our values were withdrawn: the client is told of them (Art. 19). */
  readonly withdrawn: number;
  readonly archived: number;
  readonly stuck: number;
  readonly left: number;
  /** Vendors at which something is stuck or remains. */
  readonly outstanding: CrmKind[];
}

export async function countSettlements(tx: EntityManager, orderId: string): Promise<SettlementCounts> {
  const found = await rows<SettlementCounts>(
    tx,
    `select count(*) filter (where object = 'contact')::int as contacts, count(*) filter (where object = 'meeting')::int as meetings,
       count(*) filter (where action = 'deleted')::int as deleted, count(*) filter (where action in ('withdrawn', 'blanked'))::int as withdrawn,
       count(*) filter (where action = 'archived')::int as archived, count(*) filter (where action = 'stuck')::int as stuck,
       count(*) filter (where remains)::int as left,
       coalesce(array_agg(distinct c.kind) filter (where action = 'stuck' or remains), '{}') as outstanding
     from settlement s left join crm_connection c on c.id = s.connection_id where order_id = $1`,
    [orderId],
  );
  return found[0]!;
}

/** How many records each kind of vendor was asked about. */
export async function countByVendor(tx: EntityManager, orderId: string): Promise<Partial<Record<CrmKind, number>>> {
  const found = await rows<{ kind: CrmKind; n: number }>(
    tx,
    `select c.kind, count(*)::int as n from settlement s join crm_connection c on c.id = s.connection_id
     where s.order_id = $1 group by c.kind order by c.kind`,
    [orderId],
  );
  return Object.fromEntries(found.map((r) => [r.kind, r.n]));
}

/** Deletes what we keep of the lead, or of the whole engagement. The order's own row stays until its last receipt is written. */
export async function forgetRows(tx: EntityManager, o: Order): Promise<void> {
  await tx.query('delete from settlement where order_id = $1', [o.orderId]);
  for (const table of ['crm_link', 'crm_push', 'meeting', 'lead_case'])
    await tx.query(`delete from ${table} where engagement_id = $1 and ($2::uuid is null or lead_id = $2)`, [
      o.engagementId,
      o.leadId,
    ]);
  await tx.query(
    `delete from crm_record r where engagement_id = $1 and not exists (select from crm_link l
       where l.connection_id = r.connection_id and l.object = r.object and l.vendor_id = r.vendor_id)`,
    [o.engagementId],
  );
}

/** Whether the engagement is over here with this order, which is `forgotten`: buried as a whole, and no other order still needs its connection.
 * Those that are `forgotten` ask nobody any more. Of two that end together at least the one that was forgotten last finds it so; once true it
 * stays true, since the engagement's own order is forgotten then, and with it every push that a late order could ask about. */
export async function isLastOrder(tx: EntityManager, o: Order): Promise<boolean> {
  const found = await rows<{ last: boolean }>(
    tx,
    `select exists (select from tombstone where kind = 'engagement' and id = $1)
       and not exists (select from erasure_order where engagement_id = $1 and order_id <> $2 and state <> 'forgotten') as last`,
    [o.engagementId, o.orderId],
  );
  return found[0]!.last;
}

export async function forgetEngagement(tx: EntityManager, engagementId: string): Promise<void> {
  await tx.query('delete from crm_connection where engagement_id = $1', [engagementId]);
  await tx.query('delete from engagement_terms where engagement_id = $1', [engagementId]);
}

export async function deleteOrder(tx: EntityManager, orderId: string): Promise<void> {
  await tx.query('delete from erasure_order where order_id = $1', [orderId]);
}

/** Rows still there, counted past every scope as x_count. */
export async function countLeft(tx: EntityManager, o: Order): Promise<number> {
  const tables = ['lead_case', 'meeting', 'crm_push', 'crm_link', 'settlement'];
  const counts = tables.map(
    (t) => `(select count(*) from ${t} where engagement_id = $1 and ($2::uuid is null or lead_id = $2))`,
  );
  const found = await rows<{ n: number }>(tx, `select (${counts.join(' + ')})::int as n`, [o.engagementId, o.leadId]);
  return found[0]!.n;
}
