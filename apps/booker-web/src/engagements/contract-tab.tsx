import { Button } from '@mantine/core';
import { useState } from 'react';
import { businessNow, useNow } from '../app/clock.js';
import { useMe } from '../app/session.js';
import { KeyValue, LawLine, Section } from '../ui/section.js';
import { AGENCY_ZONE, DateText, TimeText } from '../ui/time-text.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { AssessmentForm } from './assessment-form.js';
import { type Engagement, lastInstant } from './engagements-api.js';
import { NoticeDialog } from './notice-dialog.js';
import css from './engagements.module.css';

export function ContractTab({ engagement: e }: { readonly engagement: Engagement }) {
  const words = useWords(engagements);
  const t = words.contract;
  const yesNo = (is: boolean) => (is ? t.yes : t.no);
  return (
    <div className={css.columns}>
      <Section title={t.title}>
        <div className={css.stack}>
          <KeyValue
            pairs={[
              [t.controller, `${e.controller.name}, ${e.controller.organisationNumber}`],
              [t.processor, `${e.processor.name}, ${e.processor.organisationNumber}`],
              [t.starts, <DateText key="s" on={e.startsOn} />],
              [t.binding, words.months(e.bindingMonths)],
              [t.earliest, <DateText key="e" on={e.earliestNoticeOn} />],
              [t.ends, e.effectiveEndAt ? <TimeText key="l" at={lastInstant(e.effectiveEndAt)} shape="day" /> : '–'],
              [t.x, t.xAfter(e.retentionMonths)],
              [t.onReply, yesNo(e.eraseOnReply)],
              [t.crm, t.crmErasure[e.crmErasure as keyof typeof t.crmErasure] ?? e.crmErasure],
              [t.source, e.noticeSource ?? '–'],
            ]}
          />
          <LawLine>{t.law}</LawLine>
        </div>
      </Section>
      <div className={css.stack}>
        <Notice engagement={e} />
        <AssessmentForm engagement={e} />
      </div>
    </div>
  );
}

function Notice({ engagement: e }: { readonly engagement: Engagement }) {
  const t = useWords(engagements).contract;
  const { role } = useMe();
  const [asking, setAsking] = useState(false);
  useNow(60_000);
  const today = businessNow().toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const early = Temporal.PlainDate.compare(today, Temporal.PlainDate.from(e.earliestNoticeOn)) < 0;
  return (
    <Section title={t.notice}>
      <div className={css.form}>
        {e.endedAt && <p>{t.over}</p>}
        {!e.endedAt && e.effectiveEndAt && (
          <p>
            {t.given} <TimeText at={lastInstant(e.effectiveEndAt)} shape="day" />.
          </p>
        )}
        {!e.effectiveEndAt && early && (
          <p>
            {t.tooEarly} <DateText on={e.earliestNoticeOn} />.
          </p>
        )}
        {!e.effectiveEndAt && role !== 'admin' && <p className={css.meta}>{t.adminOnly}</p>}
        {!e.effectiveEndAt && role === 'admin' && (
          <Button color="err" disabled={early} onClick={() => setAsking(true)}>
            {t.give}…
          </Button>
        )}
      </div>
      {asking && <NoticeDialog engagement={e} today={today} onClose={() => setAsking(false)} />}
    </Section>
  );
}
