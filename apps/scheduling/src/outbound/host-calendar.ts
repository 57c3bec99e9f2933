import { AppError } from '@avtala/contracts';

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

/** How a host's calendar is reached; opened from its sealed form right before use. */
export interface CalendarAccess {
  connectionId: string;
  calendarId: string;
  refreshToken: string;
}

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

/** The host's own calendar. Every call has a deadline and may be repeated.
 * Throws RetryLater on 429, 5xx, quota and timeouts; CalendarRefused on any other 4xx. */
export interface HostCalendar {
  /** Times at which the host is busy; throws when the calendar does not say, since unknown is not free. */
  busy(access: CalendarAccess, from: Temporal.Instant, to: Temporal.Instant, deadlineMs: number): Promise<BusyTime[]>;
  /** null: no event has that id. */
  read(access: CalendarAccess, eventId: string): Promise<EventAsRead | null>;
  /** `exists`: the id was used before, perhaps by our own call whose answer was lost. */
  insert(access: CalendarAccess, event: CalendarEvent): Promise<'written' | 'exists'>;
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
