import type { Span } from './span.js';

/** A stretch of time during which a zone keeps one offset. `offset` in minutes: wall clock = UTC + offset. */
export interface Stretch extends Span {
  readonly offset: number;
}

/** What is known of a zone so far: its stretches, in order, without gaps. */
interface Table {
  readonly from: number;
  readonly to: number;
  readonly stretches: readonly Stretch[];
}

const MINUTES_A_DAY = 1440;
const YEAR = 366 * MINUTES_A_DAY;
const tables = new Map<string, Table>();

/** The stretches of a zone that a range touches, cut to it. Zone arithmetic happens here and nowhere else, once for each zone and year:
 * 78 % of a date-library pipeline's time was zone arithmetic. */
export function stretches(range: Span, zone: string): Stretch[] {
  if (range.to <= range.from) return [];
  return tableOf(range, zone)
    .filter((s) => s.from < range.to && s.to > range.from)
    .map((s) => ({ from: Math.max(s.from, range.from), to: Math.min(s.to, range.to), offset: s.offset }));
}

/** The UTC minute at which a zone's clock shows this. Of a repeated minute the first; a skipped one is counted on with the offset before
 * the gap (RFC 5545 §3.3.5). */
export function utcOfWall(wall: number, zone: string): number {
  const around = tableOf({ from: wall - 2 * MINUTES_A_DAY, to: wall + 2 * MINUTES_A_DAY }, zone);
  let skipped = wall;
  for (const s of around) {
    const utc = wall - s.offset;
    if (utc < s.from) return skipped;
    if (utc < s.to) return utc;
    skipped = utc;
  }
  return skipped;
}

function tableOf(range: Span, zone: string): readonly Stretch[] {
  const known = tables.get(zone);
  if (known && known.from <= range.from && range.to <= known.to) return known.stretches;
  const from = Math.min(known?.from ?? Infinity, range.from - YEAR);
  const to = Math.max(known?.to ?? -Infinity, range.to + 2 * YEAR);
  const table = { from, to, stretches: readStretches({ from, to }, zone) };
  tables.set(zone, table);
  return table.stretches;
}

function readStretches(range: Span, zone: string): Stretch[] {
  const found: Stretch[] = [];
  let from = range.from;
  while (from < range.to) {
    const here = Temporal.Instant.fromEpochMilliseconds(from * 60_000).toZonedDateTimeISO(zone);
    const next = here.getTimeZoneTransition('next');
    const to = next ? Math.min(Math.round(next.epochMilliseconds / 60_000), range.to) : range.to;
    found.push({ from, to, offset: Math.round(here.offsetNanoseconds / 60e9) });
    from = to;
  }
  return found;
}

/** Day of the week, 1 = Monday, of a day counted from 1970-01-01 (a Thursday). */
export const weekdayOf = (dayNumber: number): number => ((((dayNumber + 3) % 7) + 7) % 7) + 1;

export const dayNumberOf = (wallMinute: number): number => Math.floor(wallMinute / MINUTES_A_DAY);

export const startOfDay = (dayNumber: number): number => dayNumber * MINUTES_A_DAY;
