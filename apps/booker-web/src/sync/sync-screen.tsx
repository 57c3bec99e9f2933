import { Button, Select } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { CRM_NAMES } from '../words/crm-names.js';
import { useEngagementNames } from '../app/engagements.js';
import { useMe } from '../app/session.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { DataTable } from '../ui/data-table.js';
import { FilterChips } from '../ui/filter-chips.js';
import { KeyHint } from '../ui/key-hint.js';
import { useMoreInSight } from '../ui/more-in-sight.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { AGENCY_ZONE, TimeText } from '../ui/time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { say } from '../words/times.js';
import { sync } from '../words/sync.js';
import { answeredAt, businessNow } from '../app/clock.js';
import { countsQuery, type Push, pushesQuery } from './pushes.js';
import { PushDetail } from './push-detail.js';
import { PushState } from './push-state.js';
import { syncRoute, type SyncSearch } from './routes.js';
import { SkipDialog } from './skip-dialog.js';
import { StateGroups } from './state-groups.js';
import { may } from './states.js';
import { SyncTabs } from './sync-tabs.js';
import { usePushActs } from './use-push-acts.js';
import css from './sync.module.css';

export function SyncScreen() {
  const t = useWords(sync);
  const language = useLanguage();
  const { role } = useMe();
  const search = syncRoute.useSearch();
  const navigate = useNavigate();
  const filter = useCallback(
    (change: { readonly [K in keyof SyncSearch]: SyncSearch[K] | undefined }) =>
      void navigate({
        to: '/sync',
        search: Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, v]) => v !== undefined)),
        replace: true,
      }),
    [navigate, search],
  );
  const names = useEngagementNames();
  const counts = useQuery(countsQuery(search.engagement));
  const list = useInfiniteQuery(pushesQuery(search));
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  useAnewWhenCountsChange(counts.data);

  const [current, setCurrent] = useState<Push>();
  const here = rows.find((p) => p.id === (search.open ?? current?.id));
  const sameCause = counts.data?.items
    .filter((c) => c.cause === here?.cause && (c.state === 'parked' || c.state === 'retrying'))
    .reduce((n, c) => n + c.count, 0);
  const [skipping, setSkipping] = useState(false);
  const acts = usePushActs();
  const acting = role === 'admin' || role === 'supervisor';
  const can = {
    retry: acting && here !== undefined && may.retry(here.state),
    all: acting && here?.cause != null && may.retry(here.state) && (sameCause ?? 0) > 1,
    park: acting && here !== undefined && may.park(here.state),
    skip: acting && here !== undefined && may.skip(here.state),
  };
  const retry = () => here && acts.mutate({ act: 'retry', id: here.id });
  const retryAll = () =>
    here?.cause && acts.mutate({ act: 'retry-all', cause: here.cause, engagementId: search.engagement });
  useKeys(t.title, [
    { key: 'r', does: t.retry, run: retry, when: can.retry },
    { key: 'Shift+R', does: t.retryAll(sameCause ?? 0), run: retryAll, when: can.all },
    { key: 'p', does: t.park, run: () => here && acts.mutate({ act: 'park', id: here.id }), when: can.park },
    { key: 's', does: t.skip, run: () => setSkipping(true), when: can.skip },
    { key: 'Escape', does: t.detail, run: () => filter({ open: undefined }), when: search.open !== undefined },
  ]);

  const { hasNextPage } = list;
  const onSight = useMoreInSight(list, rows.length);
  const total = (counts.data?.items ?? [])
    .filter((c) => (!search.state || c.state === search.state) && (!search.cause || c.cause === search.cause))
    .reduce((n, c) => n + c.count, 0);
  const delivered = (counts.data?.items ?? []).every((c) => ['confirmed', 'blocked', 'skipped'].includes(c.state));
  const time = (at: string) =>
    say(Temporal.Instant.from(at).toZonedDateTimeISO(AGENCY_ZONE), 'time', language, businessNow());
  const chips = [
    ...(search.engagement
      ? [{ id: 'engagement', label: `${t.engagement}: ${names.get(search.engagement) ?? '…'}` }]
      : []),
    ...(search.cause ? [{ id: 'cause', label: `${t.cause}: ${t.causes[search.cause]}` }] : []),
  ];

  return (
    <Page
      fill
      title={t.title}
      tab={t.title}
      sub={counts.data && delivered && rows[0] ? t.allDelivered(time(rows[0].at)) : t.sub}
      live={counts.dataUpdatedAt ? t.asOf(time(answeredAt(counts.dataUpdatedAt).toString())) : undefined}
      actions={
        acting && (
          <>
            <Button disabled={!can.skip} onClick={() => setSkipping(true)} aria-keyshortcuts={ariaKeys('s')}>
              {t.skip} <KeyHint k="s" />
            </Button>
            <Button
              disabled={!can.park}
              onClick={() => here && acts.mutate({ act: 'park', id: here.id })}
              aria-keyshortcuts={ariaKeys('p')}
            >
              {t.park} <KeyHint k="p" />
            </Button>
            {can.all && (
              <Button onClick={retryAll} aria-keyshortcuts={ariaKeys('Shift+R')}>
                {t.retryAll(sameCause ?? 0)} <KeyHint k="Shift+R" />
              </Button>
            )}
            <Button
              variant="filled"
              disabled={!can.retry || acts.isPending}
              onClick={retry}
              aria-keyshortcuts={ariaKeys('r')}
            >
              {t.retry} <KeyHint k="r" />
            </Button>
          </>
        )
      }
    >
      <SyncTabs />
      <div className={css.filters}>
        <StateGroups
          counts={counts.data?.items ?? []}
          state={search.state}
          onState={(state) => filter({ state, open: undefined })}
        />
        <Select
          aria-label={t.engagement}
          placeholder={t.anyEngagement}
          clearable
          data={[...names].map(([value, label]) => ({ value, label }))}
          value={search.engagement ?? null}
          onChange={(value) => filter({ engagement: value ?? undefined, open: undefined })}
        />
        <Select
          aria-label={t.cause}
          placeholder={t.anyCause}
          clearable
          data={[...new Set(counts.data?.items.flatMap((c) => c.cause ?? []))].map((value) => ({
            value,
            label: t.causes[value],
          }))}
          value={search.cause ?? null}
          onChange={(value) => filter({ cause: (value ?? undefined) as SyncSearch['cause'], open: undefined })}
        />
      </div>
      <FilterChips
        chips={chips}
        onRemove={(id) => filter({ [id]: undefined })}
        onClear={() => filter({ engagement: undefined, cause: undefined })}
      />
      {list.isPending && <Loading what={t.rows} rows={10} />}
      {list.isError && !list.data && <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && (
        <Empty>{search.state || search.cause || search.engagement ? t.noMatch : t.nothingYet}</Empty>
      )}
      {rows.length > 0 && (
        <div className={css.split} data-open={search.open ? true : undefined}>
          <div className={css.table}>
            <DataTable
              label={t.title}
              count={Math.max(rows.length, hasNextPage ? total : 0)}
              row={(i) => rows[i]}
              rowKey={(p) => p.id}
              rowHeight={48}
              onSight={onSight}
              onCurrent={setCurrent}
              onOpen={(p) => filter({ open: p.id })}
              tone={(p) => (p.state === 'parked' ? 'err' : undefined)}
              columns={[
                {
                  id: 'at',
                  header: t.columns.at,
                  width: '148px',
                  cell: (p) => <TimeText at={p.at} shape="short" />,
                },
                { id: 'what', header: t.columns.what, width: 'minmax(180px, 1.2fr)', cell: (p) => <What push={p} /> },
                {
                  id: 'to',
                  header: t.columns.to,
                  width: 'minmax(160px, 1fr)',
                  cell: (p) => (
                    <span className={css.two}>
                      <b>{CRM_NAMES[p.kind]}</b>
                      <span>{names.get(p.engagementId)}</span>
                    </span>
                  ),
                },
                {
                  id: 'state',
                  header: t.state,
                  width: 'minmax(220px, 1.4fr)',
                  cell: (p) => (
                    <span className={css.two}>
                      <PushState push={p} />
                      {p.cause && <span>{t.causes[p.cause]}</span>}
                    </span>
                  ),
                },
                { id: 'tries', header: t.columns.tries, width: '72px', align: 'end', cell: (p) => p.tries },
                {
                  id: 'receipt',
                  header: t.columns.receipt,
                  width: '120px',
                  cell: (p) => (p.recordId ? <code>{p.recordId}</code> : '–'),
                },
              ]}
            />
          </div>
          {search.open && (
            <aside className={css.aside} aria-label={t.detail}>
              <PushDetail id={search.open} onLinkAnew={(id) => acts.mutate({ act: 'link-anew', id })} />
            </aside>
          )}
        </div>
      )}
      <SkipDialog
        opened={skipping}
        busy={acts.isPending}
        onClose={() => setSkipping(false)}
        onSkip={(reason) =>
          here && acts.mutate({ act: 'skip', id: here.id, reason }, { onSettled: () => setSkipping(false) })
        }
      />
    </Page>
  );
}

/** Counts are asked all the time, the list only when they say something else: 100,000 rows are not read every two seconds. */
function useAnewWhenCountsChange(counts: object | undefined): void {
  const queries = useQueryClient();
  const said = JSON.stringify(counts);
  const before = useRef(said);
  useEffect(() => {
    if (before.current !== undefined && before.current !== said)
      void queries.invalidateQueries({ queryKey: ['pushes'] });
    before.current = said;
  }, [said, queries]);
}

function What({ push }: { readonly push: Push }) {
  const t = useWords(sync);
  return (
    <span className={css.two}>
      <b>{push.object === 'contact' ? t.contact : t.meeting}</b>
      <span title={push.fields.join(', ')}>
        {push.fields.length ? `${t.fields(push.fields.length)}: ${push.fields.join(', ')}` : t.nothingSent}
      </span>
    </span>
  );
}
