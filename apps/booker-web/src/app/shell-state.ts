import { useSyncExternalStore } from 'react';

// What of the frame is open. One at a time.
type Open = 'nav' | 'palette' | 'keys' | undefined;
let open: Open;
const heard = new Set<() => void>();
const set = (next: Open) => {
  open = next;
  for (const listener of heard) listener();
};

export const openNav = (): void => set('nav');
export const openPalette = (): void => set('palette');
export const openKeys = (): void => set('keys');
export const closeAll = (): void => set(undefined);

export const useOpen = (): Open =>
  useSyncExternalStore(
    (listener) => {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    () => open,
  );
