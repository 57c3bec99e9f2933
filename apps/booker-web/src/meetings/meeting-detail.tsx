import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { answer, api } from '../app/api.js';
import { useMe } from '../app/session.js';
import type { Meeting } from '../app/meetings.js';
import { ariaKeys } from '../keys/keys.js';
import { CopyableId } from '../ui/copyable-id.js';
import { KeyHint } from '../ui/key-hint.js';
import { KeyValue } from '../ui/section.js';
import { StatusBadge } from '../ui/status-badge.js';
import { OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { MeetingState } from './meeting-state.js';
import css from './meetings.module.css';
import { Receipts } from './receipts.js';

interface Props {
  readonly meeting: Meeting;
  readonly host: string;
  readonly engagement: string;
  readonly type: string;
  /** Given where writing it to the calendar again makes sense. */
  readonly writeAgain: (() => void) | undefined;
}

/** One meeting, with every receipt. Who it is about opens by the lead's own page, under that page's rules and with its audit line. */
export function MeetingDetail({ meeting: m, host, engagement, type, writeAgain }: Props) {
  const t = useWords(meetings);
  const { role } = useMe();
  const pairs: (readonly [string, ReactNode])[] = [
    [t.when, <TimeText key="when" at={m.startsAt} to={m.endsAt} named />],
    [t.host, host],
    [t.engagement, engagement],
    [t.type, type],
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
      <h2>{t.detail}</h2>
      <MeetingState meeting={m} />
      <OtherZone at={m.startsAt} zone={m.timeZone} to={m.endsAt} />
      <KeyValue inline pairs={pairs} />
      <h3>{t.columns.receipts}</h3>
      <Receipts meeting={m} />
      {role === 'supervisor' && <CrmReceipts meeting={m} />}
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

/** What the client's CRM has been told of this meeting; the sync screen's own states, for those who may see that screen. */
function CrmReceipts({ meeting }: { readonly meeting: Meeting }) {
  const t = useWords(meetings);
  const { leadId, engagementId } = meeting;
  const pushes = useQuery({
    queryKey: ['pushes', 'of-lead', leadId],
    refetchInterval: 5000,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/pushes', { signal, params: { query: { leadId, engagementId } } })),
  });
  if (!pushes.data) return null;
  const mine = pushes.data.items.filter((p) => p.bookingId === meeting.id);
  return (
    <ul className={css.crm}>
      {mine.length === 0 && (
        <li>
          {t.crm}: {t.crmNone}
        </li>
      )}
      {mine.map((p) => (
        <li key={p.id}>
          {t.crm}: {p.state === 'skipped' ? p.state : <StatusBadge thing="sync" state={p.state} />}
        </li>
      ))}
    </ul>
  );
}
