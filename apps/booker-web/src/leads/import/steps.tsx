import { IconCheck } from '@tabler/icons-react';
import { useLanguage, useWords } from '../../words/language.js';
import { number } from '../../words/formats.js';
import { importing } from '../../words/import.js';
import { IMPORT_STEPS, type ImportStep } from '../routes.js';
import css from './import.module.css';

/** Where in the five steps this is. */
export function Steps({ now }: { readonly now: ImportStep }) {
  const t = useWords(importing);
  const language = useLanguage();
  const at = IMPORT_STEPS.indexOf(now);
  return (
    <ol className={css.steps} aria-label={t.step(number(language, at + 1), number(language, IMPORT_STEPS.length))}>
      {IMPORT_STEPS.map((step, i) => (
        <li key={step} aria-current={i === at ? 'step' : undefined} data-done={i < at || undefined}>
          <span className={css.stepNumber} aria-hidden>
            {i < at ? <IconCheck size={14} /> : number(language, i + 1)}
          </span>
          {t.steps[step]}
          {i < at && <span className="visually-hidden">, {t.done}</span>}
        </li>
      ))}
    </ol>
  );
}
