import type { CalendarEntry } from '../../domain/calendar-entry.js';
import { utcOfWall } from '../../domain/wall-clock.js';
import { first, parseICal, unreadable, type Component, type Property } from './ical.js';
import { zoneOf } from './ical-zones.js';

interface Moment {
  /** Minutes of the wall clock, seconds apart. */
  wall: number;
  seconds: number;
  zone: string;
  wholeDay: boolean;
}

/** What makes the owner busy in one calendar resource: a single event, or a series with those of it that stand elsewhere.
 * @param floatingZone for times and days without a zone: the calendar's, else the host's
 * @throws EntryUnreadable what it says of time is not understood: such a calendar is unreadable, not free */
export function entriesOf(text: string, floatingZone: string): CalendarEntry[] {
  const calendar = parseICal(text);
  const events = calendar.components.filter((c) => c.name === 'VEVENT');
  const moment = (p: Property): Moment => momentOf(p, calendar, floatingZone);
  const moved = events.flatMap((e) => {
    const of = first(e, 'RECURRENCE-ID');
    if (of?.params['RANGE']) throw unreadable(); // "this and following": rare, and not counted through
    return of ? [utcOf(moment(of))] : [];
  });
  return events.flatMap((event) => {
    if (first(event, 'STATUS')?.value === 'CANCELLED') return [];
    if (first(event, 'TRANSP')?.value === 'TRANSPARENT') return [];
    const single = first(event, 'RECURRENCE-ID') !== undefined;
    return [entryOf(event, moment, single ? [] : moved)];
  });
}

/** When an event begins and ends, read alone; null where it does not say. */
export function timesOf(event: Component, calendar: Component): { startsAt: number | null; endsAt: number | null } {
  const at = (name: string): number | null => {
    const p = first(event, name);
    return p ? utcOf(momentOf(p, calendar, 'UTC')) : null;
  };
  return { startsAt: at('DTSTART'), endsAt: at('DTEND') };
}

function entryOf(event: Component, moment: (p: Property) => Moment, moved: number[]): CalendarEntry {
  const dtstart = first(event, 'DTSTART');
  if (!dtstart) throw unreadable();
  const start = moment(dtstart);
  const { days, minutes } = lengthOf(event, start, moment);
  const list = (name: string) =>
    event.properties
      .filter((p) => p.name === name)
      .flatMap((p) => p.value.split(',').map((value) => utcOf(moment({ ...p, value: value.split('/')[0]! }))));
  const except = [...list('EXDATE'), ...moved];
  const also = list('RDATE');
  const rule = first(event, 'RRULE')?.value.toUpperCase();
  const until = rule === undefined ? undefined : untilOf(rule, start);
  return {
    at: start.wall,
    zone: start.zone,
    days,
    minutes,
    ...(rule === undefined ? {} : { rule: rule.replace(/;?UNTIL=[^;]*/, '').replace(/^;/, '') }),
    ...(until === undefined ? {} : { until }),
    ...(except.length ? { except } : {}),
    ...(also.length ? { also } : {}),
  };
}

function lengthOf(event: Component, start: Moment, moment: (p: Property) => Moment): { days: number; minutes: number } {
  const end = first(event, 'DTEND');
  const duration = first(event, 'DURATION');
  if (end) {
    const to = moment(end);
    if (start.wholeDay && to.wholeDay) return { days: Math.max(1, (to.wall - start.wall) / 1440), minutes: 0 };
    // DTEND says an exact length, also for a series (RFC 5545 §3.8.5.3); seconds widen it.
    const minutes = utcOf(to) + (to.seconds ? 1 : 0) - utcOf(start);
    if (minutes < 0) throw unreadable();
    return { days: 0, minutes };
  }
  if (!duration) return start.wholeDay ? { days: 1, minutes: 0 } : { days: 0, minutes: 0 };
  const parts = /^\+?P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/.exec(duration.value);
  if (!parts) throw unreadable();
  const [weeks, d, h, m, s] = parts.slice(1).map((n) => Number(n ?? 0)) as [number, number, number, number, number];
  return { days: weeks * 7 + d, minutes: h * 60 + m + Math.ceil((s + start.seconds) / 60) };
}

/** The last start: in UTC, or as a date or wall clock of the series' own zone. */
function untilOf(rule: string, start: Moment): number | undefined {
  const value = /(?:^|;)UNTIL=([^;]*)/.exec(rule)?.[1];
  if (value === undefined) return undefined;
  const wholeDay = /^\d{8}$/.test(value);
  const { wall, utc } = wallOf(value);
  return utc ? wall : utcOfWall(wholeDay ? wall + 1439 : wall, start.zone);
}

const utcOf = (m: Moment): number => utcOfWall(m.wall, m.zone);

function momentOf(p: Property, calendar: Component, floatingZone: string): Moment {
  const { wall, seconds, utc } = wallOf(p.value);
  const wholeDay = p.params['VALUE'] === 'DATE' || /^\d{8}$/.test(p.value);
  const tzid = p.params['TZID'];
  const zone = utc ? 'UTC' : tzid === undefined ? floatingZone : zoneOf(tzid, calendar);
  return { wall, seconds, zone, wholeDay };
}

function wallOf(value: string): { wall: number; seconds: number; utc: boolean } {
  const parts = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(value);
  if (!parts) throw unreadable();
  const [, year, month, day, h = '00', m = '00', s = '00', z] = parts;
  try {
    const at = Temporal.Instant.from(`${year}-${month}-${day}T${h}:${m}:${s === '60' ? '59' : s}Z`);
    const seconds = Math.floor(at.epochMilliseconds / 1000);
    return { wall: Math.floor(seconds / 60), seconds: seconds - Math.floor(seconds / 60) * 60, utc: z === 'Z' };
  } catch (cause) {
    throw unreadable(cause);
  }
}
