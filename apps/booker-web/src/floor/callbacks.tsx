import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNow } from '../app/clock.js';
import { type Column, DataTable } from '../ui/data-table.js';
import { Nothing } from '../ui/nothing.js';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import lines from '../ui/rows.module.css';
import { PHONE_PX, useNarrow } from '../ui/use-narrow.js';
import { floor } from '../words/floor.js';
import { useLanguage, useWords } from '../words/language.js';
import { sayDuration } from '../words/times.js';
import { type Callback, liveCallbacksQuery } from './floor-api.js';
import css from './floor.module.css';
import type { Steady } from './steady.js';

const ROW = 52;
const HEAD = 33;
const MOST_IN_SIGHT = 6;

type Row = Steady<Callback>;

/** Promises whose time and grace have passed, the longest first. Time, engagement and keeper; nothing of whom they were made to. */
export function Callbacks({
  rows,
  engagements,
  nameOf,
  hold,
  onCurrent,
  onMove,
}: {
  readonly rows: readonly Row[] | undefined;
  readonly engagements: ReadonlyMap<string, { readonly name: string; readonly clientName: string }>;
  readonly nameOf: (userId: string) => string;
  readonly hold: { readonly onFocus: () => void; readonly onBlur: () => void; readonly onPointerEnter: () => void; readonly onPointerLeave: () => void }; // prettier-ignore
  readonly onCurrent: (leadId: string | undefined) => void;
  readonly onMove: (callback: Callback) => void;
}) {
  const t = useWords(floor).callbacks;
  const query = useQuery(liveCallbacksQuery);
  const narrow = useNarrow(PHONE_PX);
  const columns = useMemo((): Column<Row>[] => {
    const keeper = (c: Callback) => (c.userId === null ? t.anybody : nameOf(c.userId));
    const act: Column<Row> = {
      id: 'act',
      header: t.act,
      quietHeader: true,
      width: narrow ? '92px' : '112px',
      align: 'end',
      cell: ({ row, gone }) =>
        gone ? null : (
          <Button size="xs" tabIndex={-1} onClick={() => onMove(row)}>
            {t.move}
          </Button>
        ),
    };
    const promised: Column<Row> = {
      id: 'promised',
      header: t.promised,
      width: narrow ? '112px' : '164px',
      cell: ({ row, gone }) => (
        <span className={lines.two} data-gone={gone || undefined}>
          <b>
            <TimeText at={row.at} shape={narrow ? 'short' : 'day-time'} />
          </b>
          {gone ? <span>{t.settled}</span> : <Late at={row.at} />}
        </span>
      ),
    };
    if (narrow)
      return [
        promised,
        {
          id: 'engagement',
          header: t.engagement,
          width: 'minmax(0, 1fr)',
          cell: ({ row, gone }) => (
            <span className={lines.two} data-gone={gone || undefined}>
              <b>{engagements.get(row.engagementId)?.name ?? '…'}</b>
              <span>{keeper(row)}</span>
            </span>
          ),
        },
        act,
      ];
    return [
      promised,
      {
        id: 'engagement',
        header: t.engagement,
        width: 'minmax(160px, 1.4fr)',
        cell: ({ row, gone }) => (
          <span className={lines.two} data-gone={gone || undefined}>
            <b>{engagements.get(row.engagementId)?.name ?? '…'}</b>
            <span>{engagements.get(row.engagementId)?.clientName}</span>
          </span>
        ),
      },
      {
        id: 'whose',
        header: t.whose,
        width: 'minmax(120px, 1fr)',
        cell: ({ row, gone }) => <span data-gone={gone || undefined}>{keeper(row)}</span>,
      },
      act,
    ];
  }, [t, narrow, engagements, nameOf, onMove]);
  const shown = rows ?? [];
  return (
    <Section title={t.title} flush>
      {query.isPending && <Loading what={t.rows} rows={3} height={ROW} />}
      {query.isError && !query.data && <Failed what={t.away} error={query.error} retry={() => void query.refetch()} />}
      {query.data && shown.length === 0 && <Nothing>{t.none}</Nothing>}
      {shown.length > 0 && (
        <div
          className={css.callbacks}
          style={{ blockSize: HEAD + ROW * Math.min(shown.length, MOST_IN_SIGHT) + 1 }}
          {...hold}
        >
          <DataTable
            label={t.title}
            count={shown.length}
            row={(i) => shown[i]}
            rowKey={({ row }) => row.leadId}
            rowHeight={ROW}
            columns={columns}
            onCurrent={(there) => onCurrent(there?.row.leadId)}
            onOpen={({ row, gone }) => {
              if (!gone) onMove(row);
            }}
          />
        </div>
      )}
      {query.data?.next && <p className={lines.note}>{t.more}</p>}
    </Section>
  );
}

function Late({ at }: { readonly at: string }) {
  const t = useWords(floor).callbacks;
  const language = useLanguage();
  const now = useNow(15_000);
  const seconds = Math.floor((now.epochMilliseconds - Temporal.Instant.from(at).epochMilliseconds) / 1000);
  const time = seconds < 3600 ? t.minutes(Math.max(1, Math.floor(seconds / 60))) : sayDuration(seconds, language);
  return <small className={css.late}>{t.late(time)}</small>;
}
