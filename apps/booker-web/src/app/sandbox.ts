import { useSyncExternalStore } from 'react';

// Known before the first paint: the process that serves the page writes the attribute only beside a sandbox.
const sandboxed = document.documentElement.dataset['sandbox'] !== undefined;
export const isSandbox = (): boolean => sandboxed;

// What screens put above the page: the sandbox's bar, and the strip that says the connection was lost.
let stale: Temporal.Instant | undefined;
const heard = new Set<() => void>();

/** @param since when the stream was last heard; undefined when it is there again */
export function setStale(since: Temporal.Instant | undefined): void {
  stale = since;
  for (const listener of heard) listener();
}

export const useStale = (): Temporal.Instant | undefined =>
  useSyncExternalStore(
    (listener) => {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    () => stale,
  );
