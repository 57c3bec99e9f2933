import { ContactsClient } from '@avtala/access';
import type { Contact } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, LeaseLost, type DueItem } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { calendarEventId } from '../domain/event-id.js';
import { toldAt } from '../domain/undo-window.js';
import { CalendarRefused, type CalendarAccess, type CalendarEvent } from '../outbound/host-calendar.js';
import { lockBooking, type Booking } from '../storage/bookings.js';
import { eventsOfBooking, intendEvent, settleEvent, type CalendarEventRow } from '../storage/calendar-events.js';
import { connectionsById, connectionsOf } from '../storage/hosts.js';
import { findMeetingType } from '../storage/meeting-types.js';
import { CalendarWriter } from './calendar-writer.js';

interface Step {
  booking: Booking;
  title: string;
  location: string | null;
  event: CalendarEventRow;
  access: CalendarAccess | undefined;
  /** It was written once: now it is to be changed. */
  writtenBefore: boolean;
}

/** Brings the host's own calendar to what the booking says: an event at its time, or none. */
@Injectable()
export class CalendarWriteService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly contacts: ContactsClient,
    private readonly writer: CalendarWriter,
  ) {}

  /** One due row. The intent, with the id the event will have, is committed before the call; the outcome after it. */
  async settle(item: DueItem): Promise<void> {
    const step = await this.#next(item);
    if (!step) return;
    try {
      await this.#write(step, item);
    } catch (error) {
      if (!(error instanceof CalendarRefused)) throw error;
      log.warn('calendar.refused', { bookingId: step.booking.id, code: error.code });
      await this.#outcome(step, item, 'failed', error.code);
    }
  }

  async #write(step: Step, item: DueItem): Promise<void> {
    const { booking, event, access } = step;
    if (!access) return this.#outcome(step, item, 'failed', 'connection-gone');
    if (booking.state === 'cancelled') {
      await this.writer.remove(access, event.eventId);
      return this.#outcome(step, item, 'removed');
    }
    const answer = (await this.contacts.read([booking.leadId], 'invite', item.id)).get(booking.leadId);
    if (answer?.status !== 'ok') return this.#outcome(step, item, 'failed', 'not-allowed');
    const written = await this.writer.write(access, eventOf(step, answer.contact), step.writtenBefore);
    if (written === 'used-up') return this.#nextGeneration(step, item);
    return this.#outcome(step, item, 'written');
  }

  /** What is to be done now, its intent committed; undefined when nothing is, and the due row is ended. */
  async #next(item: DueItem): Promise<Step | undefined> {
    const found = await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const booking = await lockBooking(tx, item.key);
      if (!booking) return this.due.done(tx, item).then(() => undefined);
      const opensAt = toldAt(booking.decidedAt);
      if (Temporal.Instant.compare(this.clock.now(), opensAt) < 0) {
        return this.due.again(tx, item, { dueAt: opensAt }).then(() => undefined);
      }
      const last = (await eventsOfBooking(tx, booking.id)).at(-1);
      const [connection] = last
        ? await connectionsById(tx, [last.connectionId])
        : await connectionsOf(tx, [booking.hostId]);
      const nothing =
        booking.state === 'cancelled'
          ? !last || last.state === 'removed'
          : booking.state !== 'booked' ||
            (!last && !connection) ||
            (last?.state === 'written' && last.sequence === booking.sequence);
      if (nothing) return this.due.done(tx, item).then(() => undefined);
      const event = last ?? firstEvent(booking, connection!.id);
      await intendEvent(tx, booking, event);
      const type = await findMeetingType(tx, booking.meetingTypeId);
      return {
        booking,
        event,
        connection,
        title: type?.name ?? 'Möte',
        location: type?.location ?? null,
        writtenBefore: last?.state === 'written',
      };
    });
    if (!found) return undefined;
    const { connection, ...step } = found;
    const access = await this.writer.accessOf(connection ? [connection] : []);
    return { ...step, access: connection && access.get(connection.id) };
  }

  // The event was cancelled at the vendor, and its id is used up for good: the next one gets a suffix.
  async #nextGeneration(step: Step, item: DueItem): Promise<void> {
    const { booking, event } = step;
    await this.db.withScope(scopeOf(booking.engagementId), async (tx) => {
      const current = await lockBooking(tx, booking.id);
      if (!current) return;
      await settleEvent(tx, { ...event, state: 'removed' });
      const generation = event.generation + 1;
      const { connectionId } = event;
      await intendEvent(tx, current, { generation, connectionId, eventId: calendarEventId(booking.id, generation) });
      await this.due.again(tx, item, { dueAt: this.clock.now() });
    });
  }

  async #outcome(step: Step, item: DueItem, state: 'written' | 'removed' | 'failed', code?: string): Promise<void> {
    const settle = (end: boolean) =>
      this.db.withScope(scopeOf(step.booking.engagementId), async (tx) => {
        const current = await lockBooking(tx, step.booking.id);
        if (!current) return;
        await settleEvent(tx, { ...step.event, state, ...(code ? { code } : {}) });
        if (!end) return;
        // Changed while we wrote: once more, for what it says now.
        const same = current.sequence === step.booking.sequence && current.state === step.booking.state;
        if (same) await this.due.done(tx, item);
        else await this.due.again(tx, item, { dueAt: toldAt(current.decidedAt) });
      });
    try {
      await settle(true);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      await settle(false); // what was written was written
    }
  }
}

function firstEvent(b: Booking, connectionId: string): CalendarEventRow {
  return {
    bookingId: b.id,
    leadId: b.leadId,
    generation: 0,
    connectionId,
    eventId: calendarEventId(b.id, 0),
    sequence: b.sequence,
    state: 'writing',
  };
}

function eventOf(step: Step, contact: Contact | undefined): CalendarEvent {
  const { booking: b } = step;
  const about = [contact?.company, contact?.title, contact?.phone, contact?.email].filter(Boolean);
  return {
    id: step.event.eventId,
    bookingId: b.id,
    sequence: b.sequence,
    startsAt: b.startsAt,
    endsAt: b.endsAt,
    timeZone: b.timeZone,
    title: contact ? `${step.title}: ${contact.name}` : step.title,
    description: about.join('\n'),
    ...(step.location ? { location: step.location } : {}),
  };
}
