import { useSyncExternalStore } from 'react';

/** The styles' breakpoint of a telephone. */
export const PHONE_PX = 640;

const lists = new Map<number, MediaQueryList>();
const listOf = (px: number): MediaQueryList => {
  const known = lists.get(px) ?? matchMedia(`(max-width: ${px}px)`);
  lists.set(px, known);
  return known;
};

/** Whether the window is at most so wide: where a screen shows something else, not the same in another shape. Shape is the style sheet's. */
export const useNarrow = (px: number): boolean =>
  useSyncExternalStore(
    (listener) => {
      const list = listOf(px);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => listOf(px).matches,
  );
