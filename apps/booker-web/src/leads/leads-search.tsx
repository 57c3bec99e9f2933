import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconSearch } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { ApiProblem } from '../app/api.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import css from './leads.module.css';
import { type LeadLine, searchLeads } from './leads-api.js';

export interface Found {
  readonly items: readonly LeadLine[];
  readonly more: boolean;
}

/** Finds one person: by POST, on Enter. What is typed stays in this field, in no address, no history and no cache. */
export function LeadsSearch({
  engagementId,
  found,
  onFound,
}: {
  readonly engagementId: string | undefined;
  readonly found: Found | undefined;
  readonly onFound: (found: Found | undefined) => void;
}) {
  const t = useWords(leads);
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string>();
  const ask = useMutation({
    mutationFn: () => searchLeads({ ...wanted(text), ...(engagementId ? { engagementId } : {}) }),
    gcTime: 0,
    onSuccess: onFound,
    onError: (e) => setWrong(sentence(e, t)),
  });
  const end = () => {
    setText('');
    setWrong(undefined);
    onFound(undefined);
    field.current?.focus();
  };
  useKeys(t.title, [
    { key: '/', does: t.search, run: () => field.current?.focus() },
    { key: 'Escape', does: t.endSearch, run: end, when: found !== undefined, inFields: true },
  ]);
  return (
    <form
      role="search"
      className={css.search}
      onSubmit={(e) => {
        e.preventDefault();
        if (text.trim()) ask.mutate();
      }}
    >
      <TextInput
        ref={field}
        aria-label={t.search}
        placeholder={t.search}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={<KeyHint k="/" />}
        value={text}
        onChange={(e) => {
          setText(e.currentTarget.value);
          setWrong(undefined);
          if (!e.currentTarget.value) onFound(undefined);
        }}
        error={wrong}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        aria-keyshortcuts={ariaKeys('/')}
        title={t.searchHint}
      />
      <span className="visually-hidden" role="status">
        {ask.isPending ? t.searching : ''}
      </span>
      {found && <Button onClick={end}>{t.endSearch}</Button>}
    </form>
  );
}

/** An address has an at sign, a number is made of digits; the rest is a name. */
function wanted(text: string): { name: string } | { email: string } | { phone: string } {
  const said = text.trim();
  if (said.includes('@')) return { email: said };
  return /^\+?[\d\s()/.-]{5,}$/.test(said) ? { phone: said } : { name: said };
}

function sentence(e: unknown, t: { [K in 'tooShort' | 'notEmail' | 'notPhone' | 'tooOften' | 'searchAway']: string }) {
  const code = e instanceof ApiProblem ? e.code : '';
  if (code === 'search-too-short') return t.tooShort;
  if (code === 'email-invalid') return t.notEmail;
  if (code === 'phone-invalid') return t.notPhone;
  return code === 'too-many-requests' ? t.tooOften : t.searchAway;
}
