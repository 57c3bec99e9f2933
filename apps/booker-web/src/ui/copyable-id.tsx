import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import css from './copyable-id.module.css';

/** An id in the fixed-width face, copied by a press. `short` keeps its ends only: `9f2c…e41a`; what is copied is whole. */
export function CopyableId({ id, short = false }: { readonly id: string; readonly short?: boolean }) {
  const t = useWords(ui);
  const [copied, setCopied] = useState(false);
  const shown = short && id.length > 12 ? `${id.slice(0, 4)}…${id.slice(-4)}` : id;
  const copy = async () => {
    await navigator.clipboard.writeText(id);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <button type="button" className={css.id} onClick={() => void copy()} aria-label={t.copy(shown)} title={id}>
      <code>{shown}</code>
      {copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
      <span className="visually-hidden" role="status">
        {copied ? t.copied : ''}
      </span>
    </button>
  );
}
