import { type KeyboardEvent, useRef } from 'react';
import { useNow } from '../app/clock.js';
import type { Host } from '../app/hosts.js';
import type { Meeting } from '../app/meetings.js';
import { AGENCY_ZONE, DateText, OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { MeetingState } from './meeting-state.js';
import css from './week-table.module.css';
import { dayOf, isNotInCalendar } from './meetings.js';

interface Props {
  /** Its Monday. */
  readonly week: string;
  readonly rows: readonly Meeting[];
  /** Also those without a meeting: an empty week is something to know. */
  readonly hosts: readonly Host[];
  readonly hostName: (id: string) => string;
  readonly open: string | undefined;
  readonly onCurrent: (meeting: Meeting) => void;
  readonly onOpen: (meeting: Meeting) => void;
}

/** The week by host: a table with a row for each host and a column for each day. The list says the same, and more. */
export function WeekTable({ week, rows, hosts, hostName, open, onCurrent, onOpen }: Props) {
  const t = useWords(meetings);
  const table = useRef<HTMLTableElement>(null);
  const today = useNow().toZonedDateTimeISO(AGENCY_ZONE).toPlainDate().toString();
  const monday = Temporal.PlainDate.from(week);
  const cells = Map.groupBy(rows, (m) => `${m.hostId} ${dayOf(m)}`);
  const days = Array.from({ length: 7 }, (_, i) => monday.add({ days: i }).toString()).filter(
    (day, i) => i < 5 || rows.some((m) => dayOf(m) === day),
  );
  const ids = [...new Set([...hosts.map((h) => h.id), ...rows.map((m) => m.hostId)])];
  const step = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...(table.current?.querySelectorAll('button') ?? [])];
    all[all.indexOf(event.target as HTMLButtonElement) + by]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={css.frame} tabIndex={0} role="region" aria-label={t.weekTable}>
      <table ref={table} className={css.table} onKeyDown={step}>
        <caption className="visually-hidden">{t.weekTable}</caption>
        <thead>
          <tr>
            <th scope="col">{t.host}</th>
            {days.map((day) => (
              <th key={day} scope="col" aria-current={day === today ? 'date' : undefined}>
                <DateText on={day} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ids.map((id) => (
            <tr key={id}>
              <th scope="row">
                {hostName(id)}
                <span>{t.count(rows.filter((m) => m.hostId === id).length)}</span>
              </th>
              {days.map((day) => (
                <td key={day} data-today={day === today || undefined}>
                  {cells.get(`${id} ${day}`)?.map((m) => (
                    <button
                      key={m.id}
                      type="button"
                      className={css.meeting}
                      data-state={isNotInCalendar(m) ? 'failed' : m.state}
                      aria-pressed={open === m.id}
                      onFocus={() => onCurrent(m)}
                      onClick={() => onOpen(m)}
                    >
                      <b>
                        <TimeText at={m.startsAt} to={m.endsAt} shape="time" />
                      </b>
                      <OtherZone at={m.startsAt} zone={m.timeZone} />
                      <MeetingState meeting={m} />
                    </button>
                  )) ?? <span className="visually-hidden">{t.nobody}</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
