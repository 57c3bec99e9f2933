import { Button } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { Dialog } from '../ui/confirm-dialog.js';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import css from './settings.module.css';

/** A secret that is shown this once: closes by its own button alone, so that no stray press takes it away. */
export function OnceShown({
  title,
  why,
  values,
  saved,
  onClose,
}: {
  readonly title: string;
  readonly why: string;
  readonly values: readonly string[];
  readonly saved: string;
  readonly onClose: () => void;
}) {
  const t = useWords(door).codes;
  const common = useWords(ui);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(values.join('\n'));
    setCopied(true);
  };
  return (
    <Dialog opened onClose={onClose} title={title} closable={false} size={520}>
      <div className={css.form}>
        <p>{why}</p>
        <ul className={css.secrets} data-many={values.length > 1 || undefined}>
          {values.map((value) => (
            <li key={value}>
              <code>{value}</code>
            </li>
          ))}
        </ul>
        <div className={css.answers}>
          <Button leftSection={<IconCopy size={16} aria-hidden />} onClick={() => void copy()}>
            {copied ? common.copied : t.copy}
          </Button>
          <Button variant="filled" onClick={onClose} data-autofocus>
            {saved}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
