import { useLanguage, useWords } from '../words/language.js';
import { number } from '../words/formats.js';
import { sync } from '../words/sync.js';
import { PushState } from './push-state.js';
import { type State, STATES } from './states.js';
import css from './sync.module.css';

/** How many there are in each state, what needs a person first; a press shows only those. */
export function StateGroups({
  counts,
  state,
  onState,
}: {
  readonly counts: readonly { readonly state: State; readonly count: number }[];
  readonly state: State | undefined;
  readonly onState: (state: State | undefined) => void;
}) {
  const t = useWords(sync);
  const language = useLanguage();
  const of = (s: State) => counts.filter((c) => c.state === s).reduce((n, c) => n + c.count, 0);
  return (
    <ul className={css.groups} aria-label={t.states}>
      {STATES.filter((s) => of(s) > 0 || s === state).map((s) => (
        <li key={s}>
          <button
            type="button"
            className={css.group}
            aria-pressed={s === state}
            onClick={() => onState(s === state ? undefined : s)}
          >
            <PushState push={{ state: s, cause: null }} />
            <b>{number(language, of(s))}</b>
          </button>
        </li>
      ))}
    </ul>
  );
}
