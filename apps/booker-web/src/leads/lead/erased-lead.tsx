import { Button } from '@mantine/core';
import { CopyableId } from '../../ui/copyable-id.js';
import { Page } from '../../ui/page.js';
import { KeyValue, Section } from '../../ui/section.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { Timeline } from '../../ui/timeline.js';
import { DateText, TimeText } from '../../ui/time-text.js';
import { useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { leads } from '../../words/leads.js';
import { useEngagements } from '../leads-api.js';
import { eventsOf } from './events-card.js';
import type { ErasureClock } from './lead-data.js';
import css from './lead.module.css';
import { ReceiptsOf } from './receipts.js';

/** What is left of a person who is being erased, or is: the id, the days and the receipts. */
export function ErasedLead({ leadId, clock }: { readonly leadId: string; readonly clock: ErasureClock }) {
  const t = useWords(words);
  const l = useWords(leads);
  const { nameOf } = useEngagements();
  const order = clock.order!;
  const over = order.finishedAt !== null;
  const incomplete = order.state === 'incomplete';
  const states = t.stateNow;
  const said = incomplete ? states.incomplete : over ? states.erased : states['being-erased'];
  return (
    <Page
      title={over ? t.erasedTitle : t.erasingTitle}
      tab={t.tab}
      crumbs={[{ label: l.title, to: '/leads' }]}
      badge={
        incomplete ? (
          <StatusBadge thing="erasure" state="incomplete" />
        ) : (
          <StatusBadge thing="lead" state={over ? 'erased' : 'being-erased'} />
        )
      }
      sub={said}
      actions={
        over ? (
          <Button component="a" href={`/api/v1/erasures/${order.id}/certificate`} download={`${order.id}.json`}>
            {t.certificate}
          </Button>
        ) : undefined
      }
    >
      <div className={css.columns}>
        <div className={css.main}>
          <Section title={t.recipients} aside={t.recipientsLaw} flush>
            <ReceiptsOf order={order} />
          </Section>
        </div>
        <div className={css.side}>
          <Section title={t.clock}>
            <KeyValue
              inline
              pairs={[
                ['Id', <CopyableId key="i" id={leadId} short />],
                [t.engagement, nameOf(clock.engagementId)],
                ...(order.eraseBy ? ([[t.lastDay, <DateText key="d" on={order.eraseBy} />]] as const) : []),
              ]}
            />
          </Section>
          <Section title={t.timeline}>
            <Timeline
              entries={eventsOf(order, t)
                .toReversed()
                .map((e) => ({ ...e, when: <TimeText at={e.at} shape="short" /> }))}
            />
          </Section>
        </div>
      </div>
    </Page>
  );
}
