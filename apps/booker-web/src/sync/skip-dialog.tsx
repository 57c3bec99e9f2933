import { Radio } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { useWords } from '../words/language.js';
import { sync } from '../words/sync.js';
import { SKIP_REASONS, type SkipReason } from './states.js';

/** Asks for the reason, from a closed set: what people write freely about a lead has its home elsewhere. */
export function SkipDialog({
  opened,
  busy,
  onClose,
  onSkip,
}: {
  readonly opened: boolean;
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly onSkip: (reason: SkipReason) => void;
}) {
  const t = useWords(sync);
  const [reason, setReason] = useState<SkipReason>('told-otherwise');
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={t.skipTitle}
      confirm={t.skipConfirm}
      busy={busy}
      onConfirm={() => onSkip(reason)}
    >
      <Radio.Group
        aria-label={t.skipTitle}
        value={reason}
        onChange={(value) => setReason(SKIP_REASONS.find((r) => r === value) ?? reason)}
      >
        {SKIP_REASONS.map((r) => (
          <Radio key={r} value={r} label={t.reasons[r]} mt={8} />
        ))}
      </Radio.Group>
      <p>{t.skipEffect}</p>
    </ConfirmDialog>
  );
}
