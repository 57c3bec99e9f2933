import { Button, SegmentedControl } from '@mantine/core';
import { type Appearance, setAppearance, useAppearance } from '../app/appearance.js';
import { openKeys } from '../app/shell-state.js';
import { ariaKeys, type CharacterKeys, setCharacterKeys } from '../keys/keys.js';
import { useCharacterKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { setLanguage, useLanguage, useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { shell } from '../words/shell.js';
import type { Language } from '../words/words.js';
import { Part } from './part.js';
import css from './settings.module.css';

/** Each in its own language. */
const LANGUAGES = [
  { value: 'sv', label: 'Svenska' },
  { value: 'en', label: 'English' },
];

/** What each person chooses for the browser they sit at; it holds at once, and the other choice takes it back. */
export function OwnLooks() {
  const t = useWords(settings);
  const words = useWords(shell);
  const appearance = useAppearance();
  const language = useLanguage();
  const keys = useCharacterKeys();
  return (
    <>
      <Part id="looks" title={t.looks.title} why={t.looks.why} scope={t.scope.here}>
        <SegmentedControl
          aria-label={t.looks.title}
          value={appearance}
          onChange={(value) => setAppearance(value as Appearance)}
          data={(['light', 'dark', 'system'] as const).map((value) => ({ value, label: words[value] }))}
        />
      </Part>
      <Part id="language" title={t.language.title} why={t.language.why} scope={t.scope.here} also="Svenska English">
        <SegmentedControl
          aria-label={t.language.title}
          value={language}
          onChange={(value) => setLanguage(value as Language)}
          data={LANGUAGES}
        />
      </Part>
      <Part id="keys" title={t.keys.title} why={t.keys.why} scope={t.scope.here} also={t.keys.words}>
        <div className={css.row}>
          <SegmentedControl
            aria-label={t.keys.title}
            value={keys}
            onChange={(value) => setCharacterKeys(value as CharacterKeys)}
            data={(['on', 'alt', 'off'] as const).map((value) => ({ value, label: t.keys[value] }))}
          />
          <Button variant="subtle" onClick={openKeys} aria-keyshortcuts={ariaKeys('?')}>
            {t.keys.seen} <KeyHint k="?" />
          </Button>
        </div>
      </Part>
    </>
  );
}
