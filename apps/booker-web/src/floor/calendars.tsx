import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEngagementNames } from '../app/engagements.js';
import { hostsQuery, useHostName } from '../app/hosts.js';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { floor } from '../words/floor.js';
import { useWords } from '../words/language.js';
import { unreadableQuery } from './floor-api.js';
import css from './floor.module.css';

/** Unknown is not fine: a host whose calendar cannot be read is offered no times. */
export function Calendars() {
  const t = useWords(floor).calendars;
  const calendars = useQuery(unreadableQuery);
  const hosts = useQuery(hostsQuery).data?.items;
  const hostName = useHostName();
  const names = useEngagementNames();
  const engagementOf = (hostId: string) => hosts?.find((h) => h.id === hostId)?.engagementIds[0];
  return (
    <Section title={t.title} flush>
      {calendars.isPending && <Loading what={t.rows} rows={2} height={48} />}
      {calendars.isError && !calendars.data && (
        <Failed what={t.away} error={calendars.error} retry={() => void calendars.refetch()} />
      )}
      {calendars.data?.length === 0 && <Empty>{t.none}</Empty>}
      {calendars.data && calendars.data.length > 0 && (
        <>
          <ul className={css.list}>
            {calendars.data.map((c) => {
              const engagementId = engagementOf(c.hostId);
              return (
                <li key={c.id}>
                  <span className={css.two}>
                    <b>
                      {engagementId ? (
                        <Link to="/engagements/$engagementId" params={{ engagementId }} search={{ tab: 'connections' }}>
                          {hostName(c.hostId)}
                        </Link>
                      ) : (
                        hostName(c.hostId)
                      )}
                    </b>
                    <span>
                      {engagementId && `${names.get(engagementId) ?? '…'}, `}
                      {c.lastReadAt ? (
                        <>
                          {t.read} <TimeText at={c.lastReadAt} shape="short" />
                        </>
                      ) : (
                        t.never
                      )}
                    </span>
                  </span>
                  <StatusBadge thing="connection" state={c.state === 'revoked' ? 'revoked' : 'unreadable'} />
                </li>
              );
            })}
          </ul>
          <p className={css.note}>{t.effect}</p>
        </>
      )}
    </Section>
  );
}
