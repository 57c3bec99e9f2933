import { Button } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { saveFile } from '../app/save-file.js';
import { answer, api } from '../app/api.js';
import { useNow } from '../app/clock.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { Page } from '../ui/page.js';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { AGENCY_ZONE, DateText } from '../ui/time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { number, percent } from '../words/formats.js';
import { myDay } from '../words/my-day.js';
import { HourChart } from './hour-chart.js';
import css from './my-day.module.css';
import { myDayRoute } from './routes.js';

const day = (on: string) => answer(api.GET('/api/v1/calling/my-day', { params: { query: { on } } }));
export type Day = Awaited<ReturnType<typeof day>>;

/** One's own day in counts: of nobody else, about nobody. */
export function MyDayScreen() {
  const t = useWords(myDay);
  const { on: asked, as } = myDayRoute.useSearch();
  const navigate = useNavigate();
  const today = useNow().toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const on = asked ?? today.toString();
  const isToday = on === today.toString();
  const query = useQuery({ queryKey: ['calling', 'my-day', 'all', on], queryFn: () => day(on) });
  const go = (search: { on?: string | undefined; as?: 'table' | undefined }) => {
    const next = { on: asked, as, ...search };
    void navigate({
      to: '/my-day',
      search: { ...(next.on ? { on: next.on } : {}), ...(next.as ? { as: next.as } : {}) },
    });
  };
  const step = (days: number) => go({ on: Temporal.PlainDate.from(on).add({ days }).toString() });
  const change = () => go({ as: as === 'table' ? undefined : 'table' });
  useKeys(t.title, [
    { key: 'ArrowLeft', does: t.previous, run: () => step(-1) },
    { key: 'ArrowRight', does: t.next, run: () => step(1), when: !isToday },
    { key: 'v', does: as === 'table' ? t.viewChart : t.view, run: change },
  ]);
  return (
    <Page
      title={t.title}
      tab={t.title}
      sub={t.sub}
      actions={
        <>
          <Button
            onClick={() => step(-1)}
            aria-keyshortcuts={ariaKeys('ArrowLeft')}
            leftSection={<IconChevronLeft size={16} aria-hidden />}
          >
            {t.previous} <KeyHint k="ArrowLeft" />
          </Button>
          <Button
            onClick={() => step(1)}
            disabled={isToday}
            aria-keyshortcuts={ariaKeys('ArrowRight')}
            rightSection={<IconChevronRight size={16} aria-hidden />}
          >
            {t.next} <KeyHint k="ArrowRight" />
          </Button>
          <Button onClick={change} aria-keyshortcuts={ariaKeys('v')}>
            {as === 'table' ? t.viewChart : t.view} <KeyHint k="v" />
          </Button>
          <Button
            variant="filled"
            disabled={!query.data}
            onClick={() => query.data && save(query.data)}
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {t.csv}
          </Button>
        </>
      }
    >
      <p className={css.on}>
        <DateText on={on} />
        {isToday && ` · ${t.today}`}
      </p>
      {query.isPending && <Loading rows={6} what={t.loading} />}
      {query.isError && <Failed what={t.away} error={query.error} retry={() => void query.refetch()} />}
      {query.data && <Figures day={query.data} table={as === 'table'} />}
    </Page>
  );
}

function Figures({ day, table }: { readonly day: Day; readonly table: boolean }) {
  const t = useWords(myDay);
  const c = useWords(calling);
  const language = useLanguage();
  const share = (n: number) => (day.attempts ? t.rate(percent(language, n / day.attempts)) : '');
  return (
    <>
      <dl className={css.figures}>
        {(
          [
            [t.attempts, day.attempts, ''],
            [t.conversations, day.conversations, share(day.conversations)],
            [t.meetings, day.meetings, share(day.meetings)],
          ] as const
        ).map(([word, n, below]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>
              <b>{number(language, n)}</b> {below}
            </dd>
          </div>
        ))}
      </dl>
      {day.attempts === 0 ? (
        <Empty>{t.none}</Empty>
      ) : (
        <div className={css.two}>
          <Section title={t.perHour}>
            {table ? (
              <table className={css.table}>
                <thead>
                  <tr>
                    <th scope="col">{t.hour}</th>
                    <th scope="col">{t.attempts}</th>
                    <th scope="col">{t.conversations}</th>
                    <th scope="col">{t.meetings}</th>
                  </tr>
                </thead>
                <tbody>
                  {day.hours.map((h) => (
                    <tr key={h.hour}>
                      <th scope="row">{hourOf(h.hour)}</th>
                      <td>{number(language, h.attempts)}</td>
                      <td>{number(language, h.conversations)}</td>
                      <td>{number(language, h.meetings)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            ) : (
              <HourChart day={day} />
            )}
          </Section>
          <Section title={t.outcomes}>
            <table className={css.table}>
              <thead>
                <tr>
                  <th scope="col">{t.outcome}</th>
                  <th scope="col">{t.count}</th>
                </tr>
              </thead>
              <tbody>
                {day.outcomes.map((o) => (
                  <tr key={o.outcome}>
                    <th scope="row">{c.outcomes[o.outcome as 'booked']}</th>
                    <td>{number(language, o.count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Section>
        </div>
      )}
      <p className={css.gone}>{t.gone}</p>
    </>
  );
}

const hourOf = (hour: number): string => `${String(hour).padStart(2, '0')}–${String(hour + 1).padStart(2, '0')}`;

/** Hours with their offset, as files have them; counts only. */
function save(day: Day): void {
  const zone = { timeZone: AGENCY_ZONE };
  const at = (hour: number) =>
    Temporal.PlainDate.from(day.on)
      .toZonedDateTime({ ...zone, plainTime: Temporal.PlainTime.from({ hour }) })
      .toString({ timeZoneName: 'never', smallestUnit: 'minute' });
  const rows = day.hours.map((h) => [at(h.hour), h.attempts, h.conversations, h.meetings].join(','));
  const text = `\uFEFF${['hour,attempts,conversations,meetings', ...rows].join('\r\n')}\r\n`;
  saveFile(`my-day-${day.on}.csv`, 'text/csv', text);
}
