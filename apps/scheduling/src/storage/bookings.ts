import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { BookingState } from '../domain/decide-change.js';
import { instantOf, minuteOf, type Span } from '../domain/span.js';

export interface Booking {
  id: string;
  engagementId: string;
  leadId: string;
  hostId: string;
  meetingTypeId: string;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  /** The lead's zone. */
  timeZone: string;
  state: BookingState;
  sequence: number;
  decidedAt: Temporal.Instant;
  /** Whose booking it is: the person of the staff; null where the lead did it by a link. A change by somebody else changes nothing of it. */
  bookedBy: string | null;
}

interface Row extends Omit<Booking, 'startsAt' | 'endsAt' | 'decidedAt'> {
  startsAt: Date;
  endsAt: Date;
  decidedAt: Date;
}

const COLUMNS = `id, engagement_id as "engagementId", lead_id as "leadId", host_id as "hostId", meeting_type_id as "meetingTypeId",
  starts_at as "startsAt", ends_at as "endsAt", time_zone as "timeZone", state, sequence, decided_at as "decidedAt",
  booked_by as "bookedBy"`;

const instant = (date: Date): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(date.getTime());

const fromRow = (row: Row): Booking => ({
  ...row,
  startsAt: instant(row.startsAt),
  endsAt: instant(row.endsAt),
  decidedAt: instant(row.decidedAt),
});

/** As PostgreSQL writes a half-open range. */
export const rangeOf = (span: Span): string => `[${instantOf(span.from).toString()},${instantOf(span.to).toString()})`;

/** Takes the slot and, only if it was free, writes the booking: one statement, so no booking without its slot.
 * ON CONFLICT DO NOTHING, since catching the violation instead collapses under contention: 122 tries/s with deadlocks.
 * @returns false when somebody else has any of that time */
export async function insertBooking(tx: EntityManager, b: Booking, blocked: Span): Promise<boolean> {
  const n = await affected(
    tx,
    `with slot as (
       insert into host_slot (booking_id, host_id, blocked) values ($2, $4, $12) on conflict do nothing returning booking_id)
     insert into booking (engagement_id, id, lead_id, host_id, meeting_type_id, starts_at, ends_at, time_zone, sequence, decided_at, booked_by)
     select $1, booking_id, $3, $4, $5, $6, $7, $8, $9, $10, $11 from slot`,
    [
      b.engagementId,
      b.id,
      b.leadId,
      b.hostId,
      b.meetingTypeId,
      b.startsAt.toString(),
      b.endsAt.toString(),
      b.timeZone,
      b.sequence,
      b.decidedAt.toString(),
      b.bookedBy,
      rangeOf(blocked),
    ],
  );
  return n > 0;
}

/** Gives the old slot back and takes the new one. @returns false when it is taken: the caller rolls back, and the old one stands */
export async function moveSlot(tx: EntityManager, b: { id: string; hostId: string }, blocked: Span): Promise<boolean> {
  await freeSlots(tx, [b.id]);
  const n = await affected(
    tx,
    'insert into host_slot (booking_id, host_id, blocked) values ($1, $2, $3) on conflict do nothing',
    [b.id, b.hostId, rangeOf(blocked)],
  );
  return n > 0;
}

export async function freeSlots(tx: EntityManager, bookingIds: readonly string[]): Promise<number> {
  return affected(tx, 'delete from host_slot where booking_id = any($1::uuid[])', [bookingIds]);
}

/** When these hosts are taken by meetings of ours, of whatever engagement. */
export async function busySlots(
  tx: EntityManager,
  hostIds: readonly string[],
  within: Span,
): Promise<Map<string, Span[]>> {
  const found = await rows<{ host_id: string; from: Date; to: Date }>(
    tx,
    `select host_id, lower(blocked) as "from", upper(blocked) as "to" from busy_slots($1::uuid[], $2::tstzrange)`,
    [hostIds, rangeOf(within)],
  );
  const busy = new Map<string, Span[]>(hostIds.map((id) => [id, []]));
  for (const row of found) {
    busy.get(row.host_id)?.push({ from: minuteOf(instant(row.from)), to: minuteOf(instant(row.to)) });
  }
  return busy;
}

export async function findBooking(tx: EntityManager, id: string): Promise<Booking | undefined> {
  const [row] = await rows<Row>(tx, `select ${COLUMNS} from booking where id = $1`, [id]);
  return row && fromRow(row);
}

export async function lockBooking(tx: EntityManager, id: string): Promise<Booking | undefined> {
  const [row] = await rows<Row>(tx, `select ${COLUMNS} from booking where id = $1 for update`, [id]);
  return row && fromRow(row);
}

/** Writes what a change decided: state, host, times, sequence. */
export async function updateBooking(tx: EntityManager, b: Booking, reason?: string): Promise<void> {
  await tx.query(
    `update booking set state = $2, starts_at = $3, ends_at = $4, sequence = $5, decided_at = $6, reason = coalesce($7, reason),
       host_id = $8 where id = $1`,
    [
      b.id,
      b.state,
      b.startsAt.toString(),
      b.endsAt.toString(),
      b.sequence,
      b.decidedAt.toString(),
      reason ?? null,
      b.hostId,
    ],
  );
}

export interface BookingsPage {
  /** Every one in scope when not given. */
  readonly engagementId?: string | undefined;
  readonly leadId?: string | undefined;
  readonly hostId?: string | undefined;
  readonly state?: BookingState | undefined;
  /** Only those that start then or later, and before `to`. */
  readonly from?: Temporal.Instant | undefined;
  readonly to?: Temporal.Instant | undefined;
  readonly limit: number;
  /** Id of the last one seen. */
  readonly after?: string | undefined;
}

/** A page of bookings by start, of what is in scope and asked for.
 * @param engagementIds what the scope may see; named as well, so that `booking_page` is read and not the table */
export async function pageOfBookings(
  tx: EntityManager,
  engagementIds: readonly string[],
  of: BookingsPage,
): Promise<Booking[]> {
  const found = await rows<Row>(
    tx,
    `select ${COLUMNS} from booking where engagement_id = any($1::uuid[])
       and ($3::uuid is null or (starts_at, id) > (select starts_at, id from booking where id = $3))
       and ($4::uuid is null or lead_id = $4) and ($5::uuid is null or host_id = $5) and ($6::text is null or state = $6)
       and starts_at >= coalesce($7::timestamptz, '-infinity') and starts_at < coalesce($8::timestamptz, 'infinity')
     order by starts_at, id limit $2`,
    [
      engagementIds,
      of.limit,
      of.after ?? null,
      of.leadId ?? null,
      of.hostId ?? null,
      of.state ?? null,
      of.from?.toString() ?? null,
      of.to?.toString() ?? null,
    ],
  );
  return found.map(fromRow);
}

/** All bookings of a lead, or of everybody in an engagement. */
export async function bookingsOf(
  tx: EntityManager,
  of: { engagementId: string; leadId: string | null },
): Promise<Booking[]> {
  const found = await rows<Row>(
    tx,
    `select ${COLUMNS} from booking where engagement_id = $1 and ($2::uuid is null or lead_id = $2) order by starts_at, id`,
    [of.engagementId, of.leadId],
  );
  return found.map(fromRow);
}
