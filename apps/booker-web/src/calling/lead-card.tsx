import { IconCheck, IconPhone, IconPhoneOff, IconWorld } from '@tabler/icons-react';
import { type Ref, useEffect, useState } from 'react';
import { useNow } from '../app/clock.js';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { KeyValue } from '../ui/section.js';
import { AGENCY_ZONE, TimeText } from '../ui/time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { sayPhone } from '../words/phone.js';
import { cityOf, say, sayDate, sayDuration } from '../words/times.js';
import css from './lead-card.module.css';
import type { Desk } from './desk.js';
import type { Lead } from './desk-api.js';
import { firstNameOf, inCall, type View } from './view.js';

/** Who is called. Focus rests here: the keys of the page act, and a screen reader hears who came. */
export function LeadCard({
  view,
  desk,
  ref,
}: {
  readonly view: View;
  readonly desk: Desk;
  readonly ref: Ref<HTMLElement>;
}) {
  const t = useWords(calling);
  const { lead } = view;
  return (
    <section ref={ref} tabIndex={-1} className={css.card} aria-labelledby="lead-name">
      <header className={css.head}>
        <div className={css.who}>
          <h2 id="lead-name" dir="auto">
            {lead.name}
          </h2>
          <p dir="auto">{[lead.title, lead.company].filter(Boolean).join(', ')}</p>
        </div>
        <Call view={view} desk={desk} />
      </header>
      <p className={css.reach}>
        {lead.phone ? <b>{sayPhone(lead.phone)}</b> : <span>{t.lead.noNumber}</span>}
        {lead.email !== undefined && <span>{lead.email}</span>}
        <LocalTime lead={lead} />
      </p>
      <div className={css.facts}>
        <Facts lead={lead} />
      </div>
    </section>
  );
}

function Call({ view, desk }: { readonly view: View; readonly desk: Desk }) {
  const t = useWords(calling);
  const { phone } = view.lead;
  if (inCall(view))
    return (
      <div className={css.call} data-on>
        <span className={css.dot} aria-hidden />
        <span className="visually-hidden">{t.lead.inCall}</span>
        <Timer since={view.callStartedAt!} />
        <button type="button" className={css.end} onClick={() => desk.endCall()} aria-keyshortcuts={ariaKeys('q')}>
          <IconPhoneOff size={16} aria-hidden /> {t.lead.hangUp} <KeyHint k="q" />
        </button>
      </div>
    );
  return (
    <div className={css.call}>
      {view.callStartedAt !== undefined && (
        <span className={css.ended}>
          {t.lead.ended} {sayDuration((view.callEndedAt! - view.callStartedAt) / 1000, 'sv')}
        </span>
      )}
      {phone !== undefined && (
        <a
          id="call-number"
          href={`tel:${phone}`}
          className={css.start}
          onClick={() => desk.startCall()}
          aria-keyshortcuts={ariaKeys('Space')}
        >
          <IconPhone size={16} aria-hidden /> {t.lead.call} <KeyHint k="Space" />
        </a>
      )}
      <button
        type="button"
        className={css.quiet}
        onClick={() => desk.record('not-connected')}
        aria-keyshortcuts={ariaKeys('Shift+Q')}
      >
        {t.lead.notConnected} <KeyHint k="Shift+Q" />
      </button>
    </div>
  );
}

/** Not announced: a screen reader would speak over the call. */
function Timer({ since }: { readonly since: number }) {
  const [seconds, setSeconds] = useState(0);
  const language = useLanguage();
  useEffect(() => {
    const tick = () => setSeconds(Math.floor((performance.now() - since) / 1000));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [since]);
  return (
    <b role="timer" aria-live="off">
      {sayDuration(seconds, language)}
    </b>
  );
}

function LocalTime({ lead }: { readonly lead: Lead }) {
  const t = useWords(calling);
  const language = useLanguage();
  const now = useNow(10_000);
  const here = now.toZonedDateTimeISO(AGENCY_ZONE);
  if (here.offset === now.toZonedDateTimeISO(lead.timeZone).offset) return null;
  return (
    <span className={css.local}>
      <IconWorld size={15} aria-hidden />
      <b>
        <TimeText at={now} zone={lead.timeZone} shape="time" />
      </b>{' '}
      {t.lead.localTime(firstNameOf(lead.name), cityOf(lead.timeZone, language))}
    </span>
  );
}

function Facts({ lead }: { readonly lead: Lead }) {
  const t = useWords(calling);
  const language = useLanguage();
  const now = useNow();
  const obtained = say(
    Temporal.Instant.from(lead.notice.obtainedAt).toZonedDateTimeISO(AGENCY_ZONE),
    'day',
    language,
    now,
  ).replace(/^\p{L}+ /u, '');
  const nixOn = lead.nixOn && sayDate(Temporal.PlainDate.from(lead.nixOn), language, now.toZonedDateTimeISO(AGENCY_ZONE).toPlainDate()); // prettier-ignore
  const kind =
    lead.numberKind === 'company'
      ? t.lead.company
      : lead.numberKind === 'private' && nixOn
        ? t.lead.private(nixOn)
        : t.lead.unknownKind;
  return (
    <KeyValue
      pairs={[
        [
          t.lead.mayCall,
          <span key="ok" className={css.ok}>
            <IconCheck size={15} stroke={2} aria-hidden /> {t.lead.yes(t.lead.grounds[lead.notice.ground])}
          </span>,
        ],
        [t.lead.source, `${lead.notice.source}, ${obtained}`],
        ...(lead.phone ? [[t.lead.number, kind] as const] : []),
        [t.lead.attempts, t.lead.attemptsOf(lead.attempts + 1, lead.maxAttempts)],
      ]}
    />
  );
}
