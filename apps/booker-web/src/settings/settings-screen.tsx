import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { isSandbox } from '../app/sandbox.js';
import { useMe } from '../app/session.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { Page } from '../ui/page.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { ApiKeys } from './api-keys.js';
import { Health } from './health.js';
import { OwnFactors } from './own-factors.js';
import { OwnLooks } from './own-looks.js';
import { OwnPassword } from './own-password.js';
import { OwnSessions } from './own-sessions.js';
import { OwnSignIns } from './own-sign-ins.js';
import { folded, Sought } from './part.js';
import { SandboxPart } from './sandbox-part.js';
import css from './settings.module.css';

/** A person's own settings, and for the admin the agency's. What is searched for stays on the page. */
export function SettingsScreen() {
  const t = useWords(settings);
  const { role } = useMe();
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const admin = role === 'admin';
  useKeys(t.title, [
    { key: '/', does: t.find, run: () => field.current?.focus() },
    {
      key: 'Escape',
      does: t.find,
      inFields: true,
      when: typed !== '',
      run: () => setTyped(''),
    },
  ]);
  const yours = [
    ['looks', t.looks.title],
    ['language', t.language.title],
    ['keys', t.keys.title],
    ['password', t.password.title],
    ['factors', t.factors.title],
    ['sessions', t.sessions.title],
    ['sign-ins', t.signIns.title],
  ] as const;
  const agencys = [
    ['api-keys', t.api.title],
    ['health', t.health.title],
    ...(isSandbox() ? ([['sandbox', t.sandbox.title]] as const) : []),
  ] as const;
  return (
    <Page title={t.title} tab={t.title} sub={t.sub}>
      <div className={css.columns}>
        <div className={css.side}>
          <TextInput
            ref={field}
            aria-label={t.find}
            placeholder={t.find}
            aria-keyshortcuts={ariaKeys('/')}
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={<KeyHint k="/" />}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
          />
          <nav aria-label={t.parts} className={css.nav}>
            <Group title={t.yours} parts={yours} />
            {admin && <Group title={t.agencys} parts={agencys} />}
          </nav>
        </div>
        <div className={css.parts}>
          <Sought value={folded(typed)}>
            <OwnLooks />
            <OwnPassword />
            <OwnFactors />
            <OwnSessions />
            <OwnSignIns />
            {admin && <ApiKeys />}
            {admin && <Health />}
            {admin && isSandbox() && <SandboxPart />}
          </Sought>
          <Nothing sought={typed} />
        </div>
      </div>
    </Page>
  );
}

function Group({ title, parts }: { readonly title: string; readonly parts: readonly (readonly [string, string])[] }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {parts.map(([id, name]) => (
          <li key={id}>
            <Link to="/settings" hash={id} search={(s: object) => s} replace>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Says so when no setting is left. Each part decides by itself, so they are counted once they have. */
function Nothing({ sought }: { readonly sought: string }) {
  const t = useWords(settings);
  const [none, setNone] = useState(false);
  useEffect(() => setNone(document.querySelector('[data-part]') === null), [sought]);
  return <p role="status">{none ? t.none(sought) : ''}</p>;
}
