import type { BookingState } from './decide-change.js';

interface Tried {
  readonly sequence: number;
  readonly method: 'REQUEST' | 'CANCEL';
  readonly state: 'sending' | 'sent' | 'failed';
}

/** What the lead must still be told of a booking. A message whose outcome is unknown ("sending") may have arrived: it is repeated under its own
 * SEQUENCE, and a cancellation follows it. One that never went out is not cancelled either.
 * @param tried messages of this booking, any order
 * @returns undefined when there is nothing to say */
export function decideInvite(
  booking: { state: BookingState; sequence: number },
  tried: readonly Tried[],
): 'REQUEST' | 'CANCEL' | undefined {
  const current = tried.find((t) => t.sequence === booking.sequence);
  if (current && current.state !== 'sending') return undefined;
  if (booking.state === 'booked') return 'REQUEST';
  if (booking.state !== 'cancelled') return undefined; // held, missed: it is over
  const mayHaveArrived = tried.some((t) => t.method === 'REQUEST' && t.state !== 'failed');
  return mayHaveArrived ? 'CANCEL' : undefined;
}
