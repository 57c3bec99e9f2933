import { ActionIcon, Menu } from '@mantine/core';
import {
  IconChevronDown,
  IconMenu2,
  IconPlayerPause,
  IconPlayerPlay,
  IconSearch,
  IconStack2,
} from '@tabler/icons-react';
import type { Ref } from 'react';
import { useNow } from '../app/clock.js';
import { openNav, openPalette } from '../app/shell-state.js';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { AGENCY_ZONE, TimeText } from '../ui/time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { number } from '../words/formats.js';
import { shell } from '../words/shell.js';
import { say } from '../words/times.js';
import css from './desk-bar.module.css';
import { useToday } from './use-desk.js';

export interface EngagementChoice {
  readonly id: string;
  readonly name: string;
  readonly clientName: string;
}

/** Above the desk: for whom one calls, one's own day so far, the clock, and the pause. */
export function DeskBar({
  engagement,
  engagements,
  change,
  paused,
  setPaused,
  openQueue,
  choice,
}: {
  readonly engagement: EngagementChoice;
  readonly engagements: readonly EngagementChoice[];
  readonly change: (id: string) => void;
  readonly paused: boolean;
  readonly setPaused: (paused: boolean) => void;
  readonly openQueue: () => void;
  /** The button of the key C: the menu gives it an id of its own. */
  readonly choice: Ref<HTMLButtonElement>;
}) {
  const t = useWords(calling);
  const s = useWords(shell);
  const language = useLanguage();
  const now = useNow(10_000);
  const today = useToday(engagement.id).data;
  const there = now.toZonedDateTimeISO(AGENCY_ZONE);
  return (
    <header className={css.bar}>
      <ActionIcon className={css.menu} aria-label={s.menu} onClick={openNav}>
        <IconMenu2 size={20} />
      </ActionIcon>
      <Menu position="bottom-start" width={300}>
        <Menu.Target>
          <button
            type="button"
            ref={choice}
            className={css.engagement}
            disabled={engagements.length < 2}
            aria-keyshortcuts={ariaKeys('c')}
          >
            <span className="visually-hidden">{t.engagement}</span>
            <span>
              <b>{engagement.clientName}</b>
              <span>{engagement.name}</span>
            </span>
            {engagements.length > 1 && <IconChevronDown size={16} aria-hidden />}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {engagements.map((e) => (
            <Menu.Item key={e.id} onClick={() => change(e.id)} aria-current={e.id === engagement.id || undefined}>
              {e.clientName}, {e.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <p className={css.counts}>
        {today && (
          <>
            <span>
              <b>{number(language, today.attempts)}</b> {t.calls(today.attempts)}
            </span>
            <span>
              <b>{number(language, today.conversations)}</b> {t.answers}
            </span>
            <span>
              <b>{number(language, today.meetings)}</b> {t.meetings(today.meetings)}
            </span>
          </>
        )}
      </p>
      <button type="button" className={css.queueKey} onClick={openQueue} aria-keyshortcuts={ariaKeys('k')}>
        <IconStack2 size={16} aria-hidden /> {t.queue.open} <KeyHint k="k" />
      </button>
      <button type="button" className={css.search} onClick={openPalette} aria-keyshortcuts={ariaKeys('Ctrl+k')}>
        <IconSearch size={16} aria-hidden />
        <span>{s.search}</span>
        <KeyHint k="Ctrl+K" />
      </button>
      <p className={css.clock}>
        <b>
          <TimeText at={now} shape="time" />
        </b>{' '}
        {say(there, 'day', language, now)}
      </p>
      <button
        type="button"
        className={css.pause}
        aria-pressed={paused}
        aria-keyshortcuts={ariaKeys('p')}
        onClick={() => setPaused(!paused)}
      >
        <span className={css.dot} data-paused={paused || undefined} aria-hidden />
        <span>{paused ? t.paused : t.inQueue}</span>
        <span className={css.rule} aria-hidden />
        {paused ? <IconPlayerPlay size={15} aria-hidden /> : <IconPlayerPause size={15} aria-hidden />}
        <b>{paused ? t.resume : t.pause}</b>
        <KeyHint k="p" />
      </button>
    </header>
  );
}
