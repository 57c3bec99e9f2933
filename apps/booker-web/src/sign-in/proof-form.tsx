import { Button, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { signIn } from '../words/sign-in.js';
import { passkeysWork, signInWithPasskey } from '../app/passkeys.js';
import { sendCode } from './ceremonies.js';
import { Problem } from './problem.js';
import css from './sign-in.module.css';
import { useAct } from './use-act.js';

/** The second factor once more, within a session. */
export function ProofForm({ onProved }: { readonly onProved: () => void }) {
  const t = useWords(door).proof;
  const s = useWords(signIn);
  const [code, setCode] = useState('');
  const { busy, problem, run } = useAct();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await sendCode(code.replaceAll(/\s/g, ''));
      onProved();
    });
  };
  return (
    <form onSubmit={submit} className={css.form}>
      <p>{t.why}</p>
      <Problem>{problem}</Problem>
      <TextInput
        label={s.code}
        description={s.codeHelp}
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={7}
        required
        withAsterisk={false}
        autoFocus // the dialog opens before this part of the page has come, and looks for whom to focus only then
        classNames={{ input: css.code ?? '' }}
        value={code}
        onChange={(e) => setCode(e.currentTarget.value)}
      />
      <Button type="submit" variant="filled" size="md" disabled={busy}>
        {t.confirm}
      </Button>
      {passkeysWork() && (
        <Button
          size="md"
          disabled={busy}
          leftSection={<IconKey size={18} aria-hidden />}
          onClick={() => void run(() => signInWithPasskey().then(onProved))}
        >
          {t.passkey}
        </Button>
      )}
    </form>
  );
}
