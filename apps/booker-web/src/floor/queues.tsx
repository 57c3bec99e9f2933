import { useQuery } from '@tanstack/react-query';
import { IconMoon, IconPhoneOff } from '@tabler/icons-react';
import { useNow } from '../app/clock.js';
import { type Engagement, useEngagementsById } from '../app/engagements.js';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import lines from '../ui/rows.module.css';
import { floor } from '../words/floor.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { say } from '../words/times.js';
import { type Queue, queuesQuery } from './floor-api.js';
import css from './floor.module.css';

/** One line for each engagement that runs, by name: a line does not move when its numbers do. */
export function Queues() {
  const t = useWords(floor).queues;
  const language = useLanguage();
  const queues = useQuery(queuesQuery);
  const of = useEngagementsById();
  const rows = queues.data?.items
    .map((queue) => ({ queue, engagement: of.get(queue.engagementId) }))
    .sort((a, b) => nameOf(a.engagement).localeCompare(nameOf(b.engagement), 'sv'));
  const c = t.columns;
  const figures = ['callable', 'waiting', 'handedOut', 'pace'] as const;
  return (
    <Section title={t.title} flush>
      {queues.isPending && <Loading what={t.rows} rows={3} height={48} />}
      {queues.isError && !queues.data && (
        <Failed what={t.away} error={queues.error} retry={() => void queues.refetch()} />
      )}
      {rows?.length === 0 && <Empty>{t.none}</Empty>}
      {rows && rows.length > 0 && (
        <>
          <div role="table" aria-label={t.title} className={css.queues}>
            <div role="row" className={css.queueHead}>
              <span role="columnheader">{c.name}</span>
              <span role="columnheader">{c.state}</span>
              {figures.map((f) => (
                <span key={f} role="columnheader">
                  {c[f]}
                </span>
              ))}
            </div>
            {rows.map(({ queue: q, engagement: e }) => (
              <div role="row" key={q.engagementId} className={css.queue} data-tone={toneOf(q)}>
                <span role="rowheader" className={lines.two}>
                  <b>{e?.name ?? '…'}</b>
                  <span>{e?.clientName}</span>
                </span>
                <span role="cell">
                  <QueueState queue={q} />
                </span>
                {(
                  [
                    [c.callable, q.callableNow],
                    [c.waiting, q.waiting],
                    [c.handedOut, q.handedOut],
                    [c.pace, q.perHour],
                  ] as const
                ).map(([label, n]) => (
                  <span role="cell" key={label} className={css.count}>
                    <span aria-hidden>{label}</span>
                    {number(language, n)}
                  </span>
                ))}
              </div>
            ))}
          </div>
          <p className={lines.note}>{t.hint}</p>
        </>
      )}
    </Section>
  );
}

const nameOf = (e: Engagement | undefined): string => (e ? `${e.name} ${e.clientName}` : '');
const toneOf = (q: Queue): 'err' | undefined => (q.open && q.callableNow === 0 ? 'err' : undefined);

function QueueState({ queue: q }: { readonly queue: Queue }) {
  const t = useWords(floor).queues;
  const language = useLanguage();
  const now = useNow();
  const today = now.toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const time = (at: string) => {
    const there = Temporal.Instant.from(at).toZonedDateTimeISO(AGENCY_ZONE);
    return say(there, there.toPlainDate().equals(today) ? 'time' : 'day-time', language, now);
  };
  if (!q.open)
    return (
      <Badge tone="grey" icon={IconMoon}>
        {q.nextCallableAt ? t.opens(time(q.nextCallableAt)) : t.closed}
      </Badge>
    );
  if (q.callableNow === 0)
    return <Badge tone="err">{q.nextCallableAt ? t.next(time(q.nextCallableAt)) : t.empty}</Badge>;
  if (q.dryAt) return <Badge tone="warn">{t.dry(time(q.dryAt))}</Badge>;
  if (q.perHour === 0)
    return (
      <Badge tone="grey" icon={IconPhoneOff}>
        {t.quiet}
      </Badge>
    );
  return <Badge tone="ok">{t.lasts}</Badge>;
}
