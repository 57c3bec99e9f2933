import { useRef } from 'react';
import { ApiProblem, idempotencyKey } from './api.js';

/** The same for acts on many things, such as rows: an act that is tried again has its key again, and another act, or the same with another
 * content, has its own. An answer that may have come from a proxy (5xx) leaves open whether it happened. */
export function useActKeys() {
  const kept = useRef(new Map<string, string>());
  return {
    header: (act: string) => {
      const key = kept.current.get(act) ?? idempotencyKey();
      kept.current.set(act, key);
      return { 'Idempotency-Key': key };
    },
    answered: (act: string, error?: unknown) => {
      if (error === undefined || (error instanceof ApiProblem && error.status < 500)) kept.current.delete(act);
    },
  };
}

/** The idempotency key of one act: the same while no answer came, a new one once the server has said something. */
export function useActKey() {
  const key = useRef(idempotencyKey());
  return {
    header: () => ({ 'Idempotency-Key': key.current }),
    answered: (error?: unknown) => {
      if (error === undefined || error instanceof ApiProblem) key.current = idempotencyKey();
    },
  };
}
