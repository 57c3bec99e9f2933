import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import { Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { Part } from './part.js';
import css from './settings.module.css';

const AT_ONCE = 8;
const TONE = { ok: 'ok', refused: 'warn', 'backed-off': 'warn' } as const;

/** One's own login history (G2), as coarse as it is kept. */
export function OwnSignIns() {
  const all = useWords(settings);
  const t = all.signIns;
  const list = useInfiniteQuery({
    queryKey: ['me', 'sign-ins'],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET('/api/v1/me/sign-ins', {
          signal,
          params: { query: { limit: AT_ONCE, ...(pageParam ? { after: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { acts, by } = t;
  return (
    <Part id="sign-ins" title={t.title} why={t.why} scope={all.scope.you} also={t.words}>
      {list.isPending && <Loading what={t.list} rows={AT_ONCE} />}
      {list.isError && !list.data && <Failed what={all.away} error={list.error} retry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <div className={css.scroll} tabIndex={0} role="region" aria-label={all.table(t.title)}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t.when}</th>
                <th scope="col">{t.what}</th>
                <th scope="col">{t.from}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.id}>
                  <td>
                    <TimeText at={r.at} />
                  </td>
                  <td>
                    {r.act in acts ? acts[r.act as keyof typeof acts] : r.act}
                    {r.method !== null && (
                      <span className={css.meta}> {r.method in by ? by[r.method as keyof typeof by] : r.method}</span>
                    )}{' '}
                    {r.result !== 'ok' && <Badge tone={TONE[r.result]}>{t.results[r.result]}</Badge>}
                  </td>
                  <td className={css.meta}>
                    {[r.agent && all.agent(r.agent), r.network].filter(Boolean).join(', ') || '–'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && (
        <div className={css.row}>
          <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t.more}
          </Button>
        </div>
      )}
    </Part>
  );
}
