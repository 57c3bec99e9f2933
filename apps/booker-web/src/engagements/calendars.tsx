import { useQuery } from '@tanstack/react-query';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { calendarsQuery, hostsQuery } from './engagements-api.js';
import css from './engagements.module.css';

const TONES = { connected: 'ok', unreadable: 'err', revoked: 'err' } as const;

/** Hosts' own calendars: one that cannot be read counts as busy. */
export function Calendars({ engagementId }: { readonly engagementId: string }) {
  const words = useWords(engagements);
  const t = words.connections;
  const { data, error, refetch } = useQuery(calendarsQuery(engagementId));
  const hosts = useQuery(hostsQuery(engagementId));
  const kinds = words.rules.calendar;
  return (
    <Section title={t.calendars} flush>
      {error && !data && <Failed what={words.away} error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading rows={3} />}
      {data?.items.length === 0 && <Empty>{t.noCalendar}</Empty>}
      <ul className={css.list}>
        {data?.items.map((c) => {
          const state = c.state as keyof typeof TONES;
          return (
            <li key={c.id}>
              <span className={css.two}>
                <b>{hosts.data?.items.find((h) => h.id === c.hostId)?.name ?? '…'}</b>
                <span>
                  {kinds[c.kind as 'google' | 'caldav']}; {t.lastRead.toLowerCase()}{' '}
                  {c.lastReadAt ? <TimeText at={c.lastReadAt} shape="short" /> : t.never}; {t.lastWrite.toLowerCase()}{' '}
                  {c.lastWriteAt ? <TimeText at={c.lastWriteAt} shape="short" /> : t.never}
                </span>
              </span>
              <Badge tone={TONES[state] ?? 'grey'}>
                {t.calendarStates[state] ?? c.state}
                {c.code ? `, ${c.code}` : ''}
              </Badge>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
