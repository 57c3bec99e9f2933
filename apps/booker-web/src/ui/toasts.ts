import { useSyncExternalStore } from 'react';
import type { Tone } from '../theme/theme.js';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: Exclude<Tone, 'accent'>;
  /** Given for ten seconds; also by `Z`. */
  readonly undo?: () => void;
}

const SECONDS = 10;
let toasts: readonly Toast[] = [];
let last = 0;
const heard = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of heard) listener();
}

/** Says what happened, in the corner and to a screen reader. With `undo` it can be taken back while it is shown: ten seconds.
 * @returns takes it away earlier, e.g. when the undo's own deadline has passed */
export function tell(
  text: string,
  options: { readonly tone?: Toast['tone']; readonly undo?: () => void; readonly seconds?: number } = {},
): () => void {
  const id = ++last;
  const gone = () => change(toasts.filter((toast) => toast.id !== id));
  const timer = setTimeout(gone, (options.seconds ?? SECONDS) * 1000);
  const undo = options.undo && {
    undo: () => {
      clearTimeout(timer);
      gone();
      options.undo!();
    },
  };
  change([...toasts.slice(-2), { id, text, tone: options.tone ?? 'ok', ...undo }]);
  return () => {
    clearTimeout(timer);
    gone();
  };
}

export const dismiss = (id: number): void => change(toasts.filter((toast) => toast.id !== id));

export const useToasts = (): readonly Toast[] =>
  useSyncExternalStore(
    (listener) => {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    () => toasts,
  );
