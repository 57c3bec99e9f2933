import { firstEndingAfter, insideOne, overlapsAny, union, type Span } from './span.js';
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
  const taken = union(busy);
  const starts = new Set<number>();
  for (const piece of pieces) {
    const first = Math.max(piece.from, within.from);
    const steps = Math.ceil((first - piece.anchor) / rules.stepMinutes);
    let start = piece.anchor + steps * rules.stepMinutes;
    const end = Math.min(piece.to, within.to);
    while (start < end) {
      const blocked = blockedBy(start, rules);
      const clash = taken[firstEndingAfter(taken, blocked.from)];
      if (clash && clash.from < blocked.to) {
        // Next step at which the buffer before no longer touches what is in the way.
        const after = clash.to + rules.bufferBeforeMinutes;
        start = piece.anchor + Math.ceil((after - piece.anchor) / rules.stepMinutes) * rules.stepMinutes;
        continue;
      }
      if (insideOne(open, { from: start, to: start + rules.lengthMinutes })) starts.add(start);
      start += rules.stepMinutes;
    }
  }
  return [...starts].sort((a, b) => a - b);
}

/** Whether one start is among the free ones, as far as the busy times go. */
export function isFree(start: number, busy: readonly Span[], rules: MeetingRules): boolean {
  return !overlapsAny(union(busy), blockedBy(start, rules));
}
