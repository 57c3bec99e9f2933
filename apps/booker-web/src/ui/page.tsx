import { ActionIcon } from '@mantine/core';
import { IconChevronRight, IconMenu2, IconSearch } from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import { Fragment, type ReactNode, useEffect } from 'react';
import { isSandbox } from '../app/sandbox.js';
import { openNav, openPalette } from '../app/shell-state.js';
import { ariaKeys } from '../keys/keys.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { KeyHint } from './key-hint.js';
import css from './page.module.css';

export interface Crumb {
  readonly label: string;
  readonly to: LinkProps['to'];
  readonly params?: Record<string, string>;
}

/** A screen in the frame: top bar with the way here, the one h1, what is said beside it, and the one filled button among `actions`. */
export function Page({
  title,
  tab,
  crumbs = [],
  here = tab,
  badge,
  sub,
  actions,
  live,
  fill = false,
  children,
}: {
  /** The h1; may name a person. */
  readonly title: string;
  /** What the browser's tab says: never a person's data. */
  readonly tab: string;
  readonly crumbs?: readonly Crumb[];
  /** The end of the way here, where it is not the tab's title. */
  readonly here?: string | undefined;
  readonly badge?: ReactNode;
  readonly sub?: ReactNode;
  readonly actions?: ReactNode;
  /** Right in the top bar: `Uppdateras löpande, senast 14:02:11`. */
  readonly live?: ReactNode;
  /** The contents take the height that is left and scroll inside: for tables. */
  readonly fill?: boolean;
  readonly children: ReactNode;
}) {
  useTab(tab);
  return (
    <div className={css.page} data-fill={fill || undefined}>
      <TopBar crumbs={crumbs} here={crumbs.length ? here : undefined} live={live} />
      <div className={css.head}>
        <div className={css.titles}>
          <div className={css.title}>
            <h1>{title}</h1>
            {badge}
          </div>
          {sub && <div className={css.sub}>{sub}</div>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
      <div className={css.body}>{children}</div>
    </div>
  );
}

/** Sets the tab's title: the screen's name, the product's, and in the sandbox a prefix that cannot be missed. */
export function useTab(tab: string): void {
  const t = useWords(shell);
  useEffect(() => {
    document.title = `${isSandbox() ? `[${t.sandbox}] ` : ''}${tab} · ${t.product}`;
  }, [tab, t]);
}

export function TopBar({
  crumbs,
  here,
  live,
}: {
  readonly crumbs: readonly Crumb[];
  readonly here?: string | undefined;
  readonly live?: ReactNode;
}) {
  const t = useWords(shell);
  return (
    <header className={css.bar}>
      <ActionIcon className={css.menu} aria-label={t.menu} onClick={openNav}>
        <IconMenu2 size={20} />
      </ActionIcon>
      <nav aria-label={t.crumbs} className={css.crumbs}>
        {crumbs.map((c) => (
          <Fragment key={c.label}>
            <Link to={c.to as '/'} {...(c.params ? { params: c.params as never } : {})}>
              {c.label}
            </Link>
            <IconChevronRight size={14} aria-hidden />
          </Fragment>
        ))}
        {here !== undefined && <span aria-current="page">{here}</span>}
      </nav>
      <div className={css.live}>{live}</div>
      <button type="button" className={css.search} onClick={openPalette} aria-keyshortcuts={ariaKeys('Ctrl+k')}>
        <IconSearch size={16} aria-hidden />
        <span>{t.search}</span>
        <KeyHint k="Ctrl+K" />
      </button>
    </header>
  );
}
