import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEngagementNames } from '../app/engagements.js';
import { useHostName } from '../app/hosts.js';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { floor } from '../words/floor.js';
import { useWords } from '../words/language.js';
import { missedQuery } from './floor-api.js';
import css from './floor.module.css';

/** Meetings of today to which nobody came; the meeting's own page says more. */
export function NoShows({ today }: { readonly today: Temporal.PlainDate }) {
  const t = useWords(floor).missed;
  const missed = useQuery(missedQuery(today));
  const hostName = useHostName();
  const names = useEngagementNames();
  return (
    <Section title={t.title} flush>
      {missed.isPending && <Loading what={t.rows} rows={2} height={48} />}
      {missed.isError && !missed.data && (
        <Failed what={t.away} error={missed.error} retry={() => void missed.refetch()} />
      )}
      {missed.data?.items.length === 0 && <Empty>{t.none}</Empty>}
      <ul className={css.list}>
        {missed.data?.items.map((m) => (
          <li key={m.id}>
            <span className={css.two}>
              <b>
                <Link to="/meetings" search={{ open: m.id }}>
                  <TimeText at={m.startsAt} to={m.endsAt} shape="time" />
                </Link>
              </b>
              <span>{names.get(m.engagementId) ?? '…'}</span>
            </span>
            <span>{hostName(m.hostId)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
