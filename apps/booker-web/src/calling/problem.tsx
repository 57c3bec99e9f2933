import { IconAlertTriangle } from '@tabler/icons-react';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import css from './calling.module.css';
import type { View } from './view.js';

/** Why this lead is on the screen again: what was pressed could not be saved as it was. */
export function Problem({ view }: { readonly view: View }) {
  const t = useWords(calling).came;
  const { problem } = view;
  if (problem === undefined || problem === 'note-stops') return null;
  const said = problem in t && problem !== 'other' ? t[problem as 'slot-taken'] : t.other(problem);
  return (
    <p className={css.problem} role="alert">
      <IconAlertTriangle size={18} aria-hidden /> {said} {t.back}
    </p>
  );
}
