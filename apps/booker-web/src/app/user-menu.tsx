import { Menu } from '@mantine/core';
import { IconCheck, IconLogout } from '@tabler/icons-react';
import { setLanguage, useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { type Appearance, setAppearance, useAppearance } from './appearance.js';
import { useMe } from './session.js';
import { signOut } from './sign-out.js';
import css from './user-menu.module.css';

const LANGUAGES = [
  ['sv', 'Svenska'],
  ['en', 'English'],
] as const;

/** Who is signed in, with language, appearance and the way out. */
export function UserMenu() {
  const t = useWords(shell);
  const me = useMe();
  const language = useLanguage();
  const appearance = useAppearance();
  const looks: readonly (readonly [Appearance, string])[] = [
    ['light', t.light],
    ['dark', t.dark],
    ['system', t.system],
  ];
  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <button type="button" className={css.who} aria-label={`${t.account}: ${me.name}, ${t.roles[me.role]}`}>
          <span className={css.initials} aria-hidden>
            {initials(me.name)}
          </span>
          <span className={css.name} aria-hidden>
            {me.name}
            <span>{t.roles[me.role]}</span>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.language}</Menu.Label>
        {LANGUAGES.map(([code, word]) => (
          <Choice key={code} chosen={code === language} word={word} lang={code} choose={() => setLanguage(code)} />
        ))}
        <Menu.Label>{t.appearance}</Menu.Label>
        {looks.map(([code, word]) => (
          <Choice key={code} chosen={code === appearance} word={word} choose={() => setAppearance(code)} />
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          {t.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice({
  chosen,
  word,
  lang,
  choose,
}: {
  readonly chosen: boolean;
  readonly word: string;
  readonly lang?: string;
  readonly choose: () => void;
}) {
  return (
    <Menu.Item
      role="menuitemradio"
      aria-checked={chosen}
      lang={lang}
      onClick={choose}
      closeMenuOnClick={false}
      rightSection={chosen ? <IconCheck size={16} aria-hidden /> : undefined}
    >
      {word}
    </Menu.Item>
  );
}

const initials = (name: string): string => {
  const parts = name.trim().split(/\s+/u);
  return [parts[0], parts.length > 1 ? parts.at(-1) : undefined]
    .map((part) => [...new Intl.Segmenter('sv').segment(part ?? '')][0]?.segment ?? '')
    .join('')
    .toLocaleUpperCase('sv');
};
