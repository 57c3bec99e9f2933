import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMe } from '../app/session.js';
import { DataTable } from '../ui/data-table.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { DateText, TimeText } from '../ui/time-text.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { engagementsQuery } from '../app/engagements.js';
import { lastInstant, stateOf } from './engagements-api.js';
import css from './engagements.module.css';

export function EngagementsScreen() {
  const t = useWords(engagements);
  const { role } = useMe();
  const navigate = useNavigate();
  const list = useQuery(engagementsQuery);
  const rows = list.data?.items ?? [];
  return (
    <Page fill title={t.title} tab={t.title} sub={t.sub}>
      {list.isPending && <Loading what={t.rows} rows={6} height={48} />}
      {list.isError && !list.data && <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty>{t.none}</Empty>}
      {rows.length > 0 && (
        <div className={css.table}>
          <DataTable
            label={t.title}
            count={rows.length}
            row={(i) => rows[i]}
            rowKey={(e) => e.id}
            rowHeight={48}
            onOpen={(e) => void navigate({ to: '/engagements/$engagementId', params: { engagementId: e.id } })}
            columns={[
              {
                id: 'name',
                header: t.columns.name,
                width: 'minmax(220px, 1.6fr)',
                cell: (e) => (
                  <span className={css.two}>
                    <b>{e.name}</b>
                    <span>{e.clientName}</span>
                  </span>
                ),
              },
              {
                id: 'state',
                header: t.columns.state,
                width: '150px',
                cell: (e) => <StatusBadge thing="engagement" state={stateOf(e)} />,
              },
              {
                id: 'starts',
                header: t.columns.starts,
                width: '150px',
                cell: (e) => <DateText on={e.startsOn} />,
              },
              {
                id: 'ends',
                header: t.columns.ends,
                width: '150px',
                cell: (e) => (e.effectiveEndAt ? <TimeText at={lastInstant(e.effectiveEndAt)} shape="day" /> : '–'),
              },
              {
                id: 'x',
                header: t.columns.x,
                width: '110px',
                align: 'end' as const,
                cell: (e) => t.months(e.retentionMonths),
              },
              ...(role === 'client'
                ? []
                : [
                    {
                      id: 'members',
                      header: t.columns.members,
                      width: '110px',
                      align: 'end' as const,
                      cell: (e: (typeof rows)[number]) => e.memberIds.length,
                    },
                  ]),
            ]}
          />
        </div>
      )}
    </Page>
  );
}
