import { Button, TextInput } from '@mantine/core';
import { IconDeviceMobile, IconKey } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api, idempotencyKey, post } from '../app/api.js';
import { signOut } from '../app/sign-out.js';
import { CopyableId } from '../ui/copyable-id.js';
import { useTab } from '../ui/page.js';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { addPasskey, passkeysWork } from '../app/passkeys.js';
import { sendCode } from './ceremonies.js';
import { DoorPage } from './door-page.js';
import { PasswordField } from '../ui/password-field.js';
import { Problem } from './problem.js';
import { Qr } from './qr.js';
import { RecoveryCodes } from './recovery-codes.js';
import css from './sign-in.module.css';
import { useAct } from './use-act.js';

/** `/second-factor`: after the first sign-in nothing opens before there are two. Ends with recovery codes, shown once. */
export function SecondFactorScreen() {
  const t = useWords(door);
  const queries = useQueryClient();
  const router = useRouter();
  const [codes, setCodes] = useState<readonly string[]>();
  const { busy, problem, run } = useAct();
  useTab(t.factor.title);
  const added = async () => {
    const made = await answer(
      api.POST('/api/v1/me/recovery-codes', { params: { header: { 'Idempotency-Key': idempotencyKey() } } }),
    );
    setCodes(made.codes);
  };
  const done = async () => {
    queries.clear();
    await router.invalidate();
    await router.navigate({ to: '/' });
  };
  if (codes) return <RecoveryCodes codes={codes} onDone={() => void done()} />;
  return (
    <DoorPage title={t.factor.title}>
      <p>{t.factor.why}</p>
      <Problem>{problem}</Problem>
      {passkeysWork() && (
        <Button
          size="md"
          disabled={busy}
          leftSection={<IconKey size={18} aria-hidden />}
          onClick={() => void run(() => addPasskey(t.factor.passkeyName).then(added))}
        >
          {t.factor.passkeyStart}
        </Button>
      )}
      <App busy={busy} run={run} added={added} />
      <Button variant="subtle" size="xs" onClick={() => void signOut()}>
        {t.factor.signOut}
      </Button>
    </DoorPage>
  );
}

function App({
  busy,
  run,
  added,
}: {
  readonly busy: boolean;
  readonly run: (act: () => Promise<void>) => Promise<void>;
  readonly added: () => Promise<void>;
}) {
  const t = useWords(door);
  const [password, setPassword] = useState('');
  const [uri, setUri] = useState<string>();
  const [code, setCode] = useState('');
  const begin = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      // Whoever came through the identity provider has no password here, and is not asked for one.
      const { totpURI } = await post<{ totpURI: string }>('/api/auth/two-factor/enable', password ? { password } : {});
      setPassword('');
      setUri(totpURI);
    });
  };
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    void run(() => sendCode(code.replaceAll(/\s/g, '')).then(added));
  };
  if (!uri)
    return (
      <form onSubmit={begin} className={css.form}>
        <PasswordField
          label={t.password}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="filled"
          size="md"
          disabled={busy}
          leftSection={<IconDeviceMobile size={18} aria-hidden />}
        >
          {t.factor.appStart}
        </Button>
      </form>
    );
  return (
    <form onSubmit={confirm} className={css.form}>
      <p>{t.factor.scan}</p>
      <Qr text={uri} label={t.factor.qr} />
      <div>
        {t.factor.secret} <CopyableId id={new URL(uri).searchParams.get('secret') ?? ''} />
      </div>
      <TextInput
        label={t.factor.code}
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={7}
        required
        withAsterisk={false}
        classNames={{ input: css.code ?? '' }}
        value={code}
        onChange={(e) => setCode(e.currentTarget.value)}
        autoFocus
      />
      <Button type="submit" variant="filled" size="md" disabled={busy}>
        {t.factor.confirm}
      </Button>
    </form>
  );
}
