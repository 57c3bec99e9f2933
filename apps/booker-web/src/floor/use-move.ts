import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api, ApiProblem, idempotencyKey } from '../app/api.js';
import { tell } from '../ui/toasts.js';
import { floor } from '../words/floor.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import type { Callback } from './floor-api.js';

const move = (leadId: string, toUserId: string | null, key: string) =>
  answer(
    api.POST('/api/v1/calling/callbacks/{id}/move', {
      params: { path: { id: leadId }, header: { 'Idempotency-Key': key } },
      body: { toUserId },
    }),
  );

export interface Move {
  readonly callback: Callback;
  /** null: the shared queue. */
  readonly to: string | null;
  /** Of the same act when it is tried again. */
  readonly key: string;
}

/** Gives a callback to somebody else; for ten seconds it can be taken back. */
export function useMove(nameOf: (userId: string) => string) {
  const t = useWords(floor).move;
  const why = useRefusal();
  const queries = useQueryClient();
  const anew = () => queries.invalidateQueries({ queryKey: ['floor', 'callbacks'] });
  return useMutation({
    mutationFn: ({ callback, to, key }: Move) => move(callback.leadId, to, key),
    onSuccess: (_, { callback, to }) => {
      const back = () =>
        void move(callback.leadId, callback.userId, idempotencyKey())
          .then(
            () => tell(t.undone),
            (error: unknown) => tell(why(error), { tone: 'err' }),
          )
          .then(anew);
      tell(to === null ? t.donePool : t.doneTo(nameOf(to)), { undo: back });
    },
    onSettled: anew,
  });
}

/** Why it was refused, in words. */
export function useRefusal(): (error: unknown) => string {
  const { problems } = useWords(floor).move;
  const common = useWords(ui);
  return (error) => {
    if (!(error instanceof ApiProblem)) return common.unreachable;
    return error.code in problems ? problems[error.code as keyof typeof problems] : error.message;
  };
}
