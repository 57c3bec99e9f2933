import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useNow } from '../app/clock.js';
import { useEngagementNames } from '../app/engagements.js';
import { DataTable } from '../ui/data-table.js';
import { useMoreInSight } from '../ui/more-in-sight.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { DateText, TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import { ordersQuery, stateOf } from './orders.js';
import { erasuresRoute } from './routes.js';
import css from './privacy.module.css';

export function ErasuresScreen() {
  const t = useWords(privacy);
  const language = useLanguage();
  const now = useNow(60_000);
  const navigate = useNavigate();
  const { show } = erasuresRoute.useSearch();
  const list = useInfiniteQuery(ordersQuery(show === 'all' ? undefined : 'open'));
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  const names = useEngagementNames();
  const onSight = useMoreInSight(list, rows.length);
  return (
    <Page
      fill
      title={t.erasures}
      tab={t.erasures}
      crumbs={[{ label: t.title, to: '/privacy-centre' }]}
      sub={t.list.sub}
    >
      <div className={css.segments} role="group" aria-label={t.list.columns.state}>
        {([undefined, 'all'] as const).map((value) => (
          <Button
            key={value ?? 'open'}
            aria-pressed={show === value}
            {...(show === value ? { color: 'accent', variant: 'light' } : {})}
            onClick={() => void navigate({ to: '/privacy-centre/erasures', search: value ? { show: value } : {} })}
          >
            {value ? t.list.all : t.list.open}
          </Button>
        ))}
      </div>
      {list.isPending && <Loading what={t.list.rows} rows={8} />}
      {list.isError && !list.data && <Failed what={t.list.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty>{show === 'all' ? t.list.none : t.list.noneOpen}</Empty>}
      {rows.length > 0 && (
        <div className={css.table}>
          <DataTable
            label={t.erasures}
            count={rows.length}
            row={(i) => rows[i]}
            rowKey={(o) => o.id}
            rowHeight={48}
            onSight={onSight}
            onOpen={(o) => void navigate({ to: '/privacy-centre/erasures/$orderId', params: { orderId: o.id } })}
            tone={(o) => (['incomplete', 'late'].includes(stateOf(o, now)) ? 'err' : undefined)}
            columns={[
              {
                id: 'ordered',
                header: t.list.columns.ordered,
                width: '150px',
                cell: (o) => <TimeText at={o.orderedAt} shape="short" />,
              },
              {
                id: 'what',
                header: t.list.columns.what,
                width: 'minmax(220px, 1.4fr)',
                cell: (o) => (
                  <span className={css.two}>
                    <b>{names.get(o.engagementId) ?? o.engagementId.slice(0, 8)}</b>
                    <span>{o.scope === 'lead' ? t.list.person : t.start.ofEngagement}</span>
                  </span>
                ),
              },
              {
                id: 'reason',
                header: t.list.columns.reason,
                width: 'minmax(160px, 1fr)',
                cell: (o) => t.reasons[o.reason],
              },
              {
                id: 'leads',
                header: t.list.columns.leads,
                width: '90px',
                align: 'end',
                cell: (o) => number(language, o.leads),
              },
              {
                id: 'lastDay',
                header: t.list.columns.lastDay,
                width: '130px',
                cell: (o) => (o.eraseBy ? <DateText on={o.eraseBy} /> : '–'),
              },
              {
                id: 'state',
                header: t.list.columns.state,
                width: '150px',
                cell: (o) => <StatusBadge thing="erasure" state={stateOf(o, now)} />,
              },
            ]}
          />
        </div>
      )}
    </Page>
  );
}
