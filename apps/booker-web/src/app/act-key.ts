import { useRef } from 'react';
import { ApiProblem, idempotencyKey } from '../app/api.js';

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
