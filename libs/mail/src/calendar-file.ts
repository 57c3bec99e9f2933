import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { headerSafe } from './mailbox.js';
import type { Language } from './wording.js';

/** A meeting as a file for whoever downloads it: nobody's name or address in it but the host's name. */
export interface CalendarFacts {
  /** UID, the same as in the invite: importing the file changes that event. */
  bookingId: string;
  sequence: number;
  decidedAt: Temporal.Instant;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  cancelled: boolean;
  title: string;
  hostName?: string | undefined;
  location?: string | undefined;
  language: Language;
}

/** iCalendar text (RFC 5545), METHOD:PUBLISH: it invites nobody and asks for no answer.
 * @throws MailFieldInvalid a title, name or place that would break out of its line */
export function calendarFile(f: CalendarFacts): string {
  const calendar = ical({
    method: ICalCalendarMethod.PUBLISH,
    prodId: { company: 'Avtala', product: 'scheduling', language: f.language.toUpperCase() },
  });
  calendar.createEvent({
    id: f.bookingId,
    sequence: f.sequence,
    stamp: new Date(f.decidedAt.epochMilliseconds),
    start: new Date(f.startsAt.epochMilliseconds),
    end: new Date(f.endsAt.epochMilliseconds),
    summary: headerSafe('title', f.title),
    description: f.hostName ? headerSafe('hostName', f.hostName) : null,
    location: f.location ? headerSafe('location', f.location) : null,
    status: f.cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
  });
  return calendar.toString();
}
