import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ErasureClock } from '../ui/erasure-clock.js';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { useMe } from '../app/session.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { clockQuery, type Engagement } from './engagements-api.js';
import css from './engagements.module.css';

/** When everything about the people is gone (A7, E1). */
export function ClockTab({ engagement: e }: { readonly engagement: Engagement }) {
  const words = useWords(engagements);
  const t = words.clock;
  const { role } = useMe();
  const { data, error, refetch } = useQuery(clockQuery(e.id));
  if (error && !data) return <Failed what={words.away} error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={t.title} rows={4} />;
  const started = data.endedAt && data.erasesFrom && data.eraseBy;
  return (
    <div className={css.stack}>
      {data.orderState === 'completed' ? (
        <Section title={t.title}>
          <p>{t.done}</p>
        </Section>
      ) : started ? (
        <ErasureClock endedAt={data.endedAt!} startedAt={data.erasesFrom!} eraseBy={data.eraseBy!} finishedAt={null} />
      ) : (
        <Section title={t.title}>
          <div className={css.form}>
            {e.effectiveEndAt ? (
              <p>
                {t.noticed} <TimeText at={e.effectiveEndAt} />.
              </p>
            ) : (
              <p>{t.running}</p>
            )}
            <p>{t.thenX(data.retentionMonths)}</p>
          </div>
        </Section>
      )}
      {data.orderId && role === 'dpo' && (
        <p>
          <Link to="/privacy-centre/erasures/$orderId" params={{ orderId: data.orderId }}>
            {t.order}
          </Link>
        </p>
      )}
    </div>
  );
}
