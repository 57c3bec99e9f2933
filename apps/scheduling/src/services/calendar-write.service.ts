import { ContactsClient } from '@avtala/access';
import { AppError, type Contact } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, LeaseLost, type DueItem } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { decideCalendar } from '../domain/decide-calendar.js';
import { calendarEventId } from '../domain/event-id.js';
import { toldAt } from '../domain/undo-window.js';
import type { CalendarAccess, CalendarEvent } from '../outbound/host-calendar.js';
import { lockBooking, type Booking } from '../storage/bookings.js';
import { keepWritten } from '../storage/calendar-cache.js';
import { eventsOfBooking, intendEvent, settleEvent, type CalendarEventRow } from '../storage/calendar-events.js';
import { connectionsById, connectionsOf, type ConnectionRow } from '../storage/hosts.js';
import { findMeetingType } from '../storage/meeting-types.js';
import { CalendarWriter } from './calendar-writer.js';

/** Ids tried in one calendar for what a booking says now. */
const MOST_GENERATIONS = 5;

interface Step {
  job: 'write' | 'remove';
  booking: Booking;
  title: string;
  location: string | null;
  event: { generation: number; connectionId: string; eventId: string };
  access: CalendarAccess | undefined;
  /** It was written once: now it is to be changed. */
  writtenBefore: boolean;
}

/** Brings hosts' own calendars to what the booking says: an event at its time in its host's, and none in anybody else's. */
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
      await this.#do(step, item);
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === 'later') throw error;
      log.warn('calendar.refused', { bookingId: step.booking.id, code: error.code });
      await this.#outcome(step, item, 'failed', error.code);
    }
  }

  async #do(step: Step, item: DueItem): Promise<void> {
    const { booking, event, access } = step;
    if (!access) return this.#outcome(step, item, 'failed', 'connection-gone');
    if (step.job === 'remove') {
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
      const next = await this.#job(tx, booking);
      if (!next) return this.due.done(tx, item).then(() => undefined);
      const { job, event, connection } = next;
      await intendEvent(tx, booking, event);
      const type = await findMeetingType(tx, booking.meetingTypeId);
      const { title, location } = { title: type?.name ?? 'Möte', location: type?.location ?? null };
      return { job, booking, event, connection, title, location, writtenBefore: next.writtenBefore };
    });
    if (!found) return undefined;
    const { connection, ...step } = found;
    const access = await this.writer.accessOf(connection ? [connection] : []);
    return { ...step, access: connection && access.get(connection.id) };
  }

  async #job(tx: EntityManager, booking: Booking) {
    const events = await eventsOfBooking(tx, booking.id);
    const used = await connectionsById(
      tx,
      events.map((e) => e.connectionId),
    );
    const connections = new Map<string, ConnectionRow>(used.map((c) => [c.id, c]));
    const [own] = await connectionsOf(tx, [booking.hostId]);
    const tried = events.map((e) => ({ ...e, hostId: connections.get(e.connectionId)?.hostId ?? null }));
    const job = decideCalendar(booking, tried, own !== undefined);
    if (!job) return undefined;
    const known = events.find((e) => e.generation === job.generation);
    const event = known ?? newEvent(booking, job.generation, own!.id);
    const connection = known ? connections.get(known.connectionId) : own;
    return { job: job.do, event, connection, writtenBefore: known?.state === 'written' };
  }

  // The event was cancelled at the vendor, and its id is used up for good: the next one gets a suffix. A calendar that calls every id used up is refusing.
  async #nextGeneration(step: Step, item: DueItem): Promise<void> {
    const { booking, event } = step;
    const isNext = await this.db.withScope(scopeOf(booking.engagementId), async (tx) => {
      const current = await lockBooking(tx, booking.id);
      if (!current) return true;
      const events = await eventsOfBooking(tx, booking.id);
      const tried = events.filter((e) => e.connectionId === event.connectionId && e.sequence === booking.sequence);
      if (tried.length >= MOST_GENERATIONS) return false;
      await settleEvent(tx, { ...event, bookingId: booking.id, state: 'removed' });
      await intendEvent(tx, current, newEvent(booking, event.generation + 1, event.connectionId));
      await this.due.again(tx, item, { dueAt: this.clock.now() });
      return true;
    });
    if (!isNext) await this.#outcome(step, item, 'failed', 'event-ids-used-up');
  }

  async #outcome(step: Step, item: DueItem, state: 'written' | 'removed' | 'failed', code?: string): Promise<void> {
    const settle = (end: boolean) =>
      this.db.withScope(scopeOf(step.booking.engagementId), async (tx) => {
        const current = await lockBooking(tx, step.booking.id);
        if (!current) return;
        await settleEvent(tx, { ...step.event, bookingId: current.id, state, ...(code ? { code } : {}) });
        if (state !== 'failed') await keepWritten(tx, step.event.connectionId, this.clock.now());
        if (!end) return;
        // Changed while we wrote, or another calendar still to be cleared: once more, for what it says now.
        if (await this.#job(tx, current)) await this.due.again(tx, item, { dueAt: toldAt(current.decidedAt) });
        else await this.due.done(tx, item);
      });
    try {
      await settle(true);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      await settle(false); // what was written was written
    }
  }
}

function newEvent(b: Booking, generation: number, connectionId: string): Omit<CalendarEventRow, 'leadId'> {
  const eventId = calendarEventId(b.id, generation);
  return { bookingId: b.id, generation, connectionId, eventId, sequence: b.sequence, state: 'writing' };
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
