import type { BookingState } from './decide-change.js';

interface Tried {
  readonly sequence: number;
  readonly method: 'REQUEST' | 'CANCEL';
  readonly state: 'sending' | 'sent' | 'failed';
  /** Of its bytes; null when it was refused before there were any. */
  readonly messageMac: Buffer | null;
  readonly code: string | null;
}

/** Whether there is nothing more to do about a message.
 * @param inOrder an erasure order asks: it alone is given the address of somebody who may not be written to, to tell them what is cancelled */
export const isSettled = (t: Omit<Tried, 'messageMac'>, inOrder: boolean): boolean =>
  t.state !== 'sending' && !(inOrder && t.method === 'CANCEL' && t.state === 'failed' && t.code === 'not-allowed');

/** What the lead must still be told of a booking. A message whose outcome is unknown ("sending") may have arrived: it is repeated under its own
 * SEQUENCE, and a cancellation follows it, also when its repetition was refused. One that never went out is not cancelled either.
 * @param tried messages of this booking, any order
 * @param inOrder as in isSettled
 * @returns undefined when there is nothing to say */
export function decideInvite(
  booking: { state: BookingState; sequence: number },
  tried: readonly Tried[],
  inOrder = false,
): 'REQUEST' | 'CANCEL' | undefined {
  const current = tried.find((t) => t.sequence === booking.sequence);
  if (current && isSettled(current, inOrder)) return undefined;
  if (booking.state === 'booked') return 'REQUEST';
  if (booking.state !== 'cancelled') return undefined; // held, missed: it is over
  const mayHaveArrived = tried.some((t) => t.method === 'REQUEST' && (t.state !== 'failed' || t.messageMac !== null));
  return mayHaveArrived ? 'CANCEL' : undefined;
}
