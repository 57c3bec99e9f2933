import { Button } from '@mantine/core';
import { useState } from 'react';
import { businessNow, useNow } from '../app/clock.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { instantOfField, proposals } from './callback-times.js';
import type { Desk } from './desk.js';
import { Panel } from './panel.js';
import css from './panel.module.css';
import { firstNameOf, type View } from './view.js';

interface Props {
  readonly view: View;
  readonly desk: Desk;
  readonly close: () => void;
  readonly suppress: () => void;
}

/** R: when to call again, and who. A digit chooses and saves; `M` changes who calls. */
export function CallbackPanel(props: Props) {
  const t = useWords(calling);
  return (
    <Panel title={t.callback.title(firstNameOf(props.view.lead.name))}>
      <Inner {...props} />
    </Panel>
  );
}

function Inner({ view, desk, close, suppress }: Props) {
  const t = useWords(calling);
  const now = useNow();
  const offered = proposals(now);
  const [shared, setShared] = useState(false);
  const [other, setOther] = useState('');
  const [past, setPast] = useState(false);
  const save = (at: Temporal.Instant | undefined) => {
    if (!at || Temporal.Instant.compare(at, businessNow()) <= 0) return setPast(true);
    const said = { callbackAt: at.toString(), callback: shared ? 'shared' : 'personal' } as const;
    if (!desk.record('callback', said)) close(); // the note stops it: it is shown there
  };
  useKeys(t.bar.callback, [
    ...offered.map((p, i) => ({ key: String(i + 1), does: t.callback[p.word], run: () => save(p.at) })),
    { key: 'm', does: shared ? t.callback.mine : t.callback.shared, run: () => setShared(!shared) },
    { key: 'd', does: t.callback.other, run: () => document.getElementById('callback-at')?.focus() },
    { key: 'x', does: t.bar.objected, run: suppress },
    { key: 'Escape', does: t.suppress.cancel, run: close, inFields: true },
  ]);
  return (
    <>
      <h2>{t.callback.title(firstNameOf(view.lead.name))}</h2>
      {offered.map((p, i) => (
        <button
          key={p.word}
          type="button"
          className={css.option}
          onClick={() => save(p.at)}
          aria-keyshortcuts={ariaKeys(String(i + 1))}
        >
          <KeyHint k={String(i + 1)} />
          <span>
            {t.callback[p.word]}
            <span>
              <TimeText at={p.at} />
              <OtherZone at={p.at.toString()} zone={view.lead.timeZone} />
            </span>
          </span>
        </button>
      ))}
      <button
        type="button"
        className={css.option}
        aria-pressed={shared}
        onClick={() => setShared(!shared)}
        aria-keyshortcuts={ariaKeys('m')}
      >
        <KeyHint k="m" /> {shared ? t.callback.shared : t.callback.mine}
      </button>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          save(instantOfField(other));
        }}
        style={{ display: 'flex', gap: 8 }}
      >
        <label>
          {t.callback.otherLabel} <KeyHint k="d" />
          <input
            id="callback-at"
            type="datetime-local"
            value={other}
            aria-invalid={past}
            onChange={(e) => {
              setOther(e.currentTarget.value);
              setPast(false);
            }}
          />
        </label>
        <Button type="submit">{t.callback.keep}</Button>
      </form>
      {past && (
        <p className={css.error} role="alert">
          {t.callback.past}
        </p>
      )}
    </>
  );
}
