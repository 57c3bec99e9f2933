import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../app/api.js';
import { NotProved } from '../app/fresh-proof.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { ui } from '../words/ui.js';

/** One act of the page: what is said when it is done, and what is asked for anew. A refusal is told in the reader's words. */
export function useSettingAct<Asked = void, Got = unknown>(
  act: (asked: Asked) => Promise<Got>,
  { touches, done }: { readonly touches: readonly string[]; readonly done?: string | ((got: Got) => string) },
) {
  const queries = useQueryClient();
  const why = useWhy();
  return useMutation({
    mutationFn: act,
    onSuccess: (got) => {
      if (done !== undefined) tell(typeof done === 'string' ? done : done(got));
    },
    onError: (error) => tell(why(error), { tone: error instanceof NotProved ? 'grey' : 'err' }),
    onSettled: () => Promise.all(touches.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

/** Why it was refused, in a sentence; what has none here is said as the server says it. */
export function useWhy(): (error: unknown) => string {
  const t = useWords(settings);
  const common = useWords(ui);
  return (error) => {
    if (error instanceof NotProved) return t.stopped;
    if (error instanceof DOMException) return t.stopped;
    if (!(error instanceof ApiProblem)) return common.unreachable;
    return error.code in t.problems ? t.problems[error.code as keyof typeof t.problems] : error.message;
  };
}
