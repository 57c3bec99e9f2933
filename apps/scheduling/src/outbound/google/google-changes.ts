import type { calendar_v3 } from '@googleapis/calendar';
import { entriesOf } from '../icalendar/ical-entries.js';
import { unreadable } from '../icalendar/ical.js';
import type { ChangedItem } from '../host-calendar.js';

/** Times, and whether they count: nothing of what an entry is about. */
export const FIELDS =
  'timeZone,nextPageToken,nextSyncToken,items(id,status,start,end,transparency,eventType,recurrence,recurringEventId,originalStartTime,attendees(self,responseStatus))';

/** Kinds of entries that keep nobody from meeting. */
const NOT_BUSY = new Set(['workingLocation', 'birthday', 'fromGmail']);

/** @param zone the calendar's, for whole days
 * @throws EntryUnreadable what an event says of time is not understood */
export function itemsOf(events: readonly calendar_v3.Schema$Event[], zone: string): ChangedItem[] {
  return events.map((event) => {
    const id = event.id!;
    const cancelled = event.status === 'cancelled';
    if (!event.recurringEventId) return { id, entries: cancelled ? null : isFree(event) ? [] : entries(event, zone) };
    const original = event.originalStartTime;
    if (!original) throw unreadable();
    const replaces = { id: event.recurringEventId, at: instantMinute(original, zone) };
    return { id, entries: cancelled || isFree(event) ? [] : entries(event, zone), replaces };
  });
}

const isFree = (e: calendar_v3.Schema$Event): boolean =>
  e.transparency === 'transparent' ||
  NOT_BUSY.has(e.eventType ?? '') ||
  (e.attendees ?? []).some((a) => a.self && a.responseStatus === 'declined');

const entries = (event: calendar_v3.Schema$Event, zone: string) => entriesOf(text(event, zone), zone);

/** The event as iCalendar says it, so that both vendors' series are counted by one hand. */
function text(event: calendar_v3.Schema$Event, zone: string): string {
  const series = event.recurrence?.length ? zone : undefined; // only a series needs its wall clock; a single event is told in UTC
  const lines = [line('DTSTART', event.start, series), line('DTEND', event.end, series), ...(event.recurrence ?? [])];
  return ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n');
}

function line(
  name: string,
  time: calendar_v3.Schema$EventDateTime | undefined,
  seriesZone: string | undefined,
): string {
  if (time?.date) return `${name};VALUE=DATE:${time.date.replaceAll('-', '')}`;
  if (!time?.dateTime) throw unreadable();
  const zone = seriesZone === undefined ? 'UTC' : (time.timeZone ?? seriesZone);
  try {
    const local = Temporal.Instant.from(time.dateTime).toZonedDateTimeISO(zone).toPlainDateTime();
    const basic = local.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '');
    return zone === 'UTC' ? `${name}:${basic}Z` : `${name};TZID=${zone}:${basic}`;
  } catch (cause) {
    throw unreadable(cause);
  }
}

function instantMinute(time: calendar_v3.Schema$EventDateTime, zone: string): number {
  const at = time.dateTime
    ? Temporal.Instant.from(time.dateTime)
    : Temporal.PlainDate.from(time.date!)
        .toZonedDateTime(time.timeZone ?? zone)
        .toInstant();
  return Math.floor(at.epochMilliseconds / 60_000);
}
