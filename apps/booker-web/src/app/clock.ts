import { useEffect, useState, useSyncExternalStore } from 'react';

// In the sandbox business time is a clock that can be moved; elsewhere the offset stays 0.
let offsetMs = 0;
const heard = new Set<() => void>();

/** Business time as the server has it. @param now from the server, as it is known now */
export function setBusinessTime(now: Temporal.Instant): void {
  const next = now.epochMilliseconds - Date.now();
  if (Math.abs(next - offsetMs) < 500) return; // the network's delay is no move of the clock
  offsetMs = next;
  for (const listener of heard) listener();
}

/** Now, in business time: for deciding what is due. Instants come from the API; this one only says how far away they are. */
export const businessNow = (): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(Date.now() + offsetMs);

/** Milliseconds since an answer came. @param updatedAt Query's `dataUpdatedAt`, which is the browser's own clock */
export const msSince = (updatedAt: number): number => Math.max(0, Date.now() - updatedAt);

/** When an answer came, on the business clock. @param updatedAt as in {@link msSince} */
export const answeredAt = (updatedAt: number): Temporal.Instant =>
  businessNow().subtract({ milliseconds: msSince(updatedAt) });

const subscribe = (listener: () => void) => {
  heard.add(listener);
  return () => void heard.delete(listener);
};

/** Business time, renewed while shown. @param everyMs how often; 30 s by default */
export function useNow(everyMs = 30_000): Temporal.Instant {
  useSyncExternalStore(subscribe, () => offsetMs);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return businessNow();
}
