/** Outcomes by which somebody was spoken with; the others are attempts only. */
const SPOKEN = new Set(['callback', 'interested', 'not-interested', 'not-a-fit', 'booked', 'objected']);

export interface DayCount {
  /** Calls that counted. */
  attempts: number;
  /** Of those: somebody was spoken with. */
  conversations: number;
  /** Of those: a meeting was booked in the call. */
  meetings: number;
}

/** Adds outcomes up. `not-connected` was no call. */
export function countDay(counts: readonly { outcome: string; n: number }[]): DayCount {
  const total = { attempts: 0, conversations: 0, meetings: 0 };
  for (const { outcome, n } of counts) {
    if (outcome === 'not-connected') continue;
    total.attempts += n;
    if (SPOKEN.has(outcome)) total.conversations += n;
    if (outcome === 'booked') total.meetings += n;
  }
  return total;
}
