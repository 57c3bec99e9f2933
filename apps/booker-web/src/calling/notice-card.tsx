import { Button } from '@mantine/core';
import { IconCheck, IconMessage2 } from '@tabler/icons-react';
import { useNow } from '../app/clock.js';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { say } from '../words/times.js';
import css from './notice-card.module.css';
import type { Desk } from './desk.js';
import { firstNameOf, type View } from './view.js';

/** What the law has the booker say (B8), until it is said; nothing when it was said before. */
export function NoticeCard({ view, desk }: { readonly view: View; readonly desk: Desk }) {
  const t = useWords(calling);
  const language = useLanguage();
  const now = useNow();
  const { lead, said } = view;
  if (lead.informedAt !== null) return null;
  if (said)
    return (
      <section className={css.card} data-said aria-label={t.notice.title}>
        <p role="status">
          <IconCheck size={16} stroke={2} aria-hidden /> {t.notice.isSaid}
        </p>
        <Button size="xs" onClick={() => desk.change({ said: false })}>
          {t.notice.takeBack}
        </Button>
      </section>
    );
  const by = say(Temporal.Instant.from(lead.noticeBy).toZonedDateTimeISO(AGENCY_ZONE), 'day', language, now);
  return (
    <section className={css.card} aria-labelledby="notice">
      <div>
        <p className={css.law}>
          <b id="notice">
            <IconMessage2 size={15} stroke={2} aria-hidden /> {t.notice.title}
          </b>{' '}
          {t.notice.law(firstNameOf(lead.name), by)}
        </p>
        <p className={css.text} lang="sv">
          ”{lead.notice.text}”
        </p>
      </div>
      <Button onClick={() => desk.change({ said: true })} aria-keyshortcuts={ariaKeys('a')}>
        {t.notice.said} <KeyHint k="a" />
      </Button>
    </section>
  );
}
