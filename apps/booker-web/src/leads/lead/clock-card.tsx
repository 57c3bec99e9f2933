import { useNow } from '../../app/clock.js';
import { Section } from '../../ui/section.js';
import { Failed, Loading } from '../../ui/states.js';
import { AGENCY_ZONE, DateText, TimeText } from '../../ui/time-text.js';
import { number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { sayDuration } from '../../words/times.js';
import type { Lead } from '../leads-api.js';
import type { ErasureClock, LeadOnScreen } from './lead-data.js';
import css from './lead.module.css';

/** By when the person's data is gone, and why: the month of the notice (B8), and the engagement's end plus X (E1). */
export function ClockCard({ lead, clock }: { readonly lead: Lead; readonly clock: LeadOnScreen['clock'] }) {
  const t = useWords(words);
  const language = useLanguage();
  const months = clock.data?.retentionMonths;
  return (
    <Section title={t.clock}>
      {clock.isPending && <Loading rows={2} />}
      {clock.isError && <Failed what={t.clockAway} error={clock.error} retry={() => void clock.refetch()} />}
      {clock.data && (
        <div className={css.stack}>
          {clock.data.informBy && (
            <Bar
              from={lead.notice.obtainedAt}
              to={clock.data.informBy}
              start={t.obtained}
              end={t.tellBy}
              law={t.informBy}
            />
          )}
          {clock.data.eraseBy ? (
            <Ended clock={clock.data} />
          ) : months ? (
            <p>{months === 1 ? t.runningOne : t.running(number(language, months))}</p>
          ) : (
            !clock.data.informBy && <p className={css.faint}>{t.noClock}</p>
          )}
        </div>
      )}
    </Section>
  );
}

function Ended({ clock }: { readonly clock: ErasureClock }) {
  const t = useWords(words);
  const lastMoment = Temporal.PlainDate.from(clock.eraseBy!)
    .add({ days: 1 })
    .toZonedDateTime({ timeZone: AGENCY_ZONE })
    .toInstant()
    .toString();
  return (
    <>
      <Bar from={clock.engagementEndedAt!} to={lastMoment} start={t.ended} end={t.lastDay} lastDay={clock.eraseBy!} />
      {clock.erasesFrom && (
        <p className={css.faint}>
          {t.erasesFrom} <TimeText at={clock.erasesFrom} shape="day" />
        </p>
      )}
    </>
  );
}

function Bar({
  from,
  to,
  start,
  end,
  law,
  lastDay,
}: {
  readonly from: string;
  readonly to: string;
  readonly start: string;
  readonly end: string;
  readonly law?: string;
  readonly lastDay?: string;
}) {
  const t = useWords(words);
  const language = useLanguage();
  const now = useNow();
  const [a, b] = [Temporal.Instant.from(from).epochMilliseconds, Temporal.Instant.from(to).epochMilliseconds];
  const gone = Math.min(1, Math.max(0, (now.epochMilliseconds - a) / Math.max(1, b - a)));
  const left = Math.floor((b - now.epochMilliseconds) / 1000);
  const near = left < 7 * 86_400;
  return (
    <div className={css.clock}>
      <div className={css.ends}>
        <span>
          {t.left} <strong data-near={near || undefined}>{left > 0 ? sayDuration(left, language) : t.over}</strong>
        </span>
      </div>
      <div className={css.track} aria-hidden>
        <span style={{ inlineSize: `${gone * 100}%` }} data-near={near || undefined} />
      </div>
      <div className={css.ends}>
        <span>
          {start}
          <br />
          <TimeText at={from} shape="day" />
        </span>
        <span>
          {end}
          <br />
          {lastDay ? <DateText on={lastDay} /> : <TimeText at={to} shape="day-time" />}
        </span>
      </div>
      {law && <p className={css.faint}>§ {law}</p>}
    </div>
  );
}
