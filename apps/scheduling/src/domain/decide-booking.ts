import type { BookingRefusal } from './errors.js';
import type { HostTime, MeetingRules } from './free-starts.js';
import { insideOne, minuteOf } from './span.js';
import { openPieces, openSpans } from './working-hours.js';

export type BookingDecision = { ok: true; start: number; end: number } | { ok: false; reason: BookingRefusal };

/** Whether the rules and the host's hours allow a start; who else wants it is for the constraint to decide.
 * @returns start and end in UTC minutes */
export function decideBooking(
  startsAt: Temporal.Instant,
  now: Temporal.Instant,
  rules: MeetingRules,
  host: HostTime,
): BookingDecision {
  const refuse = (reason: BookingRefusal): BookingDecision => ({ ok: false, reason });
  if (Temporal.Instant.compare(startsAt, now) < 0) return refuse('start-in-past');
  if (Temporal.Instant.compare(startsAt, now.add({ minutes: rules.noticeMinutes })) < 0) return refuse('too-soon');
  if (Temporal.Instant.compare(startsAt, now.add({ hours: rules.horizonDays * 24 })) > 0)
    return refuse('beyond-horizon');
  if (startsAt.epochMilliseconds % 60_000 !== 0) return refuse('not-on-grid');
  const start = minuteOf(startsAt);
  const end = start + rules.lengthMinutes;
  const pieces = openPieces({ from: start - 1440, to: end + 1440 }, host.zone, host.hours);
  if (!insideOne(openSpans(pieces), { from: start, to: end })) return refuse('outside-hours');
  const onGrid = pieces.some((p) => p.from <= start && start < p.to && (start - p.anchor) % rules.stepMinutes === 0);
  return onGrid ? { ok: true, start, end } : refuse('not-on-grid');
}
