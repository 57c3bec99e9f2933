import {
  IconAddressBook,
  IconAddressBookOff,
  IconCalendarCheck,
  IconCalendarOff,
  IconCalendarTime,
  IconMailCheck,
  IconMailOff,
  IconMailPause,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Meeting } from '../app/meetings.js';
import { useLanguage, useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { STATUS } from '../words/status.js';
import css from './meetings.module.css';
import type { Told } from './meetings.js';

type Tone = 'ok' | 'wait' | 'err' | 'grey' | 'warn';
interface Receipt {
  readonly of: string;
  readonly word: string;
  readonly tone: Tone;
  readonly icon: TablerIcon;
}

/** What needs somebody first. */
const URGENCY: readonly Told['state'][] = ['parked', 'retrying', 'queued', 'sent', 'blocked', 'skipped', 'confirmed'];
const CRM_TONE = { parked: 'err', retrying: 'warn', queued: 'wait', sent: 'wait', confirmed: 'ok' } as const;

interface Props {
  readonly meeting: Meeting;
  /** What the client's CRMs were told of it; undefined while that is not known. */
  readonly told: readonly Told[] | undefined;
}

/** Where a meeting stands outside Avtala: in its host's calendar, in the lead's mailbox, in the client's CRM. */
function useReceipts({ meeting: m, told }: Props): readonly Receipt[] {
  const t = useWords(meetings);
  const language = useLanguage();
  const { calendar: c, invitation: i } = m;
  const calendar = (): Omit<Receipt, 'of'> => {
    const words = t.calendarStates;
    if (!c) return { word: words.none, tone: 'grey', icon: IconCalendarTime };
    if (c.hostChange === 'moved' || c.hostChange === 'deleted')
      return { word: words[c.hostChange], tone: 'warn', icon: IconCalendarOff };
    const word = words[c.state as 'written'];
    if (c.state === 'failed') return { word, tone: 'err', icon: IconCalendarOff };
    if (c.state === 'writing') return { word, tone: 'wait', icon: IconCalendarTime };
    return { word, tone: c.state === 'written' ? 'ok' : 'grey', icon: IconCalendarCheck };
  };
  const invitation = (): Omit<Receipt, 'of'> => {
    const words = t.invitationStates;
    if (!i) return { word: words.none, tone: 'grey', icon: IconMailPause };
    if (i.state === 'failed') return { word: words.failed, tone: 'err', icon: IconMailOff };
    if (i.state === 'sending') return { word: words.sending, tone: 'wait', icon: IconMailPause };
    return { word: i.method === 'CANCEL' ? words.cancelled : words.sent, tone: 'ok', icon: IconMailCheck };
  };
  const crm = (): Omit<Receipt, 'of'> => {
    const state = URGENCY.find((s) => told?.some((one) => one.state === s));
    if (!state) return { word: t.crmNone, tone: 'grey', icon: IconAddressBookOff };
    const word = state === 'skipped' ? t.crmSkipped : STATUS.sync[state][language];
    const tone = state in CRM_TONE ? CRM_TONE[state as keyof typeof CRM_TONE] : 'grey';
    return { word, tone, icon: tone === 'err' || tone === 'grey' ? IconAddressBookOff : IconAddressBook };
  };
  return [
    { of: t.calendar, ...calendar() },
    { of: t.invitation, ...invitation() },
    { of: t.crm, ...crm() },
  ];
}

/** In a row: three icons; their words when the row has the focus or the pointer, and always where something is not as it should be. */
export function ReceiptIcons(props: Props) {
  const all = useReceipts(props);
  return (
    <ul className={css.icons}>
      {all.map(({ of, word, tone, icon: Icon }) => (
        <li key={of} data-tone={tone} title={`${of}: ${word}`}>
          <Icon size={18} stroke={1.75} aria-hidden />
          <span className="visually-hidden">{of}: </span>
          <span className={css.word}>{word}</span>
        </li>
      ))}
    </ul>
  );
}

/** Beside the list: each with its name and word. */
export function Receipts(props: Props) {
  const all = useReceipts(props);
  return (
    <ul className={css.receipts}>
      {all.map(({ of, word, tone, icon: Icon }) => (
        <li key={of} data-tone={tone}>
          <Icon size={18} stroke={1.75} aria-hidden />
          <span>{of}</span>
          <b>{word}</b>
        </li>
      ))}
    </ul>
  );
}
