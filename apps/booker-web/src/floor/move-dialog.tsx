import { Button } from '@mantine/core';
import { useState } from 'react';
import { idempotencyKey } from '../app/api.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { TimeText } from '../ui/time-text.js';
import lines from '../ui/rows.module.css';
import { floor } from '../words/floor.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import type { Callback } from './floor-api.js';
import css from './floor.module.css';
import type { Booker } from './people.js';
import { type Move, useRefusal } from './use-move.js';

interface Props {
  readonly callback: Callback;
  readonly engagement: string;
  readonly bookers: readonly Booker[];
  readonly nameOf: (userId: string) => string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onMove: (move: Move) => void;
}

const POOL = '';

/** Who keeps the promise: arrows choose, Enter moves. What it is about is not said: a time and an engagement are enough. */
export function MoveDialog(props: Props) {
  const t = useWords(floor).move;
  return (
    <Dialog opened onClose={props.onClose} title={t.title}>
      <Choices {...props} />
    </Dialog>
  );
}

function Choices({ callback: c, engagement, bookers, nameOf, busy, error, onClose, onMove }: Props) {
  const words = useWords(floor);
  const t = words.move;
  const common = useWords(ui);
  const why = useRefusal();
  const [key] = useState(idempotencyKey);
  const others = bookers.filter((b) => b.id !== c.userId && b.engagementIds.includes(c.engagementId));
  const choices = [
    ...(c.userId === null ? [] : [{ id: POOL, name: t.pool, hint: t.poolHint }]),
    ...others.map((b) => ({ id: b.id, name: b.name, hint: words.bookers.states[b.now?.state ?? 'away'] })),
  ];
  const [chosen, setChosen] = useState(choices[0]?.id);
  return (
    <form
      className={css.dialog}
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== undefined && !busy) onMove({ callback: c, to: chosen === POOL ? null : chosen, key });
      }}
    >
      <p>
        {t.promised} <TimeText at={c.at} named />, {engagement}.{' '}
        <span className={lines.quiet}>
          {t.now} {c.userId === null ? t.pool : nameOf(c.userId)}
        </span>
      </p>
      {error !== null && (
        <p role="alert" className={css.refused}>
          {why(error)}
        </p>
      )}
      {choices.length === 0 && <p>{t.nobody}</p>}
      {choices.length > 0 && (
        <fieldset className={css.choices}>
          <legend>{t.to}</legend>
          {choices.map((choice, i) => (
            <label key={choice.id}>
              <input
                type="radio"
                name="keeper"
                data-autofocus={i === 0 ? true : undefined}
                checked={chosen === choice.id}
                onChange={() => setChosen(choice.id)}
              />
              <span>
                <b>{choice.name}</b> <span className={lines.quiet}>{choice.hint}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <div className={css.answers}>
        <Button onClick={onClose} disabled={busy}>
          {common.cancel}
        </Button>
        <Button type="submit" variant="filled" disabled={busy || choices.length === 0}>
          {busy ? common.saving : t.do}
        </Button>
      </div>
    </form>
  );
}
