import { RangeInvalid } from './errors.js';
import { union, type Span } from './span.js';
import { dayNumberOf, startOfDay, stretches, weekdayOf } from './wall-clock.js';

/** Working time on one day of every week, as the host's wall clock shows it. Minutes of the day; `to` at most 1440. */
export interface WeeklyHours {
  /** 1 = Monday … 7 = Sunday */
  readonly day: number;
  readonly from: number;
  readonly to: number;
}

/** A piece of working time within one stretch of constant offset. `anchor`: a UTC minute from which the grid of starts counts. */
export interface OpenPiece extends Span {
  readonly anchor: number;
}

/** `09:30` → 570; `24:00` is the end of the day.
 * @throws RangeInvalid when the hours end before they begin */
export function weeklyHours(day: number, from: string, to: string): WeeklyHours {
  const hours = { day, from: minutes(from), to: minutes(to) };
  if (hours.to <= hours.from) throw new RangeInvalid('hours-backwards');
  return hours;
}

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** The minutes at which the host's wall clock lies within the weekly hours. Defined by the wall clock, so that a skipped hour is no
 * working time and a repeated one counts twice.
 * @param range UTC minutes; pieces are cut to it */
export function openPieces(range: Span, zone: string, hours: readonly WeeklyHours[]): OpenPiece[] {
  const pieces: OpenPiece[] = [];
  for (const stretch of stretches(range, zone)) {
    const wall = { from: stretch.from + stretch.offset, to: stretch.to + stretch.offset };
    for (let day = dayNumberOf(wall.from); startOfDay(day) < wall.to; day++) {
      const weekday = weekdayOf(day);
      for (const h of hours) {
        if (h.day !== weekday) continue;
        const from = Math.max(startOfDay(day) + h.from, wall.from);
        const to = Math.min(startOfDay(day) + h.to, wall.to);
        if (to <= from) continue;
        pieces.push({
          from: from - stretch.offset,
          to: to - stretch.offset,
          anchor: startOfDay(day) + h.from - stretch.offset,
        });
      }
    }
  }
  return pieces;
}

/** Working time as one sorted list without gaps that are none. */
export const openSpans = (pieces: readonly OpenPiece[]): Span[] => union(pieces);
