import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api, ApiProblem, idempotencyKey } from '../app/api.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { sync } from '../words/sync.js';
import { ui } from '../words/ui.js';
import type { Cause, SkipReason } from './states.js';

type Act =
  | { readonly act: 'retry' | 'park' | 'link-anew'; readonly id: string }
  | { readonly act: 'skip'; readonly id: string; readonly reason: SkipReason }
  | { readonly act: 'retry-all'; readonly cause: Cause; readonly engagementId: string | undefined };

/** What a person does about a push. Whatever came of it, the list is fetched anew: it may have changed meanwhile. */
export function usePushActs() {
  const t = useWords(sync);
  const common = useWords(ui);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (a: Act): Promise<string> => {
      const header = { 'Idempotency-Key': idempotencyKey() };
      if (a.act === 'retry-all') {
        const body = { cause: a.cause, ...(a.engagementId ? { engagementId: a.engagementId } : {}) };
        return t.retriedAll((await answer(api.POST('/api/v1/pushes/retry', { params: { header }, body }))).count);
      }
      const params = { path: { id: a.id }, header };
      if (a.act === 'skip') {
        await answer(api.POST('/api/v1/pushes/{id}/skip', { params, body: { reason: a.reason } }));
        return t.skipped;
      }
      if (a.act === 'park') {
        await answer(api.POST('/api/v1/pushes/{id}/park', { params }));
        return t.parkedNow;
      }
      await answer(
        a.act === 'retry'
          ? api.POST('/api/v1/pushes/{id}/retry', { params })
          : api.POST('/api/v1/pushes/{id}/link-anew', { params }),
      );
      return t.retried;
    },
    onSuccess: (said) => tell(said),
    onError: (error) =>
      tell(error instanceof ApiProblem && error.status === 409 ? t.conflict : common.failed, { tone: 'err' }),
    onSettled: () =>
      Promise.all(['pushes', 'push-counts', 'push'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}
