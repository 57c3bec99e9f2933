import { Menu } from '@mantine/core';
import { IconCheck, IconLogout, IconSettings } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { setLanguage, useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import type { Language } from '../words/words.js';
import { type Appearance, setAppearance, useAppearance } from './appearance.js';
import { useMe } from './session.js';
import { signOut } from './sign-out.js';
import css from './user-menu.module.css';

/** Each in its own language. */
const LANGUAGES = { sv: 'Svenska', en: 'English' } as const;

/** Who is signed in, with language, appearance and the way out. */
export function UserMenu() {
  const t = useWords(shell);
  const me = useMe();
  const navigate = useNavigate();
  const language = useLanguage();
  const appearance = useAppearance();
  return (
    <Menu position="top-start" width={220} checkIcon={<IconCheck size={16} aria-hidden />}>
      <Menu.Target>
        <button type="button" className={css.who}>
          <span className={css.initials} aria-hidden>
            {initials(me.name)}
          </span>
          <span className="visually-hidden">{t.account}: </span>
          <span className={css.name}>
            {me.name}
            <span>{t.roles[me.role]}</span>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={language} onChange={(chosen) => setLanguage(chosen as Language)}>
          <Menu.Label>{t.language}</Menu.Label>
          {Object.entries(LANGUAGES).map(([code, word]) => (
            <Menu.RadioItem key={code} value={code} lang={code}>
              {word}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.RadioGroup value={appearance} onChange={(chosen) => setAppearance(chosen as Appearance)}>
          <Menu.Label>{t.appearance}</Menu.Label>
          {(['light', 'dark', 'system'] as const).map((look) => (
            <Menu.RadioItem key={look} value={look}>
              {t[look]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconSettings size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/settings' })}
        >
          {t.settings}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          {t.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const initials = (name: string): string => {
  const parts = name.trim().split(/\s+/u);
  return [parts[0], parts.length > 1 ? parts.at(-1) : undefined]
    .map((part) => [...new Intl.Segmenter('sv').segment(part ?? '')][0]?.segment ?? '')
    .join('')
    .toLocaleUpperCase('sv');
};
