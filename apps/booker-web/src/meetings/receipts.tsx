import {
  IconCalendarCheck,
  IconCalendarOff,
  IconCalendarTime,
  IconMailCheck,
  IconMailOff,
  IconMailPause,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Meeting } from '../app/meetings.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import css from './meetings.module.css';

type Tone = 'ok' | 'wait' | 'err' | 'grey' | 'warn';

/** Where a meeting stands in its host's calendar, in words. */
function useCalendarWord(m: Meeting): { readonly word: string; readonly tone: Tone; readonly icon: TablerIcon } {
  const words = useWords(meetings).calendarStates;
  const { calendar: c } = m;
  if (!c) return { word: words.none, tone: 'grey', icon: IconCalendarTime };
  if (c.hostChange === 'moved' || c.hostChange === 'deleted')
    return { word: words[c.hostChange], tone: 'warn', icon: IconCalendarOff };
  const word = words[c.state as 'written'];
  if (c.state === 'failed') return { word, tone: 'err', icon: IconCalendarOff };
  if (c.state === 'writing') return { word, tone: 'wait', icon: IconCalendarTime };
  return { word, tone: c.state === 'written' ? 'ok' : 'grey', icon: IconCalendarCheck };
}

function useInvitationWord(m: Meeting): { readonly word: string; readonly tone: Tone; readonly icon: TablerIcon } {
  const words = useWords(meetings).invitationStates;
  const { invitation: i } = m;
  if (!i) return { word: words.none, tone: 'grey', icon: IconMailPause };
  if (i.state === 'failed') return { word: words.failed, tone: 'err', icon: IconMailOff };
  if (i.state === 'sending') return { word: words.sending, tone: 'wait', icon: IconMailPause };
  return { word: i.method === 'CANCEL' ? words.cancelled : words.sent, tone: 'ok', icon: IconMailCheck };
}

/** Two receipts: the host's calendar and the message to the lead, each as icon and word. */
export function Receipts({ meeting }: { readonly meeting: Meeting }) {
  const t = useWords(meetings);
  const calendar = useCalendarWord(meeting);
  const invitation = useInvitationWord(meeting);
  return (
    <ul className={css.receipts}>
      {(
        [
          [t.calendar, calendar],
          [t.invitation, invitation],
        ] as const
      ).map(([of, { word, tone, icon: Icon }]) => (
        <li key={of} data-tone={tone} title={`${of}: ${word}`}>
          <Icon size={16} stroke={1.75} aria-hidden />
          <span>
            <span className="visually-hidden">{of}: </span>
            {word}
          </span>
        </li>
      ))}
    </ul>
  );
}
