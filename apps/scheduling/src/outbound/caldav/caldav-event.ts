import { instantOf } from '../../domain/span.js';
import type { CalendarEvent, EventAsRead } from '../host-calendar.js';
import { timesOf } from '../icalendar/ical-entries.js';
import {
  escapeText,
  first,
  parseICal,
  unreadable,
  writeICal,
  type Component,
  type Property,
} from '../icalendar/ical.js';

/** Properties a person may have written about the lead in. */
const TEXTS = new Set([
  ...['SUMMARY', 'DESCRIPTION', 'LOCATION', 'COMMENT', 'CONTACT', 'ATTENDEE', 'ATTACH', 'CATEGORIES'],
  ...['URL', 'CONFERENCE', 'STYLED-DESCRIPTION', 'X-ALT-DESC'],
]);

/** The resource of an event of ours. Nobody but us invites: no attendee, and SCHEDULE-AGENT=CLIENT (RFC 6638 §7.1).
 * @param organizer our own mailbox
 * @param at DTSTAMP */
export function eventText(event: CalendarEvent, organizer: string, at: Temporal.Instant): string {
  const ours = propertiesOf(event, organizer, at);
  return writeICal(calendarOf({ name: 'VEVENT', properties: ours, components: [] }));
}

/** The resource as it stands with our properties brought up to date: an alarm or a colour the host added stays. */
export function updatedText(text: string, event: CalendarEvent, organizer: string, at: Temporal.Instant): string {
  const calendar = parseICal(text);
  const present = eventIn(calendar);
  const ours = propertiesOf(event, organizer, at);
  const names = new Set([...ours.map((p) => p.name), 'DURATION', 'RRULE', 'RDATE', 'EXDATE']);
  const kept = present.properties.filter((p) => !names.has(p.name));
  return writeICal(calendarOf({ ...present, properties: [...ours, ...kept] }));
}

/** The resource with its times and nothing else: no title, text, place, attendee, alarm or attachment. */
export function blankText(text: string, at: Temporal.Instant): string {
  const event = eventIn(parseICal(text));
  const keep = ['UID', 'DTSTART', 'DTEND', 'SEQUENCE', 'STATUS'];
  const properties = [...event.properties.filter((p) => keep.includes(p.name)), property('DTSTAMP', stamp(at))];
  const zones = parseICal(text).components.filter((c) => c.name === 'VTIMEZONE');
  const calendar = calendarOf({ name: 'VEVENT', properties, components: [] });
  return writeICal({ ...calendar, components: [...zones, ...calendar.components] });
}

/** @throws EntryUnreadable */
export function readEvent(text: string): EventAsRead {
  const calendar = parseICal(text);
  const event = eventIn(calendar);
  const { startsAt, endsAt } = timesOf(event, calendar);
  const sequence = Number(first(event, 'X-AVTALA-SEQUENCE')?.value);
  return {
    cancelled: first(event, 'STATUS')?.value === 'CANCELLED',
    startsAt: startsAt === null ? null : instantOf(startsAt),
    endsAt: endsAt === null ? null : instantOf(endsAt),
    sequence: Number.isInteger(sequence) ? sequence : null,
    blank: !calendar.components.some(hasText),
  };
}

const hasText = (c: Component): boolean =>
  c.name !== 'VTIMEZONE' &&
  (c.properties.some((p) => TEXTS.has(p.name) && p.value !== '') || c.components.some(hasText));

function eventIn(calendar: Component): Component {
  const event = calendar.components.find((c) => c.name === 'VEVENT');
  if (!event) throw unreadable();
  return event;
}

const property = (name: string, value: string, params: Record<string, string> = {}): Property => ({
  name,
  params,
  value,
});

const stamp = (at: Temporal.Instant): string => at.round('second').toString().replaceAll(/[-:]/g, '');

function propertiesOf(event: CalendarEvent, organizer: string, at: Temporal.Instant): Property[] {
  return [
    // One UID for a booking; a generation after it has one of its own, since a server refuses a UID twice.
    property('UID', event.id.length > 26 ? event.id : event.bookingId),
    property('DTSTAMP', stamp(at)),
    property('DTSTART', stamp(event.startsAt)),
    property('DTEND', stamp(event.endsAt)),
    property('SEQUENCE', String(event.sequence)),
    property('STATUS', 'CONFIRMED'),
    property('TRANSP', 'OPAQUE'),
    property('ORGANIZER', `mailto:${organizer}`, { 'SCHEDULE-AGENT': 'CLIENT' }),
    property('SUMMARY', escapeText(event.title)),
    property('DESCRIPTION', escapeText(event.description)),
    property('LOCATION', escapeText(event.location ?? '')),
    property('X-AVTALA-SEQUENCE', String(event.sequence)),
  ];
}

const calendarOf = (event: Component): Component => ({
  name: 'VCALENDAR',
  properties: [property('VERSION', '2.0'), property('PRODID', '-//Avtala//Scheduling//EN')],
  components: [event],
});
