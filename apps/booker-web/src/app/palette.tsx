import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { Dialog } from '../ui/confirm-dialog.js';
import { KeyHint } from '../ui/key-hint.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { navFor } from './nav.js';
import { type PaletteEntry, useOffered } from './palette-entries.js';
import { useMe } from './session.js';
import { closeAll, useOpen } from './shell-state.js';
import css from './palette.module.css';

/** `Ctrl K`: find and go. Screens add what can be done on them (palette-entries.ts). */
export function Palette() {
  const t = useWords(shell);
  const opened = useOpen() === 'palette';
  return (
    <Dialog opened={opened} onClose={closeAll} title={t.palette}>
      <Finder />
    </Dialog>
  );
}

function Finder() {
  const t = useWords(shell);
  const id = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = useEntries().filter((e) => matches(`${e.label} ${e.hint ?? ''}`, typed));
  const chosen = found[Math.min(at, found.length - 1)];
  const go = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    closeAll();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((n) => (Math.min(n, found.length - 1) + step + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') go(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
        aria-label={t.paletteHint}
        placeholder={t.paletteHint}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(e) => {
          setTyped(e.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" id={`${id}-list`} aria-label={t.palette} className={css.list}>
        {found.map((entry) => (
          <li
            key={entry.id}
            id={`${id}-${entry.id}`}
            role="option"
            aria-selected={entry === chosen}
            className={css.entry}
            onClick={() => go(entry)}
          >
            {entry.label}
            {entry.hint && <span className={css.hint}>{entry.hint}</span>}
            {entry === chosen && <KeyHint k="Enter" />}
          </li>
        ))}
      </ul>
      <p role="status" className={css.none}>
        {found.length === 0 ? t.nothingFound(typed) : ''}
      </p>
    </>
  );
}

function useEntries(): readonly PaletteEntry[] {
  const t = useWords(shell);
  const language = useLanguage();
  const navigate = useNavigate();
  const { role } = useMe();
  const pages = navFor(role).flatMap((item) =>
    [item, ...(item.below ?? [])].map((page) => ({
      id: page.to.slice(1).replaceAll('/', '-'),
      label: page.word[language],
      hint: page === item ? t.groups[item.group] : item.word[language],
      run: () => void navigate({ to: page.to as '/' }),
    })),
  );
  return [...useOffered().flat(), ...pages];
}

const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
const matches = (label: string, typed: string) =>
  plain(typed)
    .split(/\s+/)
    .every((word) => plain(label).includes(word));
