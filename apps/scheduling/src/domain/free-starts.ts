import { overlapsAny, union, type Span } from './span.js';
import { openPieces, openSpans, type WeeklyHours } from './working-hours.js';

/** What a meeting type asks of time. Minutes. */
export interface MeetingRules {
  readonly lengthMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly noticeMinutes: number;
  readonly horizonDays: number;
  readonly stepMinutes: number;
}

/** When a host works. */
export interface HostTime {
  readonly zone: string;
  readonly hours: readonly WeeklyHours[];
}

/** The time a booking occupies for its host, buffers included. */
export function blockedBy(start: number, rules: MeetingRules): Span {
  return {
    from: start - rules.bufferBeforeMinutes,
    to: start + rules.lengthMinutes + rules.bufferAfterMinutes,
  };
}

/** First and last start (exclusive) that notice and horizon allow. `now` in minutes, rounded up by the caller. */
export function allowedStarts(now: number, rules: MeetingRules): Span {
  return { from: now + rules.noticeMinutes, to: now + rules.horizonDays * 1440 + 1 };
}

/** Starts at which the host can meet: on the grid of the hours' own beginning, wholly inside working time, with buffers free of what is busy.
 * All in whole minutes, in one pass over hours and busy times that are both in order: a day's plan for 50 hosts is asked for at every key.
 * @param range starts are looked for in [from, to)
 * @param busy any order, may overlap; already with the buffers of the meetings that made them
 * @returns UTC minutes, ascending */
export function freeStarts(
  range: Span,
  now: number,
  host: HostTime,
  busy: readonly Span[],
  rules: MeetingRules,
): number[] {
  const allowed = allowedStarts(now, rules);
  const within = { from: Math.max(range.from, allowed.from), to: Math.min(range.to, allowed.to) };
  if (within.to <= within.from) return [];
  // A day more on both sides: the meeting may end after the range, and its hours may have begun before it.
  const pieces = openPieces({ from: within.from - 1440, to: within.to + 2 * 1440 }, host.zone, host.hours);
  const open = openSpans(pieces);
  const barred = barredStarts(busy, within, rules);
  const starts: number[] = [];
  const { lengthMinutes, stepMinutes } = rules;
  let inOrder = true;
  let bar = 0;
  let hours = 0;
  for (const piece of pieces) {
    const end = Math.min(piece.to, within.to);
    let start =
      piece.anchor + Math.ceil((Math.max(piece.from, within.from) - piece.anchor) / stepMinutes) * stepMinutes;
    if (start >= end) continue;
    if (starts.length && start <= starts.at(-1)!) inOrder = false; // hours that overlap: look from the beginning again
    if (!inOrder) bar = hours = 0;
    while (start < end) {
      while (bar < barred.length && barred[bar + 1]! <= start) bar += 2;
      if (bar < barred.length && barred[bar]! <= start) {
        start = piece.anchor + Math.ceil((barred[bar + 1]! - piece.anchor) / stepMinutes) * stepMinutes;
        continue;
      }
      while (open[hours]!.to <= start) hours++;
      if (start + lengthMinutes > open[hours]!.to) break; // working time ends: so it does for later starts of this piece
      starts.push(start);
      start += stepMinutes;
    }
  }
  return inOrder ? starts : [...new Set(starts)].sort((a, b) => a - b);
}

/** Starts at which a meeting or its buffers would touch something busy, as [from, to, from, to, …], joined and ascending. */
function barredStarts(busy: readonly Span[], within: Span, rules: MeetingRules): Float64Array {
  const before = rules.lengthMinutes + rules.bufferAfterMinutes - 1;
  const after = rules.bufferBeforeMinutes;
  // One number for each, so that they sort as numbers: the start's place in the range times 2^26, plus the length.
  const packed = new Float64Array(busy.length);
  let n = 0;
  for (const b of busy) {
    if (b.to <= b.from) continue;
    const from = Math.max(b.from - before, within.from);
    const to = Math.min(b.to + after, within.to);
    if (to > from) packed[n++] = (from - within.from) * PACK + (to - from);
  }
  const sorted = packed.subarray(0, n).sort();
  const joined = new Float64Array(2 * n);
  let count = 0;
  for (const p of sorted) {
    const from = within.from + Math.floor(p / PACK);
    const to = from + (p % PACK);
    if (count && from <= joined[count - 1]!) joined[count - 1] = Math.max(joined[count - 1]!, to);
    else {
      joined[count++] = from;
      joined[count++] = to;
    }
  }
  return joined.subarray(0, count);
}

const PACK = 2 ** 26;

/** Whether one start is among the free ones, as far as the busy times go. */
export function isFree(start: number, busy: readonly Span[], rules: MeetingRules): boolean {
  return !overlapsAny(union(busy), blockedBy(start, rules));
}
