import { useSyncExternalStore } from 'react';

/** How the console looks on this machine; the only choice is between schemes. */
export type Appearance = 'light' | 'dark' | 'system';

const KEPT_AS = 'avtala.appearance';
const dark = matchMedia('(prefers-color-scheme: dark)');
const heard = new Set<() => void>();
let choice: Appearance = kept();

function kept(): Appearance {
  try {
    const value = localStorage.getItem(KEPT_AS);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

const scheme = (): 'light' | 'dark' => (choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice);

function show(): void {
  document.documentElement.dataset['mantineColorScheme'] = scheme();
  for (const listener of heard) listener();
}

/** Before the first paint, and whenever the computer changes. */
export function followAppearance(): void {
  show();
  dark.addEventListener('change', show);
}

export function setAppearance(next: Appearance): void {
  choice = next;
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // then it holds for this visit
  }
  show();
}

const subscribe = (listener: () => void) => {
  heard.add(listener);
  return () => void heard.delete(listener);
};
export const useAppearance = (): Appearance => useSyncExternalStore(subscribe, () => choice);
export const useScheme = (): 'light' | 'dark' => useSyncExternalStore(subscribe, scheme);
