import { lazy, Suspense } from 'react';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './sandbox-bar.module.css';

const BarControls = lazy(() => import('../sandbox/bar-controls.js').then((m) => ({ default: m.BarControls })));

/** On every page of a sandbox, and cannot be closed: nobody takes it for the real thing. */
export function SandboxBar() {
  const t = useWords(shell);
  return (
    <div role="region" aria-label={t.sandbox} className={css.bar}>
      <strong>{t.sandbox}</strong>
      <Suspense>
        <BarControls />
      </Suspense>
      <span className={css.aside}>{t.nothingLeaves}</span>
    </div>
  );
}
