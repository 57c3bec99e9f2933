import { fixedError } from '@avtala/contracts';
import { RRuleTemporal } from 'rrule-temporal';
import { union, type Span } from './span.js';
import { utcOfWall } from './wall-clock.js';

/** What a calendar says of one busy entry, or of a series: times, and no word of what they are about. */
export interface CalendarEntry {
  /** When it begins, in minutes of the zone's wall clock since 1970-01-01T00:00. */
  readonly at: number;
  /** IANA name. */
  readonly zone: string;
  /** How long: whole days of the wall clock, then minutes. A day is 23 or 25 hours when the clocks change. */
  readonly days: number;
  readonly minutes: number;
  /** RRULE's value without UNTIL. */
  readonly rule?: string;
  /** The last start of a series, UTC minute. */
  readonly until?: number;
  /** More starts (RDATE), UTC minutes. */
  readonly also?: readonly number[];
  /** Starts that are not (EXDATE) or that stand elsewhere (RECURRENCE-ID), UTC minutes. */
  readonly except?: readonly number[];
}

/** A series we do not count through. What is not understood is not free. */
export class SeriesUnreadable extends fixedError(
  'unprocessable',
  'calendar-series-unreadable',
  'A series of the calendar is not counted through',
) {}

/** Steps through one series: a daily one of thirty years takes 11,000. Counting happens between two requests, so it must end soon whatever a calendar holds. */
const MOST_STEPS = 20_000;
/** Starts of a whole calendar in one range, which is three months for slots: a hundred daily series. */
const MOST_STARTS = 10_000;
/** A series with a larger COUNT is counted as one without an end: stepping to that count cost five seconds, and too much busy is the safe side. */
const MOST_COUNTED = 2_000;
const FREQUENCIES = /(^|;)FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;|$)/;

/** When these entries make their owner busy.
 * @returns the union, cut to the range
 * @throws SeriesUnreadable */
export function busyOf(entries: readonly CalendarEntry[], range: Span): Span[] {
  const found: Span[] = [];
  let counted = 0;
  for (const entry of entries) {
    const starts = startsOf(entry, range);
    counted += starts.length;
    if (counted > MOST_STARTS) throw new SeriesUnreadable();
    for (const from of starts) {
      const to = endOf(entry, from);
      if (to > range.from && from < range.to)
        found.push({ from: Math.max(from, range.from), to: Math.min(to, range.to) });
    }
  }
  return union(found);
}

function endOf(entry: CalendarEntry, from: number): number {
  if (entry.days === 0) return from + entry.minutes;
  const offset = offsetAt(from, entry.zone);
  return utcOfWall(from + offset + entry.days * 1440, entry.zone) + entry.minutes;
}

const offsetAt = (utc: number, zone: string): number =>
  Math.round(Temporal.Instant.fromEpochMilliseconds(utc * 60_000).toZonedDateTimeISO(zone).offsetNanoseconds / 60e9);

function startsOf(entry: CalendarEntry, range: Span): number[] {
  const own = entry.rule === undefined ? [utcOfWall(entry.at, entry.zone)] : series(entry, entry.rule, range);
  const except = new Set(entry.except ?? []);
  return [...own, ...(entry.also ?? [])].filter((start) => !except.has(start));
}

// A series counts on its wall clock, which here runs as UTC: the zone comes in afterwards, start by start, so that 09:00 stays 09:00.
function series(entry: CalendarEntry, rule: string, range: Span): number[] {
  if (!FREQUENCIES.test(rule)) throw new SeriesUnreadable();
  const slack = entry.days * 1440 + entry.minutes + 2 * 1440;
  const found: number[] = [];
  try {
    const counted = new RRuleTemporal({
      rruleString: `RRULE:${bounded(rule)}`,
      dtstart: zoned(entry.at),
      tzid: 'UTC',
      includeDtstart: true, // RFC 5545: DTSTART is the first one whatever the rule says
      maxIterations: MOST_STEPS,
      maxCandidateEvaluations: MOST_STEPS,
      cache: false,
    });
    for (const wall of counted.between(zoned(range.from - slack), zoned(range.to + slack), true)) {
      const start = utcOfWall(Math.floor(wall.epochMilliseconds / 60_000), entry.zone);
      if (entry.until !== undefined && start > entry.until) break;
      found.push(start);
    }
  } catch (cause) {
    if (cause instanceof SeriesUnreadable) throw cause;
    throw new SeriesUnreadable({ cause });
  }
  return found;
}

const bounded = (rule: string): string =>
  rule.replace(/;?COUNT=(\d+)/, (part, n) => (Number(n) > MOST_COUNTED ? '' : part));

const zoned = (minute: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(minute * 60_000).toZonedDateTimeISO('UTC');
