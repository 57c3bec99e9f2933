import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './not-found.module.css';

/** For what does not exist and for what is not for this person: the same page. */
export function NotFound() {
  const t = useWords(shell);
  useEffect(() => {
    document.title = `${t.notFound} · ${t.product}`;
  }, [t]);
  return (
    <div className={css.page}>
      <h1>{t.notFound}</h1>
      <p>{t.notFoundWhy}</p>
      <Link to="/">{t.home}</Link>
    </div>
  );
}

/** For a defect of ours, and for a part of the page that a new version has taken away meanwhile. */
export function Crashed({ error }: { readonly error: unknown }) {
  const t = useWords(shell);
  useEffect(() => console.error('page.crashed', error instanceof Error ? error.name : typeof error), [error]); // no text: it may hold a person's data
  return (
    <div className={css.page} role="alert">
      <h1>{t.crashed}</h1>
      <p>{t.crashedWhy}</p>
      <Button variant="filled" onClick={() => location.reload()}>
        {t.reload}
      </Button>
    </div>
  );
}
