import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useActKeys } from '../app/act-key.js';
import { answer, api, ApiProblem } from '../app/api.js';
import { NotProved, withFreshProof } from '../app/fresh-proof.js';
import { type Colleague, staffQuery } from '../app/staff.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { staff } from '../words/staff.js';
import { ui } from '../words/ui.js';

export const IDENTITY_CHECKS = ['in-person', 'video-call', 'call-back'] as const;
export type IdentityCheck = (typeof IDENTITY_CHECKS)[number];

export type AccountAct =
  | { readonly act: 'disable' | 'enable' | 'end-sessions'; readonly person: Colleague }
  | { readonly act: 'reset-factors'; readonly person: Colleague; readonly identityCheck: IdentityCheck };

const nameOf = (a: AccountAct): string => `${a.act} ${a.person.id}`;

/** What an admin does to somebody's account: needs a fresh second factor, happens once, and the list is fetched anew whatever came of it. */
export function useAccountActs() {
  const t = useWords(staff);
  const problemOf = useProblemWords();
  const queries = useQueryClient();
  const keys = useActKeys();
  return useMutation({
    mutationFn: async (a: AccountAct): Promise<string> => {
      const { id, name } = a.person;
      const params = { path: { id }, header: keys.header(nameOf(a)) };
      const ask = () => {
        if (a.act === 'reset-factors') {
          const body = { identityCheck: a.identityCheck };
          return answer(api.POST('/api/v1/staff/{id}/reset-factors', { params, body }));
        }
        return answer(api.POST(`/api/v1/staff/{id}/${a.act}` as const, { params }));
      };
      const { sessionsEnded } = await withFreshProof(ask);
      if (a.act === 'disable') return t.disable.done(name);
      if (a.act === 'enable') return t.enable.done(name);
      return a.act === 'end-sessions' ? t.endSessions.done(sessionsEnded) : t.reset.done(name);
    },
    onSuccess: (said) => tell(said),
    onError: (error) => {
      if (!(error instanceof NotProved)) tell(problemOf(error), { tone: 'err' });
    },
    onSettled: (_said, error, a) => {
      keys.answered(nameOf(a), error ?? undefined);
      return queries.invalidateQueries({ queryKey: staffQuery.queryKey });
    },
  });
}

/** Why it was refused, in words. */
export function useProblemWords(): (error: unknown) => string {
  const { problems } = useWords(staff);
  const common = useWords(ui);
  return (error) => {
    if (!(error instanceof ApiProblem)) return common.unreachable;
    if (error.status === 404) return problems.gone;
    return Object.hasOwn(problems, error.code) ? problems[error.code as keyof typeof problems] : common.failed;
  };
}
