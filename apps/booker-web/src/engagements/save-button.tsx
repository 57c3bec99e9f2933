import { Button } from '@mantine/core';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';

/** Submits its form; Ctrl+Enter does so from any field. */
export function SaveButton({
  busy,
  children,
  filled = false,
  disabled = false,
}: {
  readonly busy: boolean;
  readonly children: string;
  readonly filled?: boolean;
  readonly disabled?: boolean;
}) {
  const common = useWords(ui);
  return (
    <Button
      type="submit"
      {...(filled ? { variant: 'filled' } : {})}
      disabled={busy || disabled}
      aria-keyshortcuts={ariaKeys('Ctrl+Enter')}
    >
      {busy ? common.saving : children} <KeyHint k="Ctrl+Enter" />
    </Button>
  );
}
