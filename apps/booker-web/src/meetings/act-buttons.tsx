import { Button } from '@mantine/core';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import css from './meetings.module.css';
import type { mayBe } from './meetings.js';

export type Asking = 'move' | 'rebook' | 'reassign' | 'cancel' | 'missed' | 'held';

/** What can be done with the meeting that has the focus; the others stay, disabled, so that no button jumps. */
export function ActButtons({
  may,
  busy,
  ask,
}: {
  readonly may: ReturnType<typeof mayBe>;
  readonly busy: boolean;
  readonly ask: (how: Asking) => void;
}) {
  const t = useWords(meetings);
  const acts = [
    ['b', t.rebook, 'rebook', may.rebooked],
    ['y', t.held, 'held', may.ended],
    ['u', t.missed, 'missed', may.ended],
    ['a', t.cancelMeeting, 'cancel', may.cancelled],
    ['r', t.reassign, 'reassign', may.moved],
    ['m', t.move, 'move', may.moved],
  ] as const;
  return acts.map(([key, word, how, can]) => (
    <Button
      key={key}
      {...(how === 'move' ? { variant: 'filled' } : {})}
      {...(how === 'cancel' ? { color: 'err' } : {})}
      className={css.act}
      disabled={!can || busy}
      onClick={() => ask(how)}
      aria-keyshortcuts={ariaKeys(key)}
    >
      {word} <KeyHint k={key} />
    </Button>
  ));
}
