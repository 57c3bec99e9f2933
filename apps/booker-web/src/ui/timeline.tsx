import type { ReactNode } from 'react';
import type { Tone } from '../theme/theme.js';
import css from './timeline.module.css';

export interface TimelineEntry {
  readonly id: string;
  readonly when: ReactNode;
  readonly what: ReactNode;
  readonly tone: Exclude<Tone, 'accent'>;
}

/** What happened, newest first. */
export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  return (
    <ol className={css.line}>
      {entries.map((e) => (
        <li key={e.id}>
          <span className={css.dot} style={{ background: `var(--${e.tone})` }} aria-hidden />
          <div className={css.when}>{e.when}</div>
          <div>{e.what}</div>
        </li>
      ))}
    </ol>
  );
}
