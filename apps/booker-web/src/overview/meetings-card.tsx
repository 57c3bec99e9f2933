import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEngagementsById } from '../app/engagements.js';
import { useHostName } from '../app/hosts.js';
import { type Meeting, typesQuery } from '../app/meetings.js';
import { type Column, DataTable } from '../ui/data-table.js';
import { Nothing } from '../ui/nothing.js';
import lines from '../ui/rows.module.css';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { OtherZone, TimeText } from '../ui/time-text.js';
import { PHONE_PX, useNarrow } from '../ui/use-narrow.js';
import { useWords } from '../words/language.js';
import { overview } from '../words/overview.js';
import css from './overview.module.css';

const ROW = 52;
const HEAD = 33;
const MOST_IN_SIGHT = 7;

/** Booked meetings that are still to come, by start: when, with whom of the client's own, of what kind. */
export function MeetingsCard({
  meetings,
  error,
  retry,
  filtered,
}: {
  readonly meetings: readonly Meeting[] | undefined;
  readonly error: unknown;
  readonly retry: () => void;
  readonly filtered: boolean;
}) {
  const words = useWords(overview);
  const t = words.meetings;
  const navigate = useNavigate();
  const hostName = useHostName();
  const engagements = useEngagementsById();
  const types = useQuery(typesQuery).data?.items;
  const c = t.columns;
  const narrow = useNarrow(PHONE_PX);
  const when: Column<Meeting> = {
    id: 'when',
    header: c.when,
    width: narrow ? '124px' : 'minmax(150px, 1fr)',
    cell: (m) => (
      <span className={lines.two}>
        <b>
          <TimeText at={m.startsAt} shape={narrow ? 'short' : 'day-time'} />
        </b>
        <OtherZone at={m.startsAt} zone={m.timeZone} />
      </span>
    ),
  };
  const host: Column<Meeting> = {
    id: 'host',
    header: c.host,
    width: narrow ? 'minmax(0, 1fr)' : 'minmax(120px, 1fr)',
    cell: (m) => (
      <span className={lines.two}>
        <b>{hostName(m.hostId)}</b>
        <span>{engagements.get(m.engagementId)?.name}</span>
      </span>
    ),
  };
  const type: Column<Meeting> = {
    id: 'type',
    header: c.type,
    width: 'minmax(110px, 1fr)',
    cell: (m) => {
      const of = types?.find((one) => one.id === m.meetingTypeId);
      return (
        of && (
          <span className={lines.two}>
            <span className={css.plain}>{of.name}</span>
            <span>{t.minutes(of.lengthMinutes)}</span>
          </span>
        )
      );
    },
  };
  const state: Column<Meeting> = {
    id: 'state',
    header: c.state,
    width: '168px',
    cell: (m) => <StatusBadge thing="meeting" state={m.calendar?.state === 'failed' ? 'not-in-calendar' : 'booked'} />,
  };
  const columns = narrow ? [when, host] : [when, host, type, state];
  return (
    <Section title={t.title} flush aside={<Link to="/meetings">{t.all}</Link>}>
      {!meetings && error === null && <Loading what={t.rows} rows={5} height={ROW} />}
      {!meetings && error !== null && <Failed what={words.away} error={error} retry={retry} />}
      {meetings?.length === 0 && <Nothing>{filtered ? t.noMatch : t.none}</Nothing>}
      {meetings && meetings.length > 0 && (
        <div className={css.table} style={{ blockSize: HEAD + ROW * Math.min(meetings.length, MOST_IN_SIGHT) + 1 }}>
          <DataTable
            label={t.title}
            count={meetings.length}
            row={(i) => meetings[i]}
            rowKey={(m) => m.id}
            rowHeight={ROW}
            onOpen={(m) => void navigate({ to: '/meetings', search: { week: dayOf(m), open: m.id } })}
            columns={columns}
          />
        </div>
      )}
    </Section>
  );
}

const dayOf = (m: Meeting): string =>
  Temporal.Instant.from(m.startsAt).toZonedDateTimeISO('Europe/Stockholm').toPlainDate().toString();
