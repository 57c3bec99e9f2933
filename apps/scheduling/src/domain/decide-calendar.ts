import type { BookingState } from './decide-change.js';

/** One event of a booking at a vendor. */
interface Tried {
  readonly generation: number;
  /** Whose calendar it is in; null when the connection is gone. */
  readonly hostId: string | null;
  readonly sequence: number;
  readonly state: 'writing' | 'written' | 'removed' | 'failed' | 'erased';
}

/** `fresh`: an event that was not tried yet, with the next generation's id. */
export type CalendarJob =
  { do: 'write'; generation: number; fresh: boolean } | { do: 'remove'; generation: number } | undefined;

/** What is to be done next so that hosts' calendars say what the booking says: first the event in its host's calendar, then none in anybody
 * else's. What failed under this SEQUENCE is not tried again by itself.
 * @param tried all events of the booking, by generation
 * @param hasCalendar whether the booking's host has one connected */
export function decideCalendar(
  booking: { hostId: string; state: BookingState; sequence: number },
  tried: readonly Tried[],
  hasCalendar: boolean,
): CalendarJob {
  const open = tried.filter((t) => t.state !== 'removed' && t.state !== 'erased');
  const settled = (t: Tried) => t.state === 'failed' && t.sequence === booking.sequence;
  const remove = (t: Tried | undefined): CalendarJob => t && { do: 'remove', generation: t.generation };
  if (booking.state === 'cancelled') return remove(open.find((t) => !settled(t)));
  if (booking.state !== 'booked') return undefined; // held, missed: it is over
  const current = open.findLast((t) => t.hostId === booking.hostId);
  if (!current && hasCalendar) return { do: 'write', generation: (tried.at(-1)?.generation ?? -1) + 1, fresh: true };
  if (current && !settled(current) && !(current.state === 'written' && current.sequence === booking.sequence))
    return { do: 'write', generation: current.generation, fresh: false };
  return remove(open.find((t) => t.hostId !== booking.hostId && !settled(t)));
}
