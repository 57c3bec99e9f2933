import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { useMe } from '../app/session.js';
import type { Meeting } from '../app/meetings.js';
import { ariaKeys } from '../keys/keys.js';
import { CopyableId } from '../ui/copyable-id.js';
import { KeyHint } from '../ui/key-hint.js';
import { KeyValue } from '../ui/section.js';
import { AGENCY_ZONE, OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { ui } from '../words/ui.js';
import { MeetingState } from './meeting-state.js';
import css from './meetings.module.css';
import type { Told } from './meetings.js';
import { Receipts } from './receipts.js';

interface Props {
  readonly meeting: Meeting;
  readonly told: readonly Told[] | undefined;
  readonly host: string;
  readonly engagement: string;
  readonly type: string;
  /** Not given to clients. */
  readonly booker: string | undefined;
  /** It stands in place of the list, not beside it: then it takes the focus. */
  readonly alone: boolean;
  readonly onClose: () => void;
  /** Given where writing it to the calendar again makes sense. */
  readonly writeAgain: (() => void) | undefined;
}

/** One meeting, with every receipt. Who it is about opens by the lead's own page, under that page's rules and with its audit line. */
export function MeetingDetail(props: Props) {
  const { meeting: m, told, host, engagement, type, booker, alone, onClose, writeAgain } = props;
  const t = useWords(meetings);
  const common = useWords(ui);
  const { role } = useMe();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (alone) heading.current?.focus();
  }, [alone]);
  const pairs: (readonly [string, ReactNode])[] = [
    [t.when, <TimeText key="when" at={m.startsAt} to={m.endsAt} named />],
    ...(differs(m)
      ? [[t.otherClock, <OtherZone key="there" at={m.startsAt} zone={m.timeZone} to={m.endsAt} />] as const]
      : []),
    [t.host, host],
    [t.engagement, engagement],
    [t.type, type],
    ...(booker === undefined ? [] : [[t.booker, booker] as const]),
    [t.columns.sequence, String(m.sequence)],
  ];
  if (role !== 'client')
    pairs.push([
      t.lead,
      <Link key="lead" to={'/leads/$leadId' as '/'} params={{ leadId: m.leadId } as never}>
        <code>{m.leadId.slice(0, 8)}</code>
      </Link>,
    ]);
  const codes = [m.calendar?.code, m.invitation?.code].filter((code) => code != null);
  if (codes.length) pairs.push([t.code, <code key="code">{codes.join(', ')}</code>]);
  return (
    <div className={css.detail}>
      <div className={css.spread}>
        <h2 ref={heading} tabIndex={-1}>
          {t.detail}
        </h2>
        {alone ? (
          <Button size="xs" onClick={onClose}>
            {t.back}
          </Button>
        ) : (
          <ActionIcon variant="subtle" aria-label={common.close} aria-keyshortcuts="Escape" onClick={onClose}>
            <IconX size={18} aria-hidden />
          </ActionIcon>
        )}
      </div>
      <MeetingState meeting={m} />
      <KeyValue inline pairs={pairs} />
      <h3>{t.columns.receipts}</h3>
      <Receipts meeting={m} told={told} />
      {m.calendar?.hostStartsAt && (
        <p>
          {t.movedTo} <TimeText at={m.calendar.hostStartsAt} named />
        </p>
      )}
      {writeAgain && (
        <Button onClick={writeAgain} aria-keyshortcuts={ariaKeys('w')}>
          {t.writeAgain} <KeyHint k="w" />
        </Button>
      )}
      <CopyableId id={m.id} short />
    </div>
  );
}

const differs = (m: Meeting): boolean => {
  const at = Temporal.Instant.from(m.startsAt);
  return at.toZonedDateTimeISO(m.timeZone).offset !== at.toZonedDateTimeISO(AGENCY_ZONE).offset;
};
