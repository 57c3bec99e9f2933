import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../app/api.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { Failed, Loading } from '../ui/states.js';
import { Timeline } from '../ui/timeline.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { staff } from '../words/staff.js';
import css from './staff.module.css';

const PAGE = 20;

/** How somebody signed in, newest first; asked for by a press, since each look is an entry in the audit trail (G3). */
export function SignIns({ userId }: { readonly userId: string }) {
  const words = useWords(staff);
  const t = words.history;
  const [asked, setAsked] = useState(false);
  useKeys(words.title, [{ key: 'h', does: t.show, run: () => setAsked(true), when: !asked }]);
  const list = useInfiniteQuery({
    queryKey: ['sign-ins', userId],
    enabled: asked,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/v1/staff/{id}/sign-ins', {
          signal,
          params: { path: { id: userId }, query: { limit: PAGE, ...(pageParam ? { after: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  if (!asked)
    return (
      <div className={css.ask}>
        <Button onClick={() => setAsked(true)} rightSection={<KeyHint k="h" />} aria-keyshortcuts={ariaKeys('h')}>
          {t.show}
        </Button>
        <p className={css.meta}>{t.showWhy}</p>
      </div>
    );
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <section className={css.history} aria-label={t.title}>
      <h3>{t.title}</h3>
      {list.isPending && <Loading what={t.list} rows={4} />}
      {list.isError && <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && <p>{t.none}</p>}
      <Timeline
        entries={items.map((s) => ({
          id: s.id,
          tone: s.result === 'ok' ? 'ok' : 'err',
          when: <TimeText at={s.at} />,
          what: (
            <>
              {t.acts[s.act as keyof typeof t.acts] ?? s.act}
              {s.method && `, ${t.methods[s.method as keyof typeof t.methods] ?? s.method}`}
              {s.result === 'backed-off' && `, ${t.results['backed-off']}`}
              {(s.network ?? s.agent) && <div className={css.meta}>{t.from(s.network ?? '', s.agent ?? '')}</div>}
            </>
          ),
        }))}
      />
      {list.hasNextPage && (
        <Button size="xs" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t.more}
        </Button>
      )}
      {items.length > 0 && <p className={css.meta}>{t.kept}</p>}
    </section>
  );
}
