import type { Meeting } from '../app/meetings.js';
import { DataTable } from '../ui/data-table.js';
import { DateText, OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { MeetingState } from './meeting-state.js';
import css from './meetings.module.css';
import { dayOf, isNotInCalendar, type Told } from './meetings.js';
import { ReceiptIcons } from './receipts.js';

interface Props {
  readonly rows: readonly Meeting[];
  readonly told: ReadonlyMap<string, readonly Told[]> | undefined;
  readonly hostName: (id: string) => string;
  readonly engagementName: (id: string) => string;
  /** Not given to clients, who are not told. */
  readonly whoBooked: ((meeting: Meeting) => string) | undefined;
  /** One column, as on a phone. */
  readonly narrow: boolean;
  /** The meeting whose details stand beside the list, which then has fewer columns. */
  readonly open: string | undefined;
  readonly onCurrent: (meeting: Meeting | undefined) => void;
  readonly onOpen: (meeting: Meeting) => void;
}

/** By start; a day is named in bold on its first meeting, with how many it has. */
export function MeetingsTable(props: Props) {
  const { rows, told, hostName, engagementName, whoBooked, narrow, open, onCurrent, onOpen } = props;
  const t = useWords(meetings);
  const perDay = new Map<string, number>();
  for (const m of rows) perDay.set(dayOf(m), (perDay.get(dayOf(m)) ?? 0) + 1);
  const firsts = new Set(rows.filter((m, i) => i === 0 || dayOf(rows[i - 1]!) !== dayOf(m)).map((m) => m.id));
  const day = (m: Meeting) =>
    firsts.has(m.id) ? (
      <span className={css.two}>
        <b>
          <DateText on={dayOf(m)} />
        </b>
        <span>{t.count(perDay.get(dayOf(m))!)}</span>
      </span>
    ) : (
      <span className={css.again}>
        <DateText on={dayOf(m)} />
      </span>
    );
  const time = (m: Meeting) => (
    <span className={css.two}>
      <b>
        <TimeText at={m.startsAt} to={m.endsAt} shape="time" />
      </b>
      <OtherZone at={m.startsAt} zone={m.timeZone} to={m.endsAt} />
    </span>
  );
  const host = (m: Meeting) => (
    <span className={css.two}>
      <b>{hostName(m.hostId)}</b>
      <span title={engagementName(m.engagementId)}>{engagementName(m.engagementId)}</span>
    </span>
  );
  const receipts = (m: Meeting) => <ReceiptIcons meeting={m} told={told && (told.get(m.id) ?? [])} />;
  const shared = {
    label: t.title,
    count: rows.length,
    row: (i: number) => rows[i],
    rowKey: (m: Meeting) => m.id,
    onCurrent,
    onOpen,
    tone: (m: Meeting) => (isNotInCalendar(m) ? ('err' as const) : undefined),
    ...(open === undefined ? {} : { shown: open }),
  };
  if (narrow)
    return (
      <DataTable
        {...shared}
        rowHeight={84}
        columns={[
          {
            id: 'meeting',
            header: t.detail,
            width: 'minmax(0, 1fr)',
            cell: (m) => (
              <span className={css.cardRow}>
                <span className={css.spread}>
                  <b>
                    <TimeText at={m.startsAt} to={m.endsAt} />
                  </b>
                  <MeetingState meeting={m} />
                </span>
                <span>
                  {hostName(m.hostId)} · {engagementName(m.engagementId)}
                </span>
                <span className={css.spread}>
                  {receipts(m)}
                  <OtherZone at={m.startsAt} zone={m.timeZone} to={m.endsAt} />
                </span>
              </span>
            ),
          },
        ]}
      />
    );
  return (
    <DataTable
      {...shared}
      rowHeight={52}
      columns={[
        { id: 'day', header: t.columns.day, width: '108px', cell: day },
        { id: 'time', header: t.columns.time, width: '148px', cell: time },
        { id: 'state', header: t.state, width: '216px', cell: (m) => <MeetingState meeting={m} /> },
        { id: 'host', header: t.host, width: 'minmax(150px, 1.2fr)', cell: host },
        ...(open === undefined && whoBooked
          ? [{ id: 'booker', header: t.booker, width: 'minmax(110px, 0.7fr)', cell: whoBooked }]
          : []),
        { id: 'receipts', header: t.columns.receipts, width: 'minmax(120px, 1.2fr)', cell: receipts },
        ...(open === undefined
          ? [
              {
                id: 'sequence',
                header: t.columns.sequence,
                width: '96px',
                align: 'end' as const,
                cell: (m: Meeting) => m.sequence,
              },
            ]
          : []),
      ]}
    />
  );
}
