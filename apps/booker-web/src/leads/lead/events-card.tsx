import { useStaffNames } from '../../app/staff.js';
import { Section } from '../../ui/section.js';
import { Timeline, type TimelineEntry } from '../../ui/timeline.js';
import { TimeText } from '../../ui/time-text.js';
import { CRM_NAMES } from '../../words/crm-names.js';
import { useLanguage, useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { STATUS, type StatusWord } from '../../words/status.js';
import type { Lead } from '../leads-api.js';
import type { ErasureClock } from './lead-data.js';
import css from './lead.module.css';
import { useTraces } from './recipients-card.js';

interface Happened {
  readonly id: string;
  readonly at: string;
  readonly what: React.ReactNode;
  readonly tone: TimelineEntry['tone'];
}

/** Everything that happened with the lead, newest first: taken in, told, called, booked, passed on, erased. */
export function EventsCard({ lead, clock }: { readonly lead: Lead; readonly clock: ErasureClock | undefined }) {
  const t = useWords(words);
  const language = useLanguage();
  const names = useStaffNames();
  const { bookings, pushes } = useTraces(lead.engagementId, lead.id);
  const capital = (word: string) => word.charAt(0).toLocaleUpperCase(language) + word.slice(1);

  const calls = lead.activities.map((a): Happened => {
    const outcome = (STATUS.outcome as Readonly<Record<string, StatusWord>>)[a.outcome];
    const said = outcome
      ? capital(outcome[language])
      : ((t.outcomes as Readonly<Record<string, string>>)[a.outcome] ?? t.outcomes.other);
    return {
      id: a.id,
      at: a.at,
      tone: outcome?.tone ?? 'grey',
      what: (
        <>
          {t.by(said, a.userId ? (names.get(a.userId) ?? t.colleague) : t.system)}
          {a.callbackAt && (
            <span className={css.faint}>
              <br />
              {t.callbackAt} <TimeText at={a.callbackAt} />
            </span>
          )}
          {a.note && (
            <q className={css.note}>
              <bdi>{a.note}</bdi>
            </q>
          )}
        </>
      ),
    };
  });
  const met = (bookings.data?.items ?? []).map((b): Happened => {
    const state = (STATUS.meeting as Readonly<Record<string, StatusWord>>)[b.state];
    return {
      id: b.id,
      at: b.startsAt,
      tone: state?.tone ?? 'grey',
      what: `${t.events.meeting}: ${state?.[language] ?? b.state}`,
    };
  });
  const told = (pushes.data?.items ?? []).map((p): Happened => ({
    id: p.id,
    at: p.at,
    tone: STATUS.sync[p.state].tone,
    what: `${t.events.push(CRM_NAMES[p.kind])}: ${STATUS.sync[p.state][language]}`,
  }));
  const order = clock?.order;
  const all: Happened[] = [
    ...calls,
    ...met,
    ...told,
    { id: 'taken', at: lead.notice.obtainedAt, tone: 'grey', what: t.events.taken(lead.notice.source) },
    ...(lead.informedAt ? [{ id: 'told', at: lead.informedAt, tone: 'ok' as const, what: t.events.told }] : []),
    ...(order ? eventsOf(order, t) : []),
  ];
  all.sort((a, b) => Temporal.Instant.compare(Temporal.Instant.from(b.at), Temporal.Instant.from(a.at)));
  return (
    <Section title={t.timeline}>
      <Timeline
        entries={all.map((e) => ({ id: e.id, tone: e.tone, what: e.what, when: <TimeText at={e.at} shape="short" /> }))}
      />
    </Section>
  );
}

/** An order's own events: given, keys destroyed, ended. */
export function eventsOf(
  order: NonNullable<ErasureClock['order']>,
  t: (typeof words)['sv'],
): { id: string; at: string; tone: TimelineEntry['tone']; what: string }[] {
  const why = (t.events.ordered as Readonly<Record<string, string>>)[order.reason] ?? t.events.ordered.other;
  return [
    { id: 'ordered', at: order.orderedAt, tone: 'wait', what: why },
    ...(order.clearedAt ? [{ id: 'cleared', at: order.clearedAt, tone: 'ok' as const, what: t.events.cleared }] : []),
    ...(order.finishedAt
      ? [
          order.state === 'incomplete'
            ? { id: 'finished', at: order.finishedAt, tone: 'err' as const, what: t.events.incomplete }
            : { id: 'finished', at: order.finishedAt, tone: 'ok' as const, what: t.events.finished },
        ]
      : []),
  ];
}
