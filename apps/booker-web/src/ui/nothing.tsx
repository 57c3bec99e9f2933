import type { ReactNode } from 'react';
import rows from './rows.module.css';
import { Empty } from './states.js';

/** `Empty` in one line: for a card among others, where nothing is good news. */
export function Nothing({ children }: { readonly children: ReactNode }) {
  return (
    <div className={rows.nothing}>
      <Empty>{children}</Empty>
    </div>
  );
}
