import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { post } from '../app/api.js';
import { useTab } from '../ui/page.js';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { signIn } from '../words/sign-in.js';
import { DoorPage } from './door-page.js';
import { PasswordField } from '../ui/password-field.js';
import { Problem } from './problem.js';
import css from './sign-in.module.css';
import { useAct } from './use-act.js';

/** `/password-reset` asks for the link; `/password-reset#token`, as it stands in the mail, takes the new password. */
export function ResetScreen() {
  const t = useWords(door);
  const s = useWords(signIn);
  const [token] = useState(() => location.hash.slice(1));
  const [typed, setTyped] = useState('');
  const [said, setSaid] = useState('');
  const { busy, problem, run } = useAct();
  useTab(t.reset.title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      if (token) await post('/api/auth/password-reset/complete', { token, newPassword: typed });
      else await post('/api/auth/password-reset/ask', { email: typed.trim() });
      setSaid(token ? t.reset.done : t.reset.asked);
    });
  };
  return (
    <DoorPage title={t.reset.title}>
      {said ? (
        <p role="status">{said}</p>
      ) : (
        <form onSubmit={submit} className={css.form}>
          <Problem>{problem}</Problem>
          {token ? (
            <PasswordField
              label={t.newPassword}
              description={t.passwordRule}
              name="password"
              autoComplete="new-password"
              required
              withAsterisk={false}
              maxLength={128}
              value={typed}
              onChange={(e) => setTyped(e.currentTarget.value)}
              autoFocus
            />
          ) : (
            <TextInput
              label={s.email}
              description={t.reset.askWhy}
              type="email"
              name="email"
              autoComplete="username"
              required
              withAsterisk={false}
              maxLength={254}
              value={typed}
              onChange={(e) => setTyped(e.currentTarget.value)}
              autoFocus
            />
          )}
          <Button type="submit" variant="filled" size="md" disabled={busy}>
            {token ? t.reset.complete : t.reset.ask}
          </Button>
        </form>
      )}
      <Link to="/sign-in">{t.reset.toSignIn}</Link>
    </DoorPage>
  );
}
