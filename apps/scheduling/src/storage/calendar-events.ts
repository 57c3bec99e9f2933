import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Booking } from './bookings.js';

/** One event at the vendor, from the moment we meant to write it. */
export interface CalendarEventRow {
  bookingId: string;
  leadId: string;
  generation: number;
  connectionId: string;
  eventId: string;
  sequence: number;
  state: 'writing' | 'written' | 'removed' | 'failed' | 'erased';
}

const COLUMNS = `booking_id as "bookingId", lead_id as "leadId", generation, connection_id as "connectionId", event_id as "eventId",
  sequence, state`;

export async function eventsOfBooking(tx: EntityManager, bookingId: string): Promise<CalendarEventRow[]> {
  return rows<CalendarEventRow>(tx, `select ${COLUMNS} from calendar_event where booking_id = $1 order by generation`, [
    bookingId,
  ]);
}

/** All events ever attempted for a lead, or for everybody in an engagement. */
export async function eventsOf(
  tx: EntityManager,
  of: { engagementId: string; leadId: string | null },
): Promise<CalendarEventRow[]> {
  return rows<CalendarEventRow>(
    tx,
    `select ${COLUMNS} from calendar_event where engagement_id = $1 and ($2::uuid is null or lead_id = $2)
     order by booking_id, generation`,
    [of.engagementId, of.leadId],
  );
}

/** The intent to write; committed before the call, so that an answer that never came can be asked for by the same id. */
export async function intendEvent(
  tx: EntityManager,
  b: Booking,
  e: { generation: number; connectionId: string; eventId: string },
): Promise<void> {
  await tx.query(
    `insert into calendar_event (engagement_id, lead_id, booking_id, generation, connection_id, event_id, sequence, state)
     values ($1, $2, $3, $4, $5, $6, $7, 'writing')
     on conflict (booking_id, generation) do update set state = 'writing', sequence = excluded.sequence,
       host_change = null, host_starts_at = null`,
    [b.engagementId, b.leadId, b.id, e.generation, e.connectionId, e.eventId, b.sequence],
  );
}

export async function settleEvent(
  tx: EntityManager,
  e: { bookingId: string; generation: number; state: 'written' | 'removed' | 'failed' | 'erased'; code?: string },
): Promise<void> {
  await tx.query(`update calendar_event set state = $3, code = $4 where booking_id = $1 and generation = $2`, [
    e.bookingId,
    e.generation,
    e.state,
    e.code ?? null,
  ]);
}

/** One event as it was last written, of a meeting that lies ahead. */
export interface WrittenEvent {
  bookingId: string;
  generation: number;
  eventId: string;
  startsAt: Temporal.Instant;
  hostChange: 'moved' | 'deleted' | null;
}

/** Read as x_count: whose events these are. @param eventIds null: any of the connection's */
export async function engagementsOfEvents(
  tx: EntityManager,
  connectionId: string,
  eventIds: readonly string[] | null,
): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    `select distinct engagement_id as id from calendar_event
     where connection_id = $1 and ($2::text[] is null or event_id = any($2))`,
    [connectionId, eventIds],
  );
  return found.map((f) => f.id);
}

export async function writtenEvents(
  tx: EntityManager,
  connectionId: string,
  now: Temporal.Instant,
): Promise<WrittenEvent[]> {
  const found = await rows<Omit<WrittenEvent, 'startsAt'> & { startsAt: Date }>(
    tx,
    `select e.booking_id as "bookingId", e.generation, e.event_id as "eventId", b.starts_at as "startsAt", e.host_change as "hostChange"
     from calendar_event e join booking b on b.id = e.booking_id
     where e.connection_id = $1 and e.state = 'written' and e.sequence = b.sequence and b.state = 'booked' and b.starts_at > $2`,
    [connectionId, now.toString()],
  );
  return found.map((f) => ({ ...f, startsAt: Temporal.Instant.fromEpochMilliseconds(f.startsAt.getTime()) }));
}

export async function flagHostChange(
  tx: EntityManager,
  e: { bookingId: string; generation: number },
  change: 'moved' | 'deleted' | null,
  startsAt: Temporal.Instant | null,
): Promise<void> {
  await tx.query(
    'update calendar_event set host_change = $3, host_starts_at = $4 where booking_id = $1 and generation = $2',
    [e.bookingId, e.generation, change, startsAt?.toString() ?? null],
  );
}

/** What stands of a booking in its host's calendar; the newest attempt counts. */
export interface CalendarStanding {
  bookingId: string;
  state: CalendarEventRow['state'];
  code: string | null;
  hostChange: 'moved' | 'deleted' | null;
  hostStartsAt: Temporal.Instant | null;
}

/** @returns by booking; those without an event are absent */
export async function standingsOf(
  tx: EntityManager,
  bookingIds: readonly string[],
): Promise<Map<string, CalendarStanding>> {
  const found = await rows<Omit<CalendarStanding, 'hostStartsAt'> & { hostStartsAt: Date | null }>(
    tx,
    `select distinct on (booking_id) booking_id as "bookingId", state, code, host_change as "hostChange",
       host_starts_at as "hostStartsAt"
     from calendar_event where booking_id = any($1::uuid[]) order by booking_id, generation desc`,
    [bookingIds],
  );
  const instant = (at: Date | null) => at && Temporal.Instant.fromEpochMilliseconds(at.getTime());
  return new Map(found.map((f) => [f.bookingId, { ...f, hostStartsAt: instant(f.hostStartsAt) }]));
}

/** What was written, or refused, is to be written again. */
export async function reopenEvents(tx: EntityManager, bookingId: string): Promise<void> {
  await tx.query(
    `update calendar_event set state = 'writing', code = null, host_change = null, host_starts_at = null
     where booking_id = $1 and state in ('written', 'failed')`,
    [bookingId],
  );
}
