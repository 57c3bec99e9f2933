import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { ui } from '../words/ui.js';
import { KeyHint } from './key-hint.js';
import { dismiss, useToasts } from './toasts.js';
import css from './undo-toast.module.css';

/** The frame's corner where `tell` speaks. */
export function Toasts() {
  const t = useWords(ui);
  const s = useWords(shell);
  const toasts = useToasts();
  const undoable = toasts.findLast((toast) => toast.undo);
  useKeys(s.global, [{ key: 'z', does: t.undo, run: () => undoable?.undo?.(), when: undoable !== undefined }], {
    frame: true,
  });
  return (
    <div className={css.corner} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={css.toast} style={{ borderInlineStartColor: `var(--${toast.tone})` }}>
          <span>{toast.text}</span>
          {toast.undo && (
            <Button size="xs" onClick={toast.undo} aria-keyshortcuts={ariaKeys('z')}>
              {t.undo} {toast === undoable && <KeyHint k="z" />}
            </Button>
          )}
          <ActionIcon size={24} aria-label={t.close} onClick={() => dismiss(toast.id)}>
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
    </div>
  );
}
