import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEngagementsById } from '../app/engagements.js';
import { hostsQuery, useHostName } from '../app/hosts.js';
import { Nothing } from '../ui/nothing.js';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import lines from '../ui/rows.module.css';
import { floor } from '../words/floor.js';
import { useWords } from '../words/language.js';
import { unreadableQuery } from './floor-api.js';

/** Unknown is not fine: a host whose calendar cannot be read is offered no times. */
export function Calendars() {
  const t = useWords(floor).calendars;
  const calendars = useQuery(unreadableQuery);
  const hosts = useQuery(hostsQuery).data?.items;
  const hostName = useHostName();
  const engagements = useEngagementsById();
  const engagementOf = (hostId: string) => hosts?.find((h) => h.id === hostId)?.engagementIds[0];
  return (
    <Section title={t.title} flush>
      {calendars.isPending && <Loading what={t.rows} rows={2} height={48} />}
      {calendars.isError && !calendars.data && (
        <Failed what={t.away} error={calendars.error} retry={() => void calendars.refetch()} />
      )}
      {calendars.data?.length === 0 && <Nothing>{t.none}</Nothing>}
      {calendars.data && calendars.data.length > 0 && (
        <>
          <ul className={lines.list}>
            {calendars.data.map((c) => {
              const engagementId = engagementOf(c.hostId);
              return (
                <li key={c.id}>
                  <span className={lines.two}>
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
                      {engagementId && `${engagements.get(engagementId)?.name ?? '…'}, `}
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
          <p className={lines.note}>{t.effect}</p>
        </>
      )}
    </Section>
  );
}
