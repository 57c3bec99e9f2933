import { businessNow, useNow } from '../app/clock.js';
import { Section } from './section.js';
import { DateText, TimeText } from './time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import { sayDuration } from '../words/times.js';
import css from './erasure-clock.module.css';

const ZONE = 'Europe/Stockholm';

/** From the engagement's end to its last day (A7, E1): what was quiet, what is being erased, and where today is. The same facts stand in the list below. */
export function ErasureClock({
  endedAt,
  startedAt,
  eraseBy,
  finishedAt,
}: {
  readonly endedAt: string;
  /** When erasing began, or will. */
  readonly startedAt: string;
  /** Last day, inclusive. */
  readonly eraseBy: string;
  readonly finishedAt: string | null;
}) {
  const t = useWords(privacy).one;
  const language = useLanguage();
  useNow(30_000);
  const now = businessNow();
  const end = Temporal.Instant.from(endedAt);
  const start = Temporal.Instant.from(startedAt);
  const last = Temporal.PlainDate.from(eraseBy).add({ days: 1 }).toZonedDateTime(ZONE).toInstant();
  const whole = Math.max(1, last.epochMilliseconds - end.epochMilliseconds);
  const share = (at: Temporal.Instant) =>
    Math.min(100, Math.max(0, ((at.epochMilliseconds - end.epochMilliseconds) / whole) * 100));
  const until = finishedAt ? Temporal.Instant.from(finishedAt) : now;
  const left = Math.floor((last.epochMilliseconds - now.epochMilliseconds) / 1000);
  const begun = Temporal.Instant.compare(start, now) <= 0;
  return (
    <Section
      title={t.clock}
      aside={
        finishedAt ? undefined : (
          <span className={css.clockTop}>
            {left >= 0 ? t.left : ''}{' '}
            <b data-late={left < 0 || undefined}>{left >= 0 ? sayDuration(left, language) : t.passed}</b>
          </span>
        )
      }
    >
      <div className={css.bar} aria-hidden>
        <span
          className={css.quiet}
          style={{ inlineSize: `${share(Temporal.Instant.compare(start, until) < 0 ? start : until)}%` }}
        />
        <span className={css.running} style={{ inlineSize: `${Math.max(0, share(until) - share(start))}%` }} />
        {!finishedAt && <span className={css.today} style={{ insetInlineStart: `calc(${share(now)}% - 2px)` }} />}
      </div>
      <dl className={css.marks}>
        <div>
          <dt>{t.engagementEnd}</dt>
          <dd>
            <TimeText at={endedAt} shape="day" />
          </dd>
        </div>
        <div>
          <dt>{t.purge}</dt>
          <dd>
            <TimeText at={startedAt} shape="day" />, {begun ? t.started : t.starts}
          </dd>
        </div>
        <div>
          <dt>{t.lastDay}</dt>
          <dd>
            <DateText on={eraseBy} />
          </dd>
        </div>
      </dl>
    </Section>
  );
}
