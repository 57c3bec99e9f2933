import { affected, rows } from '@avtala/database';
import { forgetKeys } from '@avtala/http';
import type { EntityManager } from 'typeorm';
import { freeSlots } from './bookings.js';
import { releaseKept } from './kept-slots.js';

export type ErasureStage = 'stopping' | 'asking' | 'asked' | 'cleared' | 'reading-back';

export interface EventToRead {
  connectionId: string;
  eventId: string;
}

/** An order that is not settled yet. `leadId` null: everybody in the engagement. */
export interface Erasure {
  orderId: string;
  engagementId: string;
  leadId: string | null;
  stage: ErasureStage;
  counts: Record<string, number>;
  events: EventToRead[];
}

export async function keepErasure(
  tx: EntityManager,
  e: { orderId: string; engagementId: string; leadId: string | null; orderedAt: string },
): Promise<void> {
  await tx.query(
    `insert into erasure (order_id, engagement_id, lead_id, ordered_at, stage) values ($1, $2, $3, $4, 'stopping')
     on conflict do nothing`,
    [e.orderId, e.engagementId, e.leadId, e.orderedAt],
  );
}

export async function lockErasure(tx: EntityManager, orderId: string): Promise<Erasure | undefined> {
  const [found] = await rows<Erasure>(
    tx,
    `select order_id as "orderId", engagement_id as "engagementId", lead_id as "leadId", stage, counts, events
     from erasure where order_id = $1 for update`,
    [orderId],
  );
  return found;
}

export async function updateErasure(tx: EntityManager, e: Erasure): Promise<void> {
  await tx.query('update erasure set stage = $2, counts = $3, events = $4 where order_id = $1', [
    e.orderId,
    e.stage,
    JSON.stringify(e.counts),
    JSON.stringify(e.events),
  ]);
}

export async function dropErasure(tx: EntityManager, orderId: string): Promise<void> {
  await tx.query('delete from erasure where order_id = $1', [orderId]);
}

/** Deletes all rows of a lead, or of an engagement with its set-up. @returns how many of what */
export async function deleteRows(
  tx: EntityManager,
  of: { engagementId: string; leadId: string | null },
): Promise<Record<string, number>> {
  const found = await rows<{ id: string }>(
    tx,
    'select id from booking where engagement_id = $1 and ($2::uuid is null or lead_id = $2)',
    [of.engagementId, of.leadId],
  );
  const theirs = 'engagement_id = $1 and ($2::uuid is null or lead_id = $2)';
  const gone = (table: string) => affected(tx, `delete from ${table} where ${theirs}`, [of.engagementId, of.leadId]);
  await freeSlots(
    tx,
    found.map((b) => b.id),
  );
  await releaseKept(tx, of.leadId ? { leadId: of.leadId } : { engagementId: of.engagementId });
  await gone('booking_link');
  await gone('invite');
  await gone('calendar_event');
  const bookings = await gone('booking');
  const leads = await gone('lead_case');
  await forgetKeys(tx, { engagementId: of.engagementId, ...(of.leadId ? { leadId: of.leadId } : {}) });
  if (of.leadId === null) {
    for (const table of ['meeting_type_host', 'meeting_type', 'host_engagement', 'engagement']) {
      await tx.query(`delete from ${table} where engagement_id = $1`, [of.engagementId]);
    }
  }
  return { leads, bookings };
}

/** Rows still there, over all tables that could hold some; read as x_count, past every scope. */
export async function countLeft(tx: EntityManager, e: Erasure): Promise<number> {
  const theirs = 'engagement_id = $1 and ($2::uuid is null or lead_id = $2)';
  const perLead = ['booking', 'kept_slot', 'booking_link', 'invite', 'calendar_event', 'lead_case', 'idempotency'];
  const perEngagement = ['meeting_type', 'meeting_type_host', 'host_engagement', 'engagement'];
  const counts = [
    ...perLead.map((t) => `select count(*) as n from ${t} where ${theirs}`),
    ...perEngagement.map((t) => `select count(*) from ${t} where $2::uuid is null and engagement_id = $1`),
    // Work about a lead; the orders' own rows name no lead.
    `select count(*) from due where engagement_id = $1 and lead_id is not null and ($2::uuid is null or lead_id = $2)`,
    // Slots name no lead either, but none may outlive its booking.
    `select count(*) from host_slot s where not exists (select from booking b where b.id = s.booking_id)
       and not exists (select from kept_slot k where k.id = s.booking_id)`,
  ];
  const [left] = await rows<{ n: number }>(tx, `select sum(n)::int as n from (${counts.join(' union all ')}) c(n)`, [
    e.engagementId,
    e.leadId,
  ]);
  return left!.n;
}

/** Hosts that serve nobody any more, and through whose calendars no event of ours is to be looked up any more (A8): neither one of a booking that is
 * still here nor one that another open order has to read back. Read as x_count. */
export async function hostsWithoutEngagement(
  tx: EntityManager,
  orderId: string,
): Promise<{ hostIds: string[]; connectionIds: string[] }> {
  const hosts = await rows<{ id: string }>(
    tx,
    `select h.id from host h where not exists (select from host_engagement e where e.host_id = h.id)
       and not exists (select from calendar_connection c where c.host_id = h.id and (
         exists (select from calendar_event e where e.connection_id = c.id)
         or exists (select from erasure o where o.order_id <> $1
           and o.events @> jsonb_build_array(jsonb_build_object('connectionId', c.id)))))`,
    [orderId],
  );
  const hostIds = hosts.map((h) => h.id);
  const connections = await rows<{ id: string }>(
    tx,
    'select id from calendar_connection where host_id = any($1::uuid[])',
    [hostIds],
  );
  return { hostIds, connectionIds: connections.map((c) => c.id) };
}

export async function deleteHosts(tx: EntityManager, hostIds: readonly string[]): Promise<void> {
  await tx.query('delete from host where id = any($1::uuid[])', [hostIds]);
}
