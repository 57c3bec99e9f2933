import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconCheck, IconClock, IconFileCertificate } from '@tabler/icons-react';
import { answeredAt, businessNow, useNow } from '../app/clock.js';
import { saveCertificate } from '../app/certificates.js';
import { useEngagementNames } from '../app/engagements.js';
import { clocksQuery } from '../app/erasure-clocks.js';
import { CertificateCheck } from '../ui/certificate-check.js';
import { Page } from '../ui/page.js';
import { LawLine, Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { Badge, StatusBadge } from '../ui/status-badge.js';
import { AGENCY_ZONE, TimeText } from '../ui/time-text.js';
import { Timeline, type TimelineEntry } from '../ui/timeline.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import { say } from '../words/times.js';
import { ErasureClock } from '../ui/erasure-clock.js';
import { linesOf, type Order, orderQuery, stateOf } from './orders.js';
import { ReceiptsTable } from './receipts-table.js';
import { erasureRoute } from './routes.js';
import css from './privacy.module.css';

/** One erasure: its clock, a receipt for each recipient, its proof and what happened. */
export function ErasureScreen() {
  const t = useWords(privacy);
  const { orderId } = erasureRoute.useParams();
  const order = useQuery(orderQuery(orderId));
  const crumbs = [
    { label: t.title, to: '/privacy-centre' },
    { label: t.erasures, to: '/privacy-centre/erasures' },
  ] as const;
  if (order.data) return <Erasure order={order.data} crumbs={crumbs} updatedAt={order.dataUpdatedAt} />;
  return (
    <Page title={t.erasures} tab={t.erasures} crumbs={crumbs}>
      {order.isError ? (
        <Failed what={t.one.away} error={order.error} retry={() => void order.refetch()} />
      ) : (
        <Loading what={t.list.rows} rows={8} />
      )}
    </Page>
  );
}

function Erasure({
  order,
  crumbs,
  updatedAt,
}: {
  readonly order: Order;
  readonly crumbs: Parameters<typeof Page>[0]['crumbs'] & object;
  readonly updatedAt: number;
}) {
  const t = useWords(privacy);
  const o = t.one;
  const language = useLanguage();
  useNow(60_000);
  const now = businessNow();
  const names = useEngagementNames();
  const clocks = useQuery(clocksQuery);
  const clock = clocks.data?.items.find((c) => c.engagementId === order.engagementId);
  const lines = linesOf(order);
  const left = lines.filter((l) => l.state !== 'done').length;
  const state = stateOf(order, now);
  const destroyed = order.receipts.find((r) => r.recipient === 'lead-intake' && r.phase === 'verified');
  const people =
    order.leads === 0 ? o.counting : order.leads === 1 ? o.onePerson : o.people(number(language, order.leads));
  const title = order.scope === 'lead' ? o.ofPerson : o.ofEngagement(names.get(order.engagementId) ?? '…');
  const law = order.scope === 'engagement' && clock ? o.lawEngagement(clock.retentionMonths) : o.lawPerson;
  const ended = order.finishedAt !== null;
  const time = say(answeredAt(updatedAt).toZonedDateTimeISO(AGENCY_ZONE), 'seconds', language, now);
  return (
    <Page
      title={title}
      tab={order.id.slice(0, 8)}
      crumbs={crumbs}
      badge={
        <StatusBadge thing="erasure" state={state}>
          {left > 0 && `, ${o.missing(left, lines.length)}`}
        </StatusBadge>
      }
      sub={
        <>
          {people} <LawLine>{law}</LawLine>
        </>
      }
      live={ended ? undefined : o.updated(time)}
      actions={
        <Button
          variant="filled"
          disabled={!ended}
          leftSection={<IconFileCertificate size={16} aria-hidden />}
          onClick={() => void saveCertificate(order.id)}
          aria-describedby="certificate-why"
        >
          {o.getCertificate}
        </Button>
      }
    >
      {clock?.endedAt && clock.eraseBy && order.scope === 'engagement' && (
        <ErasureClock
          endedAt={clock.endedAt}
          startedAt={order.orderedAt}
          eraseBy={clock.eraseBy}
          finishedAt={order.finishedAt}
        />
      )}
      <div className={css.split}>
        <Section title={o.receipts} aside={o.receiptsHint} flush>
          <ReceiptsTable lines={lines} />
        </Section>
        <div className={css.side}>
          <Section
            title={o.proof}
            aside={<Badge tone={left ? 'wait' : 'ok'}>{o.proofCount(lines.length - left, lines.length)}</Badge>}
          >
            <ul className={css.checks}>
              <li data-open={destroyed ? undefined : true}>
                {destroyed ? <IconCheck size={16} aria-hidden /> : <IconClock size={16} aria-hidden />}
                <span>
                  {destroyed ? (
                    <>
                      {o.keys}
                      <br />
                      <TimeText at={destroyed.at} />
                    </>
                  ) : (
                    o.keysNot
                  )}
                </span>
              </li>
            </ul>
            {ended ? (
              <CertificateCheck orderId={order.id} />
            ) : (
              <p className={css.meta} id="certificate-why">
                {o.certificateWhy(left)}
              </p>
            )}
            {order.state === 'incomplete' && <p className={css.meta}>{o.incompleteNote}</p>}
          </Section>
          <Section title={o.events}>
            <Timeline entries={eventsOf(order, o)} />
          </Section>
        </div>
      </div>
    </Page>
  );
}

function eventsOf(order: Order, t: (typeof privacy)['sv']['one']): TimelineEntry[] {
  const at = (iso: string) => <TimeText at={iso} />;
  const entries = [
    { id: 'ordered', iso: order.orderedAt, what: t.ordered, tone: 'wait' as const },
    ...(order.clearedAt ? [{ id: 'cleared', iso: order.clearedAt, what: t.cleared, tone: 'wait' as const }] : []),
    ...order.receipts.map((r) => ({
      id: `${r.recipient} ${r.phase}`,
      iso: r.at,
      what: `${t.recipients[r.recipient]}: ${t.phase[r.phase].toLocaleLowerCase()}`,
      tone: r.outstanding.length ? ('err' as const) : r.phase === 'verified' ? ('ok' as const) : ('wait' as const),
    })),
    ...(order.finishedAt
      ? [
          {
            id: 'finished',
            iso: order.finishedAt,
            what: order.state === 'completed' ? t.finished : t.finishedIncomplete,
            tone: order.state === 'completed' ? ('ok' as const) : ('err' as const),
          },
        ]
      : []),
  ];
  return entries
    .sort((a, b) => (a.iso < b.iso ? 1 : -1))
    .map(({ id, iso, what, tone }) => ({ id, when: at(iso), what, tone }));
}
