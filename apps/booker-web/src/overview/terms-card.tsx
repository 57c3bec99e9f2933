import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useNow } from '../app/clock.js';
import type { Engagement } from '../app/engagements.js';
import { clocksQuery } from '../app/erasure-clocks.js';
import { ErasureClock } from '../ui/erasure-clock.js';
import lines from '../ui/rows.module.css';
import { KeyValue, Section } from '../ui/section.js';
import { StatusBadge } from '../ui/status-badge.js';
import { AGENCY_ZONE, DateText, TimeText } from '../ui/time-text.js';
import { engagements as engagementWords } from '../words/engagements.js';
import { useLanguage, useWords } from '../words/language.js';
import { overview } from '../words/overview.js';
import { sayDate } from '../words/times.js';
import css from './overview.module.css';

/** The end is the first instant at which it is over; the last day is the one before. */
const lastInstant = (at: string) => Temporal.Instant.from(at).subtract({ seconds: 1 });

/** One engagement: the terms that hold now, and the clock that follows from them (A7, E1). */
export function TermsCard({ engagement: e }: { readonly engagement: Engagement }) {
  const words = useWords(overview);
  const t = words.terms;
  const w = useWords(engagementWords);
  const language = useLanguage();
  const today = useNow(60_000).toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const bound = Temporal.PlainDate.from(e.startsOn).add({ months: e.bindingMonths }).subtract({ days: 1 });
  return (
    <Section
      title={`${t.title}, ${e.name}`}
      aside={<StatusBadge thing="engagement" state={e.state === 'running' ? 'active' : e.state} />}
    >
      <div className={lines.stack}>
        <KeyValue
          pairs={[
            [w.contract.starts, <DateText key="s" on={e.startsOn} />],
            [t.binding, t.until(w.months(e.bindingMonths), sayDate(bound, language, today))],
            e.effectiveEndAt
              ? [w.contract.ends, <TimeText key="l" at={lastInstant(e.effectiveEndAt)} shape="day" />]
              : [w.contract.earliest, <DateText key="e" on={e.earliestNoticeOn} />],
            [w.contract.x, w.contract.xAfter(e.retentionMonths)],
          ]}
        />
        <Clock engagement={e} />
        <p className={css.foot}>
          <Link to="/engagements/$engagementId" params={{ engagementId: e.id }}>
            {t.all}
          </Link>
          , {t.version(e.version)}
        </p>
      </div>
    </Section>
  );
}

function Clock({ engagement: e }: { readonly engagement: Engagement }) {
  const words = useWords(overview).clock;
  const w = useWords(engagementWords);
  const { data } = useQuery(clocksQuery);
  const clock = data?.items.find((c) => c.engagementId === e.id);
  if (clock?.orderState === 'completed') return <p className={css.sentence}>{words.done}</p>;
  if (clock?.endedAt && clock.erasesFrom && clock.eraseBy)
    return (
      <ErasureClock endedAt={clock.endedAt} startedAt={clock.erasesFrom} eraseBy={clock.eraseBy} finishedAt={null} />
    );
  return (
    <p className={css.sentence}>
      {words.stands} {words.within(w.months(e.retentionMonths))}
    </p>
  );
}
