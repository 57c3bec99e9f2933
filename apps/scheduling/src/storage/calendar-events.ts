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
     on conflict (booking_id, generation) do update set state = 'writing', sequence = excluded.sequence`,
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
