import { type RefObject, useEffect, useRef } from 'react';

/** What was asked for by a key takes the focus when it opens: its first field. */
export function useFocusOnce<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null);
  useEffect(() => ref.current?.querySelector<HTMLElement>('input,textarea,select')?.focus(), []);
  return ref;
}
