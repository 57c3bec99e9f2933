import { useSyncExternalStore } from 'react';
import { ApiProblem } from './api.js';

interface Asked {
  readonly done: () => void;
  readonly stopped: () => void;
}

let asked: Asked | undefined;
const heard = new Set<() => void>();
const change = (next: Asked | undefined) => {
  asked = next;
  for (const listener of heard) listener();
};

/** The person closed the question. */
export class NotProved extends Error {
  override readonly name = 'NotProved';
}

/** For acts that weigh more (people, keys, sessions): done at once where the second factor was given lately, and otherwise again once the
 * person has given it, in a dialog over the page.
 * @example await withFreshProof(() => answer(api.POST('/api/v1/staff/invitations', { … })));
 * @throws NotProved when the person turned back; whatever the act throws */
export async function withFreshProof<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== 'step-up-required') throw error;
  }
  await new Promise<void>((resolve, reject) => {
    const over = (then: () => void) => () => {
      change(undefined);
      then();
    };
    change({ done: over(resolve), stopped: over(() => reject(new NotProved())) });
  });
  return act();
}

export const useProofAsked = (): Asked | undefined =>
  useSyncExternalStore(
    (listener) => {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    () => asked,
  );
