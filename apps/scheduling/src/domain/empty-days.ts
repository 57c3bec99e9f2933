import { allowedStarts, freeStarts, type HostTime, type MeetingRules } from './free-starts.js';
import type { Span } from './span.js';
import { dayNumberOf, startOfDay, stretches, utcOfWall } from './wall-clock.js';

export const EMPTY_DAY_REASONS = [
  'past',
  'too-soon',
  'beyond-horizon',
  'outside-hours',
  'calendar-unreadable',
  'day-full',
  'busy',
] as const;
export type EmptyDayReason = (typeof EMPTY_DAY_REASONS)[number];

export interface EmptyDay {
  /** Calendar day in the zone asked for, `2027-03-02`. */
  day: string;
  reason: EmptyDayReason;
}

/** Days of a range without a start, and why: the reason that somebody could do most about stands last.
 * @param zone in which days are told
 * @param taken all starts found, UTC minutes
 * @param hosts `isFull`: their day has as many meetings of the type as it allows */
export function emptyDays(
  range: Span,
  zone: string,
  now: number,
  taken: ReadonlySet<number>,
  rules: MeetingRules,
  hosts: readonly { time: HostTime; unreadable: boolean; isFull: (start: number) => boolean }[],
): EmptyDay[] {
  const allowed = allowedStarts(now, rules);
  const found: EmptyDay[] = [];
  const withStarts = new Set([...taken].map((start) => dayIn(start, zone)));
  const last = dayIn(range.to - 1, zone);
  for (let day = dayIn(range.from, zone); day <= last; day++) {
    if (withStarts.has(day)) continue;
    const hours = {
      from: Math.max(utcOfWall(startOfDay(day), zone), range.from),
      to: Math.min(utcOfWall(startOfDay(day + 1), zone), range.to),
    };
    found.push({ day: nameOf(day), reason: reasonOf(hours) });
  }
  return found;

  function reasonOf(hours: Span): EmptyDayReason {
    if (hours.to <= now) return 'past';
    if (hours.to <= allowed.from) return 'too-soon';
    if (hours.from >= allowed.to) return 'beyond-horizon';
    const starts = (h: { time: HostTime }, at: number, by: MeetingRules) => freeStarts(hours, at, h.time, [], by);
    const anyTime = { ...rules, noticeMinutes: 0, horizonDays: 2 };
    if (!hosts.some((h) => starts(h, hours.from, anyTime).length)) return 'outside-hours';
    const open = hosts.map((h) => ({ ...h, starts: starts(h, now, rules) })).filter((h) => h.starts.length);
    if (!open.length) return hours.from < allowed.from ? 'too-soon' : 'beyond-horizon';
    const readable = open.filter((h) => !h.unreadable);
    if (!readable.length) return 'calendar-unreadable';
    return readable.every((h) => h.starts.every(h.isFull)) ? 'day-full' : 'busy';
  }
}

const nameOf = (day: number): string => new Date(startOfDay(day) * 60_000).toISOString().slice(0, 10);

function dayIn(utc: number, zone: string): number {
  const [here] = stretches({ from: utc, to: utc + 1 }, zone);
  return dayNumberOf(utc + here!.offset);
}
