import { DataTable } from '../ui/data-table.js';
import { TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './audit.module.css';
import type { Saying } from './sentence.js';
import { SentenceText } from './sentence-text.js';
import type { Entry } from './trails.js';

/** Rows drawn empty below the last one that is here, while there are more on the server: how many, nobody has counted. */
const COMING = 12;

export function AuditTable({
  rows,
  more,
  say,
  onSight,
  onOpen,
}: {
  readonly rows: readonly Entry[];
  readonly more: boolean;
  readonly say: Saying;
  readonly onSight: (from: number, to: number) => void;
  readonly onOpen: (row: Entry) => void;
}) {
  const { t, language, engagements } = say;
  const logs = useWords(shell).chain.logs;
  return (
    <div className={css.table}>
      <DataTable
        label={t.title}
        count={rows.length + (more ? COMING : 0)}
        row={(i) => rows[i]}
        rowKey={(r) => r.id}
        rowHeight={48}
        onSight={onSight}
        onOpen={onOpen}
        columns={[
          {
            id: 'at',
            header: t.columns.at,
            width: '124px',
            cell: (r) => (
              <span className={css.two}>
                <TimeText at={r.at} shape="seconds" />
                <TimeText at={r.at} shape="day" />
              </span>
            ),
          },
          {
            id: 'what',
            header: t.columns.what,
            width: 'minmax(250px, 1fr)',
            cell: (r) => (
              <span className={css.two}>
                <SentenceText entry={r} say={say} />
                <span>
                  {[
                    ...(r.engagementId ? [engagements.get(r.engagementId)] : []),
                    ...(r.fields.length ? [t.fields(r.fields.join(', '))] : []),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </span>
            ),
          },
          { id: 'where', header: t.columns.where, width: '146px', cell: (r) => logs[r.service] },
          {
            id: 'row',
            header: t.columns.row,
            width: '104px',
            align: 'end',
            cell: (r) =>
              r.row === null ? <span title={t.unsealedWhy}>{t.unsealed}</span> : number(language, r.row + 1),
          },
        ]}
      />
    </div>
  );
}
