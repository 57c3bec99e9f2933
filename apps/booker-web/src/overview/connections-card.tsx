import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { calendarsHealthQuery } from '../app/calendars.js';
import { CRM_NAMES } from '../words/crm-names.js';
import { useEngagementsById } from '../app/engagements.js';
import { useHostName } from '../app/hosts.js';
import { Nothing } from '../ui/nothing.js';
import lines from '../ui/rows.module.css';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { Badge, StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { engagements as engagementWords } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { overview } from '../words/overview.js';
import { type Crm, crmsQuery } from './overview-api.js';

const TONES = { connecting: 'wait', active: 'ok', broken: 'err', 'waiting-for-limit': 'warn' } as const;
const CALENDARS_EVERY_MS = 10_000;

/** Our ways into what is the client's. A CRM that is broken is let in again here; a calendar by its host. */
export function ConnectionsCard({ reconnect }: { readonly reconnect: (crm: Crm) => void }) {
  const words = useWords(overview);
  const t = words.connections;
  const e = useWords(engagementWords);
  const crms = useQuery(crmsQuery);
  const calendars = useQuery(calendarsHealthQuery(CALENDARS_EVERY_MS));
  const engagements = useEngagementsById();
  const hostName = useHostName();
  const failed = (crms.isError && !crms.data) || (calendars.isError && !calendars.data);
  const all = crms.data && calendars.data;
  const kinds = e.rules.calendar;
  return (
    <Section title={t.title} flush>
      {failed && (
        <Failed
          what={words.away}
          error={crms.error ?? calendars.error}
          retry={() => void Promise.all([crms.refetch(), calendars.refetch()])}
        />
      )}
      {!failed && !all && <Loading what={t.rows} rows={4} height={48} />}
      {all && crms.data.items.length + calendars.data.items.length === 0 && <Nothing>{t.none}</Nothing>}
      {all && (
        <ul className={lines.list}>
          {crms.data.items.map((c) => (
            <li key={c.id}>
              <span className={lines.two}>
                <b>
                  <Link
                    to="/engagements/$engagementId"
                    params={{ engagementId: c.engagementId }}
                    search={{ tab: 'connections' }}
                  >
                    {CRM_NAMES[c.kind]}
                  </Link>
                </b>
                <span>
                  {engagements.get(c.engagementId)?.name ?? '…'}
                  {c.lastWriteAt && (
                    <>
                      , {t.lastWrite} <TimeText at={c.lastWriteAt} shape="short" />
                    </>
                  )}
                </span>
              </span>
              {c.state === 'broken' ? (
                <Button size="xs" color="err" onClick={() => reconnect(c)}>
                  {t.reconnect(CRM_NAMES[c.kind])}…
                </Button>
              ) : (
                <Badge tone={TONES[c.state]}>{e.connections.states[c.state]}</Badge>
              )}
            </li>
          ))}
          {calendars.data.items.map((c) => (
            <li key={c.id}>
              <span className={lines.two}>
                <b>{hostName(c.hostId)}</b>
                <span>
                  {kinds[c.kind as 'google' | 'caldav']},{' '}
                  {c.lastReadAt ? (
                    <>
                      {t.lastRead} <TimeText at={c.lastReadAt} shape="short" />
                    </>
                  ) : (
                    t.never
                  )}
                </span>
              </span>
              <StatusBadge thing="connection" state={c.state as 'connected' | 'unreadable' | 'revoked'} />
            </li>
          ))}
        </ul>
      )}
      {calendars.data?.items.some((c) => c.state === 'revoked') && <p className={lines.note}>{t.byHost}</p>}
    </Section>
  );
}
