import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { businessNow, useNow } from '../app/clock.js';
import { clocksQuery } from '../app/erasure-clocks.js';
import { useEngagementNames } from '../app/engagements.js';
import { Page } from '../ui/page.js';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { DateText, TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import { type Order, ordersQuery } from './orders.js';
import css from './privacy.module.css';

interface Due {
  readonly key: string;
  readonly what: string;
  readonly name: string;
  /** Last calendar day, or the instant of a start. */
  readonly on?: string;
  readonly at?: string;
  readonly days: number;
  readonly orderId?: string;
}

/** What is due, nearest first. */
export function PrivacyScreen() {
  const t = useWords(privacy);
  const language = useLanguage();
  useNow(60_000);
  const today = businessNow().toZonedDateTimeISO('Europe/Stockholm').toPlainDate();
  const clocks = useQuery(clocksQuery);
  const open = useInfiniteQuery(ordersQuery('open'));
  const names = useEngagementNames();
  const orders = open.data?.pages.flatMap((p) => p.items) ?? [];
  const daysTo = (day: Temporal.PlainDate) => today.until(day, { largestUnit: 'day' }).days;

  const due: Due[] = [
    ...(clocks.data?.items ?? []).flatMap((c): Due[] => {
      const name = names.get(c.engagementId) ?? '…';
      if (c.erasesFrom && !c.orderId) {
        const day = Temporal.Instant.from(c.erasesFrom).toZonedDateTimeISO('Europe/Stockholm').toPlainDate();
        return [{ key: c.engagementId, what: t.start.eraseStarts, name, at: c.erasesFrom, days: daysTo(day) }];
      }
      return [];
    }),
    ...orders
      .filter((o): o is Order & { eraseBy: string } => o.eraseBy !== null)
      .map((o) => ({
        key: o.id,
        what: t.start.ofEngagement,
        name: names.get(o.engagementId) ?? '…',
        on: o.eraseBy,
        days: daysTo(Temporal.PlainDate.from(o.eraseBy)),
        orderId: o.id,
      })),
  ].sort((a, b) => a.days - b.days);
  const late = due.filter((d) => d.days < 0).length;
  const soon = due.filter((d) => d.days >= 0 && d.days <= 7).length;
  const figures = [
    [t.start.late, late, late ? 'err' : undefined],
    [t.start.soon, soon, soon ? 'warn' : undefined],
    [t.start.waiting, orders.length, undefined],
  ] as const;
  return (
    <Page title={t.title} tab={t.title} sub={t.start.sub}>
      <div className={css.figures}>
        {figures.map(([label, n, tone]) => (
          <div key={label} className={css.figure} data-tone={tone}>
            <b>{number(language, n)}</b>
            <span>{label}</span>
          </div>
        ))}
      </div>
      <Section title={t.start.due} flush>
        {(clocks.isPending || open.isPending) && <Loading what={t.start.clocks} rows={4} />}
        {(clocks.isError || open.isError) && (
          <Failed what={t.start.away} error={clocks.error ?? open.error} retry={() => void clocks.refetch()} />
        )}
        {clocks.data && open.data && due.filter((d) => d.days <= 30).length === 0 && <Empty>{t.start.none}</Empty>}
        <ul className={css.dueList}>
          {due.map((d) => (
            <li key={d.key}>
              <span className={css.two}>
                <b>
                  {d.orderId ? (
                    <Link to="/privacy-centre/erasures/$orderId" params={{ orderId: d.orderId }}>
                      {d.name}
                    </Link>
                  ) : (
                    d.name
                  )}
                </b>
                <span>{d.what}</span>
              </span>
              <span>
                {d.on ? (
                  <>
                    {t.start.lastDay} <DateText on={d.on} />
                  </>
                ) : (
                  <TimeText at={d.at!} shape="day" />
                )}
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </Page>
  );
}
