import { useSyncExternalStore } from 'react';
import type { Language, Words } from './words.js';

const KEPT_AS = 'avtala.language';
const heard = new Set<() => void>();
let current: Language = kept() ?? 'sv';

function kept(): Language | undefined {
  try {
    const value = localStorage.getItem(KEPT_AS);
    return value === 'sv' || value === 'en' ? value : undefined;
  } catch {
    return undefined; // storage may be switched off
  }
}

export const language = (): Language => current;

/** Changes the language of every screen at once; remembered on this machine. It is the only thing kept with the appearance. */
export function setLanguage(next: Language): void {
  current = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // then it holds for this visit
  }
  for (const listener of heard) listener();
}

const subscribe = (listener: () => void) => {
  heard.add(listener);
  return () => heard.delete(listener);
};

export const useLanguage = (): Language => useSyncExternalStore(subscribe, language);

/** The words of a dictionary in the language chosen.
 * @example const t = useWords(leads); <h1>{t.title}</h1> */
export function useWords<S>(dictionary: Words<S>): Words<S>['sv'] {
  return dictionary[useLanguage()];
}
