import { createContext, type ReactNode, useContext } from 'react';
import { Section } from '../ui/section.js';
import css from './settings.module.css';

/** What is searched for, folded; empty shows all. */
export const Sought = createContext('');

export const folded = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();

/** One setting: its name, for whom it holds, what it changes. It is there when it is searched for by any of its words. */
export function Part({
  id,
  title,
  why,
  scope,
  also = '',
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly scope: string;
  /** Further words to find it by. */
  readonly also?: string;
  readonly children: ReactNode;
}) {
  if (!isSought(useContext(Sought), title, why, also)) return null;
  return (
    <div id={id} className={css.part} data-part>
      <Section title={title} aside={scope}>
        <p className={css.why}>{why}</p>
        {children}
      </Section>
    </div>
  );
}

const isSought = (sought: string, ...texts: readonly string[]): boolean =>
  sought.split(/\s+/).every((word) => folded(texts.join(' ')).includes(word));
