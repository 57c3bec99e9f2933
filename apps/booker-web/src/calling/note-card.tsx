import { noteProblem } from '@avtala/screening';
import { type Ref } from 'react';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import css from './note-card.module.css';
import type { Desk } from './desk.js';
import type { View } from './view.js';

const MOST = 500;

/** The note. It is looked at with every key, here: what may not be kept stays on the screen, marked, and is not sent (B1). A text area keeps
 * pasted text plain. */
export function NoteCard({
  view,
  desk,
  ref,
}: {
  readonly view: View;
  readonly desk: Desk;
  readonly ref: Ref<HTMLTextAreaElement>;
}) {
  const t = useWords(calling);
  const problem = noteProblem(view.note);
  const stops = view.problem === 'note-stops' && problem !== null;
  return (
    <div className={css.note}>
      <div className={css.head}>
        <label htmlFor="note">{t.note.title}</label>
        <span>
          <KeyHint k="t" /> {t.note.write}, <KeyHint k="Escape" /> {t.note.leave}
        </span>
      </div>
      <textarea
        id="note"
        ref={ref}
        dir="auto"
        rows={2}
        maxLength={MOST}
        autoComplete="off"
        value={view.note}
        onChange={(e) => desk.change({ note: e.currentTarget.value, ...(stops ? { problem: undefined } : {}) })}
        aria-keyshortcuts={ariaKeys('t')}
        aria-invalid={problem !== null}
        aria-describedby="note-rule"
      />
      <p className={css.rule} data-stopped={problem ?? undefined} id="note-rule" role={problem ? 'alert' : undefined}>
        <span>{problem ? `${stops ? `${t.note.stops} ` : ''}${t.note[problem]}` : t.note.rule}</span>
        <span>{t.note.count(view.note.length, MOST)}</span>
      </p>
    </div>
  );
}
