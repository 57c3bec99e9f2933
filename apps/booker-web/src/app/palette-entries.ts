import { useEffect, useSyncExternalStore } from 'react';

/** Something to find and do from `Ctrl K`: an act of the screen, a named thing. Never a person's data. */
export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  /** Small, after it: `Uppdrag`. */
  readonly hint?: string;
  readonly run: () => void;
}

let offered: readonly (readonly PaletteEntry[])[] = [];
const heard = new Set<() => void>();
const change = (next: typeof offered) => {
  offered = next;
  for (const listener of heard) listener();
};

/** Offers entries while the screen is shown. Keep the array between renders (useMemo).
 * @public for screens */
export function usePaletteEntries(entries: readonly PaletteEntry[]): void {
  useEffect(() => {
    change([...offered, entries]);
    return () => change(offered.filter((o) => o !== entries));
  }, [entries]);
}

export const useOffered = (): readonly (readonly PaletteEntry[])[] =>
  useSyncExternalStore(
    (listener) => {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    () => offered,
  );
