import { Button } from '@mantine/core';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { DoorPage } from './door-page.js';
import css from './sign-in.module.css';

/** Ten codes, shown this once. */
export function RecoveryCodes({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }) {
  const t = useWords(door).codes;
  return (
    <DoorPage title={t.title}>
      <p>{t.why}</p>
      <ul className={css.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Button size="md" onClick={() => void navigator.clipboard.writeText(codes.join('\n'))}>
        {t.copy}
      </Button>
      <Button variant="filled" size="md" onClick={onDone}>
        {t.done}
      </Button>
    </DoorPage>
  );
}
