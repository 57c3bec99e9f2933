import { AppError, fixedError } from '@avtala/contracts';
import type { CalendarEntry } from '../domain/calendar-entry.js';

/** Injection token of the HostCalendar. */
export const HOST_CALENDAR = Symbol('HostCalendar');

/** The calendar's owner has taken our access away, or the calendar refuses for good. Code only; the body echoes addresses. */
export class CalendarRefused extends AppError {
  readonly code: string;
  readonly kind = 'unprocessable';
  constructor(code: string) {
    super('The calendar refused', { code });
    this.code = code;
  }
}

/** The event was changed between our reading and our writing: read again and decide again. */
export class EventChanged extends fixedError('later', 'calendar-event-changed', 'The event was changed meanwhile') {}

export interface GoogleAccess {
  kind: 'google';
  connectionId: string;
  /** The host's, for what a calendar says without a zone. */
  zone: string;
  calendarId: string;
  refreshToken: string;
}

export interface CaldavAccess {
  kind: 'caldav';
  connectionId: string;
  zone: string;
  /** Of the collection, with a slash at its end. */
  calendarUrl: string;
  username: string;
  password: string;
}

/** How a host's calendar is reached; opened from its sealed form right before use. */
export type CalendarAccess = GoogleAccess | CaldavAccess;
export type CalendarKind = CalendarAccess['kind'];

/** How outside systems are named in receipts of erasure. */
export const RECIPIENT_OF: Readonly<Record<CalendarKind, string>> = {
  google: 'google-calendar',
  caldav: 'caldav-calendar',
};

/** What we write into a host's calendar. The id is ours: a function of the booking. */
export interface CalendarEvent {
  id: string;
  bookingId: string;
  sequence: number;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  timeZone: string;
  title: string;
  description: string;
  location?: string;
}

/** What reading an event back shows. */
export interface EventAsRead {
  cancelled: boolean;
  startsAt: Temporal.Instant | null;
  endsAt: Temporal.Instant | null;
  sequence: number | null;
  /** Whether any text, place or attendee is left in it. */
  blank: boolean;
}

/** What changed in a calendar since the last time, or all that is in it. */
export interface CalendarChanges {
  /** `items` is everything: what is not among them is not there any more. */
  full: boolean;
  items: ChangedItem[];
  /** For the next time; null where the vendor has none, so that every reading is a full one. */
  token: string | null;
}

export interface ChangedItem {
  /** The event's id as we gave it, or a name of the vendor's for what is not ours. */
  id: string;
  /** null: it is gone. Empty: it is there, and makes nobody busy. */
  entries: CalendarEntry[] | null;
  /** Starts of another item, a series, that this one stands for: the series has none there. UTC minute. */
  replaces?: { id: string; at: number };
}

/** The host's own calendar. Every call has a deadline and may be repeated.
 * Throws RetryLater on 429, 5xx, quota and timeouts; CalendarRefused on any other 4xx. */
export interface HostCalendar {
  /** Times at which the host is busy; throws when the calendar does not say, since unknown is not free. */
  busy(access: CalendarAccess, from: Temporal.Instant, to: Temporal.Instant, deadlineMs: number): Promise<BusyTime[]>;
  /** What changed since `token`; everything from `from` on without one, or when the vendor knows it no more. */
  changes(
    access: CalendarAccess,
    token: string | null,
    from: Temporal.Instant,
    deadlineMs: number,
  ): Promise<CalendarChanges>;
  /** null: no event has that id. */
  read(access: CalendarAccess, eventId: string): Promise<EventAsRead | null>;
  /** `exists`: the id was used before, perhaps by our own call whose answer was lost. */
  insert(access: CalendarAccess, event: CalendarEvent): Promise<'written' | 'exists'>;
  /** @throws EventChanged */
  patch(access: CalendarAccess, event: CalendarEvent): Promise<void>;
  /** Takes title, text, place and attendees out of an event; a cancelled one keeps them otherwise (protocols.md §1). */
  blank(access: CalendarAccess, eventId: string): Promise<void>;
  /** Safe to repeat: what is gone or cancelled stays so. */
  remove(access: CalendarAccess, eventId: string): Promise<void>;
}

export interface BusyTime {
  from: Temporal.Instant;
  to: Temporal.Instant;
}

/** Narrows an error to its code, for rows and log lines; the vendor's words are never kept. */
export const codeOf = (error: unknown): string => (error instanceof AppError ? error.code.slice(0, 64) : 'unexpected');
