import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { instantOf, minuteOf, type Span } from '../domain/span.js';
import { freeSlots, rangeOf } from './bookings.js';

/** A time kept for a lead. Not a legal hold: that word is taken. */
export interface KeptSlot {
  id: string;
  engagementId: string;
  leadId: string;
  hostId: string;
  meetingTypeId: string;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  keptUntil: Temporal.Instant;
  blocked: Span;
}

type Row = Omit<KeptSlot, 'startsAt' | 'endsAt' | 'keptUntil' | 'blocked'> &
  Record<'startsAt' | 'endsAt' | 'keptUntil' | 'from' | 'to', Date>;

const COLUMNS = `id, engagement_id as "engagementId", lead_id as "leadId", host_id as "hostId", meeting_type_id as "meetingTypeId",
  starts_at as "startsAt", ends_at as "endsAt", kept_until as "keptUntil", lower(blocked) as "from", upper(blocked) as "to"`;

const instant = (date: Date) => Temporal.Instant.fromEpochMilliseconds(date.getTime());

const fromRow = ({ from, to, ...row }: Row): KeptSlot => ({
  ...row,
  startsAt: instant(row.startsAt),
  endsAt: instant(row.endsAt),
  keptUntil: instant(row.keptUntil),
  blocked: { from: minuteOf(instant(from)), to: minuteOf(instant(to)) },
});

/** Takes the slot and, only if it was free, keeps it: one statement, under the same constraint as bookings.
 * @returns false when somebody else has any of that time */
export async function insertKept(tx: EntityManager, k: KeptSlot): Promise<boolean> {
  const n = await affected(
    tx,
    `with slot as (
       insert into host_slot (booking_id, host_id, blocked, kind) values ($2, $4, $9, 'kept') on conflict do nothing returning booking_id)
     insert into kept_slot (engagement_id, id, lead_id, host_id, meeting_type_id, starts_at, ends_at, kept_until, blocked)
     select $1, booking_id, $3, $4, $5, $6, $7, $8, $9 from slot`,
    [
      k.engagementId,
      k.id,
      k.leadId,
      k.hostId,
      k.meetingTypeId,
      k.startsAt.toString(),
      k.endsAt.toString(),
      k.keptUntil.toString(),
      rangeOf(k.blocked),
    ],
  );
  return n > 0;
}

export async function keptOf(tx: EntityManager, leadId: string): Promise<KeptSlot | undefined> {
  const [row] = await rows<Row>(tx, `select ${COLUMNS} from kept_slot where lead_id = $1`, [leadId]);
  return row && fromRow(row);
}

export async function findKept(tx: EntityManager, id: string): Promise<KeptSlot | undefined> {
  const [row] = await rows<Row>(tx, `select ${COLUMNS} from kept_slot where id = $1`, [id]);
  return row && fromRow(row);
}

/** Gives kept slots back. @returns the ids that were still kept */
export async function releaseKept(
  tx: EntityManager,
  of: { id: string } | { leadId: string } | { engagementId: string },
): Promise<string[]> {
  const [column, value] =
    'id' in of ? ['id', of.id] : 'leadId' in of ? ['lead_id', of.leadId] : ['engagement_id', of.engagementId];
  const gone = await rows<{ id: string }>(
    tx,
    `with gone as (delete from kept_slot where ${column} = $1 returning id) select id from gone`,
    [value],
  );
  const ids = gone.map((g) => g.id);
  if (ids.length) await freeSlots(tx, ids);
  return ids;
}

/** A meeting type's bookings of these hosts by their own days; a meeting that was held or missed took its place. @returns `hostId day` → how many */
export async function bookedPerDay(
  tx: EntityManager,
  meetingTypeId: string,
  hosts: readonly { hostId: string; zone: string }[],
  within: Span,
): Promise<Map<string, number>> {
  const found = await rows<{ host_id: string; day: string; n: number }>(
    tx,
    `select b.host_id, (b.starts_at at time zone h.zone)::date::text as day, count(*)::int as n
     from booking b join unnest($2::uuid[], $3::text[]) as h(id, zone) on h.id = b.host_id
     where b.meeting_type_id = $1 and b.state <> 'cancelled' and b.starts_at >= $4 and b.starts_at < $5 group by 1, 2`,
    [
      meetingTypeId,
      hosts.map((h) => h.hostId),
      hosts.map((h) => h.zone),
      instantOf(within.from).toString(),
      instantOf(within.to).toString(),
    ],
  );
  return new Map(found.map((r) => [`${r.host_id} ${r.day}`, r.n]));
}

/** Those who count a day's meetings of one type and host wait for each other. */
export async function lockDay(tx: EntityManager, meetingTypeId: string, hostId: string, day: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(4715, hashtext($1))', [`${meetingTypeId} ${hostId} ${day}`]);
}
