import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useProofAsked } from '../app/fresh-proof.js';
import { KeyLayer, useKeyLayer } from '../keys/use-keys.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import css from './confirm-dialog.module.css';

/** A dialog in the product's frame: sleeping page keys, focus held within and given back, Escape closes. Asks one question. */
export function Dialog({
  opened,
  onClose,
  title,
  children,
  size = 460,
  closable = true,
  above = false,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** Pixels. */
  readonly size?: number;
  readonly closable?: boolean;
  /** Asks something that another dialog waits for: lies over it, and Escape closes this one alone. */
  readonly above?: boolean;
}) {
  const t = useWords(ui);
  const layer = useKeyLayer(opened);
  const covered = useProofAsked() !== undefined && !above;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      withCloseButton={closable}
      closeOnEscape={closable && !covered}
      zIndex={above ? 250 : 200}
      closeOnClickOutside={closable}
      closeButtonProps={{ 'aria-label': t.close }}
    >
      <KeyLayer value={layer}>{children}</KeyLayer>
    </Modal>
  );
}

/** For what cannot be undone: one question that states the effect; the button names the result, never "OK".
 * @example <ConfirmDialog title="Spärra Karin?" confirm="Spärra Karin hos alla kunder" … >Hon rings inte mer av någon.</ConfirmDialog> */
export function ConfirmDialog({
  opened,
  onClose,
  title,
  confirm,
  onConfirm,
  busy = false,
  danger = false,
  children,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly confirm: string;
  readonly onConfirm: () => void;
  /** Until the server has answered: legal states are never shown before. */
  readonly busy?: boolean;
  readonly danger?: boolean;
  readonly children: ReactNode;
}) {
  const t = useWords(ui);
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <div className={css.text}>{children}</div>
      <div className={css.answers}>
        <Button onClick={onClose} disabled={busy}>
          {t.cancel}
        </Button>
        <Button
          variant="filled"
          {...(danger ? { color: 'err' } : {})}
          onClick={onConfirm}
          disabled={busy}
          data-autofocus
        >
          {busy ? t.saving : confirm}
        </Button>
      </div>
    </Dialog>
  );
}
