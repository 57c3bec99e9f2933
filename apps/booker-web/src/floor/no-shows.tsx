import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEngagementsById } from '../app/engagements.js';
import { useHostName } from '../app/hosts.js';
import { Nothing } from '../ui/nothing.js';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import lines from '../ui/rows.module.css';
import { floor } from '../words/floor.js';
import { useWords } from '../words/language.js';
import { missedQuery } from './floor-api.js';

/** Meetings of today to which nobody came; the meeting's own page says more. */
export function NoShows({ today }: { readonly today: Temporal.PlainDate }) {
  const t = useWords(floor).missed;
  const missed = useQuery(missedQuery(today));
  const hostName = useHostName();
  const engagements = useEngagementsById();
  return (
    <Section title={t.title} flush>
      {missed.isPending && <Loading what={t.rows} rows={2} height={48} />}
      {missed.isError && !missed.data && (
        <Failed what={t.away} error={missed.error} retry={() => void missed.refetch()} />
      )}
      {missed.data?.items.length === 0 && <Nothing>{t.none}</Nothing>}
      <ul className={lines.list}>
        {missed.data?.items.map((m) => (
          <li key={m.id}>
            <span className={lines.two}>
              <b>
                <Link to="/meetings" search={{ open: m.id }}>
                  <TimeText at={m.startsAt} to={m.endsAt} shape="time" />
                </Link>
              </b>
              <span>{engagements.get(m.engagementId)?.name ?? '…'}</span>
            </span>
            <span>{hostName(m.hostId)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
