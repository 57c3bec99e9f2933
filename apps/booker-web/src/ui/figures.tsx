import type { TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './figures.module.css';

export interface Figure {
  readonly label: string;
  readonly value: ReactNode;
  readonly icon: TablerIcon;
  /** What has to be done, or soon. */
  readonly tone?: 'err' | 'warn' | undefined;
}

/** A few numbers above a screen, each with its word. */
export function Figures({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <dl className={css.figures}>
      {figures.map(({ label, value, icon: Icon, tone }) => (
        <div key={label} data-tone={tone}>
          <dt>{label}</dt>
          <dd>
            <Icon size={18} stroke={1.75} aria-hidden /> {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
