import type { ChangeRefusal } from './errors.js';

export const BOOKING_STATES = ['booked', 'cancelled', 'held', 'missed'] as const;
export type BookingState = (typeof BOOKING_STATES)[number];

export type Change = 'move' | 'cancel' | 'hold' | 'miss';

export type ChangeDecision =
  { ok: true; state: BookingState; newSequence: boolean } | { ok: false; reason: ChangeRefusal };

/** The state machine of a meeting: only a booked one changes, and each end is final.
 * `newSequence`: calendars must be told (iTIP SEQUENCE up by one: time, place, cancellation). */
export function decideChange(
  change: Change,
  booking: { state: BookingState; startsAt: Temporal.Instant; endsAt: Temporal.Instant },
  now: Temporal.Instant,
): ChangeDecision {
  if (booking.state !== 'booked') return { ok: false, reason: `booking-${booking.state}` };
  const started = Temporal.Instant.compare(now, booking.startsAt) >= 0;
  const over = Temporal.Instant.compare(now, booking.endsAt) >= 0;
  switch (change) {
    case 'move':
      return started ? { ok: false, reason: 'meeting-started' } : { ok: true, state: 'booked', newSequence: true };
    case 'cancel':
      return over ? { ok: false, reason: 'meeting-over' } : { ok: true, state: 'cancelled', newSequence: true };
    case 'hold':
      return started ? { ok: true, state: 'held', newSequence: false } : { ok: false, reason: 'meeting-not-started' };
    case 'miss':
      return started ? { ok: true, state: 'missed', newSequence: false } : { ok: false, reason: 'meeting-not-started' };
  }
}
