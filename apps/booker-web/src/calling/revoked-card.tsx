import { Button } from '@mantine/core';
import { IconHandStop, IconPhoneOff } from '@tabler/icons-react';
import type { Ref } from 'react';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import css from './calling.module.css';
import { inCall, type View } from './view.js';

/** Somebody said no elsewhere, or is set aside: the card is blank at once, and only ending the call and going on are left. */
export function RevokedCard({
  view,
  next,
  endCall,
  ref,
}: {
  readonly view: View;
  readonly next: () => void;
  readonly endCall: () => void;
  readonly ref: Ref<HTMLElement>;
}) {
  const t = useWords(calling);
  return (
    <section ref={ref} tabIndex={-1} className={css.revoked} role="alert">
      <IconHandStop size={24} aria-hidden />
      <div>
        <h2>{t.revoked[view.revoked!](view.lead.name)}</h2>
        <p>{t.revoked.nothingSaved}</p>
      </div>
      <div className={css.revokedActs}>
        {inCall(view) && (
          <Button
            color="err"
            leftSection={<IconPhoneOff size={16} aria-hidden />}
            onClick={endCall}
            aria-keyshortcuts={ariaKeys('q')}
          >
            {t.lead.hangUp} <KeyHint k="q" />
          </Button>
        )}
        <Button onClick={next} aria-keyshortcuts="Enter">
          {t.revoked.next} <KeyHint k="Enter" />
        </Button>
      </div>
    </section>
  );
}
