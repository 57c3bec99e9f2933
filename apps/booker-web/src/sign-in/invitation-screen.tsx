import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api, post } from '../app/api.js';
import { useTab } from '../ui/page.js';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { providerName } from './ceremonies.js';
import { DoorPage } from './door-page.js';
import { PasswordField } from '../ui/password-field.js';
import { Problem } from './problem.js';
import css from './sign-in.module.css';
import { useAct } from './use-act.js';

/** `/invitation#token`: the token stands behind # and is never sent with the address. */
export function InvitationScreen() {
  const t = useWords(door);
  const navigate = useNavigate();
  const [token] = useState(() => location.hash.slice(1));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { busy, problem, run } = useAct();
  const provider = useQuery({ queryKey: ['provider'], queryFn: providerName, staleTime: 600_000 });
  useTab(t.invitation.title);
  const accept = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await answer(api.POST('/api/v1/staff/invitations/accept', { body: { token, name: name.trim(), password } }));
      await navigate({ to: '/sign-in', replace: true });
    });
  };
  const through = () =>
    run(async () => {
      const { url } = await post<{ url: string }>('/api/auth/provider/start', {
        purpose: 'invitation',
        invitation: token,
      });
      location.assign(url);
    });
  return (
    <DoorPage title={t.invitation.title}>
      <p>{t.invitation.why}</p>
      <form onSubmit={accept} className={css.form}>
        <Problem>{problem}</Problem>
        <TextInput
          label={t.invitation.name}
          name="name"
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={200}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          autoFocus
        />
        <PasswordField
          label={t.password}
          description={t.passwordRule}
          name="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          maxLength={128}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
        />
        <Button type="submit" variant="filled" size="md" disabled={busy}>
          {t.invitation.accept}
        </Button>
        {provider.data && (
          <Button size="md" disabled={busy} onClick={() => void through()}>
            {t.invitation.through(provider.data)}
          </Button>
        )}
      </form>
    </DoorPage>
  );
}
