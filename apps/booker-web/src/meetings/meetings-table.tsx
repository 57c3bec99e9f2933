import type { Meeting } from '../app/meetings.js';
import { DataTable } from '../ui/data-table.js';
import { AGENCY_ZONE, DateText, OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { MeetingState } from './meeting-state.js';
import css from './meetings.module.css';
import { isNotInCalendar } from './meetings.js';
import { Receipts } from './receipts.js';

const dayOf = (m: Meeting): string =>
  Temporal.Instant.from(m.startsAt).toZonedDateTimeISO(AGENCY_ZONE).toPlainDate().toString();

/** By start; a day is named in bold on its first meeting. */
export function MeetingsTable({
  rows,
  hostName,
  engagementName,
  onCurrent,
  onOpen,
}: {
  readonly rows: readonly Meeting[];
  readonly hostName: (id: string) => string;
  readonly engagementName: (id: string) => string;
  readonly onCurrent: (meeting: Meeting | undefined) => void;
  readonly onOpen: (meeting: Meeting) => void;
}) {
  const t = useWords(meetings);
  const firsts = new Set(rows.filter((m, i) => i === 0 || dayOf(rows[i - 1]!) !== dayOf(m)).map((m) => m.id));
  return (
    <div className={css.table}>
      <DataTable
        label={t.title}
        count={rows.length}
        row={(i) => rows[i]}
        rowKey={(m) => m.id}
        rowHeight={52}
        onCurrent={onCurrent}
        onOpen={onOpen}
        tone={(m) => (isNotInCalendar(m) ? 'err' : undefined)}
        columns={[
          {
            id: 'day',
            header: t.columns.day,
            width: '112px',
            cell: (m) => (
              <span className={firsts.has(m.id) ? css.day : css.again}>
                <DateText on={dayOf(m)} />
              </span>
            ),
          },
          {
            id: 'time',
            header: t.columns.time,
            width: '152px',
            cell: (m) => (
              <span className={css.two}>
                <b>
                  <TimeText at={m.startsAt} to={m.endsAt} shape="time" />
                </b>
                <OtherZone at={m.startsAt} zone={m.timeZone} />
              </span>
            ),
          },
          { id: 'state', header: t.state, width: '208px', cell: (m) => <MeetingState meeting={m} /> },
          {
            id: 'host',
            header: t.host,
            width: 'minmax(140px, 1fr)',
            cell: (m) => (
              <span className={css.two}>
                <b>{hostName(m.hostId)}</b>
                <span>{engagementName(m.engagementId)}</span>
              </span>
            ),
          },
          {
            id: 'receipts',
            header: t.columns.receipts,
            width: 'minmax(170px, 1fr)',
            cell: (m) => <Receipts meeting={m} />,
          },
          { id: 'sequence', header: t.columns.sequence, width: '96px', align: 'end', cell: (m) => m.sequence },
        ]}
      />
    </div>
  );
}
