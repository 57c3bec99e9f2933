import type { ReactNode } from 'react';
import { useId } from 'react';
import css from './section.module.css';

/** A card with a heading of its own; also a landmark-less region that a screen reader can find by name. */
export function Section({
  title,
  aside,
  children,
  flush = false,
  hideTitle = false,
}: {
  readonly title: string;
  /** Right of the heading. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** No padding around the contents: for tables. */
  readonly flush?: boolean;
  readonly hideTitle?: boolean;
}) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={id}>
      <header className={hideTitle && !aside ? 'visually-hidden' : css.head}>
        <h2 id={id} className={hideTitle ? 'visually-hidden' : undefined}>
          {title}
        </h2>
        {aside && <div className={css.aside}>{aside}</div>}
      </header>
      <div className={flush ? css.flush : css.body}>{children}</div>
    </section>
  );
}

/** Term and value, as pairs. `inline` puts them beside each other (När | tors 11 mars). */
export function KeyValue({
  pairs,
  inline = false,
}: {
  readonly pairs: readonly (readonly [term: string, value: ReactNode])[];
  readonly inline?: boolean;
}) {
  return (
    <dl className={inline ? css.inline : css.pairs}>
      {pairs.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the law means here, in one sentence, where it bites. */
export function LawLine({ children }: { readonly children: ReactNode }) {
  return (
    <p className={css.law}>
      <span aria-hidden>§ </span>
      {children}
    </p>
  );
}
