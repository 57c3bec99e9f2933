import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { isSandbox } from '../app/sandbox.js';
import { SandboxBar } from '../app/sandbox-bar.js';
import { setLanguage, useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './sign-in.module.css';

/** A page outside the frame: one card, for whoever is not let in yet. */
export function DoorPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const t = useWords(shell);
  const language = useLanguage();
  const other = language === 'sv' ? 'en' : 'sv';
  return (
    <div className={css.page}>
      {isSandbox() && <SandboxBar />}
      <header className={css.top}>
        <span className={css.product}>
          <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden>
            <rect width="32" height="32" rx="8" fill={isSandbox() ? 'var(--hold)' : 'var(--accent)'} />
            <path
              d="M10.5 22.5 16 9.5l5.5 13M12.7 18.2h6.6"
              fill="none"
              stroke="var(--surface)"
              strokeWidth="3"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
          {t.product}
        </span>
        <Button variant="subtle" size="xs" lang={other} onClick={() => setLanguage(other)}>
          {{ sv: 'Svenska', en: 'English' }[other]}
        </Button>
      </header>
      <main className={css.main}>
        <div className={css.card}>
          <h1>{title}</h1>
          {children}
        </div>
      </main>
    </div>
  );
}
