import { Drawer } from '@mantine/core';
import { IconHelp } from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';
import { ariaKeys } from '../keys/keys.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { type NavItem, navFor } from './nav.js';
import { isSandbox } from './sandbox.js';
import { useMe } from './session.js';
import { closeAll, openKeys, useOpen } from './shell-state.js';
import { UserMenu } from './user-menu.js';
import css from './side-nav.module.css';

const GROUPS = ['work', 'privacy', 'agency'] as const;

/** The main menu: words, and numbers that always mean "needs you". */
export function SideNav({ rail }: { readonly rail: boolean }) {
  const t = useWords(shell);
  return (
    <nav aria-label={t.nav} className={css.side} data-rail={rail || undefined}>
      <Logo />
      <Entries />
      <Foot />
    </nav>
  );
}

/** The same below 1024 px, from the side. */
export function NavDrawer() {
  const t = useWords(shell);
  const opened = useOpen() === 'nav';
  return (
    <Drawer
      opened={opened}
      onClose={closeAll}
      title={t.menu}
      size={264}
      padding={12}
      closeButtonProps={{ 'aria-label': t.menu }}
    >
      <nav aria-label={t.nav} className={css.drawer} onClick={(e) => (e.target as Element).closest('a') && closeAll()}>
        <Entries />
        <Foot />
      </nav>
    </Drawer>
  );
}

function Logo() {
  const t = useWords(shell);
  return (
    <div className={css.logo}>
      <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden className={isSandbox() ? css.sandboxMark : css.mark}>
        <rect width="32" height="32" rx="8" fill="currentColor" />
        <path d="M10.5 22.5 16 9.5l5.5 13M12.7 18.2h6.6" className={css.letter} />
      </svg>
      <span>{t.product}</span>
    </div>
  );
}

function Entries() {
  const t = useWords(shell);
  const { role } = useMe();
  const items = navFor(role);
  return (
    <div className={css.nav}>
      {GROUPS.map((group) => {
        const own = items.filter((item) => item.group === group);
        if (!own.length) return null;
        return (
          <div key={group}>
            <div className={group === 'work' ? 'visually-hidden' : css.group} id={`nav-${group}`}>
              {t.groups[group]}
            </div>
            <ul aria-labelledby={`nav-${group}`}>
              {own.map((item) => (
                <Entry key={item.to} item={item} />
              ))}
            </ul>
          </div>
        );
      })}
    </div>
  );
}

function Entry({ item }: { readonly item: NavItem }) {
  const language = useLanguage();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const within = path === item.to || path.startsWith(`${item.to}/`);
  const below = item.below?.find((b) => path === b.to || path.startsWith(`${b.to}/`));
  const Icon = item.icon;
  return (
    <li>
      <Link
        to={item.to as '/'}
        className={css.entry}
        data-within={within || undefined}
        data-here={(within && !below) || undefined}
        aria-current={path === item.to ? 'page' : within && !below ? true : undefined}
      >
        <Icon size={18} stroke={1.6} aria-hidden />
        <span>{item.word[language]}</span>
        <Count item={item} />
      </Link>
      {within && item.below && item.below.length > 0 && (
        <ul className={css.below}>
          {item.below.map((b) => (
            <li key={b.to}>
              <Link
                to={b.to as '/'}
                className={css.entry}
                data-here={b === below || undefined}
                aria-current={path === b.to ? 'page' : b === below ? true : undefined}
              >
                <span>{b.word[language]}</span>
                <Count item={b} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Count({ item }: { readonly item: Pick<NavItem, 'useCount' | 'urgent'> }) {
  // An entry has the hook or has it not for as long as the page lives, so the order of hooks never changes.
  return item.useCount ? <Counted useCount={item.useCount} urgent={item.urgent ?? false} /> : null;
}

function Counted({ useCount, urgent }: { readonly useCount: () => number | undefined; readonly urgent: boolean }) {
  const t = useWords(shell);
  const count = useCount() ?? 0;
  if (!count) return null;
  return (
    <span className={css.count} data-urgent={urgent || undefined}>
      <span aria-hidden>{count}</span>
      <span className="visually-hidden">{t.needsYou(count)}</span>
    </span>
  );
}

function Foot() {
  const t = useWords(shell);
  return (
    <div className={css.foot}>
      <button type="button" className={css.entry} onClick={openKeys} aria-keyshortcuts={ariaKeys('?')}>
        <IconHelp size={18} stroke={1.6} aria-hidden />
        <span>{t.keys}</span>
      </button>
      <UserMenu />
    </div>
  );
}
