import { Button, TextInput } from '@mantine/core';
import { IconBuilding, IconKey } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiProblem } from '../app/api.js';
import { useWords } from '../words/language.js';
import { signIn } from '../words/sign-in.js';
import { passkeysWork, signInWithPasskey } from '../app/passkeys.js';
import { goToProvider, providerName, sendCode, sendPassword, sendRecoveryCode, whyRefused } from './ceremonies.js';
import { PasswordField } from '../ui/password-field.js';
import { Problem } from './problem.js';
import css from './sign-in.module.css';

type Step = 'password' | 'code' | 'recovery';

/** Password and second factor, a passkey, or the identity provider; on the sign-in page and over a page whose session is over. */
export function SignInForm({
  onSignedIn,
  email: known = '',
  refused = '',
}: {
  readonly onSignedIn: () => void;
  readonly email?: string;
  readonly refused?: string;
}) {
  const t = useWords(signIn);
  const [step, setStep] = useState<Step>('password');
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(refused);
  const provider = useQuery({ queryKey: ['provider'], queryFn: providerName, staleTime: 600_000 });

  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem('');
    try {
      await act();
    } catch (error) {
      setProblem(whyRefused(error, t.refused));
      setCode('');
      if (step !== 'password' && error instanceof ApiProblem && error.status !== 429 && error.code !== 'invalid-code')
        setStep('password');
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      if (step === 'password') {
        const next = await sendPassword(email.trim(), password);
        setPassword('');
        if (next === 'code') setStep('code');
        else onSignedIn();
      } else {
        await (step === 'code' ? sendCode(code.replaceAll(/\s/g, '')) : sendRecoveryCode(code));
        onSignedIn();
      }
    });
  };

  return (
    <form onSubmit={submit} className={css.form} aria-busy={busy}>
      <Problem>{problem}</Problem>
      {step === 'password' ? (
        <>
          <TextInput
            key="email"
            label={t.email}
            type="email"
            name="email"
            autoComplete="username webauthn"
            required
            withAsterisk={false}
            value={email}
            onChange={(e) => setEmail(e.currentTarget.value)}
            data-autofocus
            autoFocus={!known}
          />
          <PasswordField
            key="password"
            label={t.password}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
            autoFocus={known !== ''}
          />
        </>
      ) : (
        <SecondFactor step={step} code={code} setCode={setCode} />
      )}
      <Button type="submit" variant="filled" size="md" fullWidth disabled={busy}>
        {busy ? t.working : step === 'password' ? t.continue : t.title}
      </Button>
      {step === 'password' ? (
        <Others>
          {passkeysWork() && (
            <Button
              size="md"
              fullWidth
              disabled={busy}
              leftSection={<IconKey size={18} aria-hidden />}
              onClick={() => void run(async () => (await signInWithPasskey(), onSignedIn()))}
            >
              {t.passkey}
            </Button>
          )}
          {provider.data && (
            <Button
              size="md"
              fullWidth
              disabled={busy}
              leftSection={<IconBuilding size={18} aria-hidden />}
              onClick={() => void run(goToProvider)}
            >
              {t.through(provider.data)}
            </Button>
          )}
        </Others>
      ) : (
        <div className={css.ways}>
          <Button
            variant="subtle"
            size="xs"
            onClick={() => (setCode(''), setProblem(''), setStep(step === 'code' ? 'recovery' : 'code'))}
          >
            {step === 'code' ? t.useRecovery : t.useCode}
          </Button>
          <Button variant="subtle" size="xs" onClick={() => (setCode(''), setProblem(''), setStep('password'))}>
            {t.back}
          </Button>
        </div>
      )}
    </form>
  );
}

function SecondFactor({
  step,
  code,
  setCode,
}: {
  readonly step: 'code' | 'recovery';
  readonly code: string;
  readonly setCode: (code: string) => void;
}) {
  const t = useWords(signIn);
  const app = step === 'code';
  return (
    <TextInput
      key={step}
      label={app ? t.code : t.recovery}
      description={app ? t.codeHelp : t.recoveryHelp}
      name="code"
      autoComplete="one-time-code"
      {...(app ? { inputMode: 'numeric', maxLength: 7 } : { maxLength: 40 })}
      required
      withAsterisk={false}
      autoFocus
      classNames={{ input: css.code ?? '' }}
      value={code}
      onChange={(e) => setCode(e.currentTarget.value)}
    />
  );
}

function Others({ children }: { readonly children: ReactNode }) {
  const t = useWords(signIn);
  return (
    <>
      {(Array.isArray(children) ? children : [children]).some(Boolean) && <div className={css.or}>{t.or}</div>}
      {children}
    </>
  );
}
