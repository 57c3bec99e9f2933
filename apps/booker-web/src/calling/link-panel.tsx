import { Button } from '@mantine/core';
import { useState } from 'react';
import { idempotencyKey } from '../app/api.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { LawLine } from '../ui/section.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { deskApi } from './desk-api.js';
import { Panel } from './panel.js';
import { firstNameOf, type View } from './view.js';

const VALID_DAYS = 14;

interface Props {
  readonly view: View;
  readonly meetingTypeId: string;
  readonly close: () => void;
  readonly suppress: () => void;
}

/** L: a link by which the lead picks a time, at the lead's own wish and not without (MFL 19 §). It leaves after ten seconds, unless undone. */
export function LinkPanel(props: Props) {
  const t = useWords(calling);
  return (
    <Panel title={t.booking.linkAsk(firstNameOf(props.view.lead.name))}>
      <Inner {...props} />
    </Panel>
  );
}

function Inner({ view, meetingTypeId, close, suppress }: Props) {
  const t = useWords(calling);
  const b = t.booking;
  const name = firstNameOf(view.lead.name);
  const [key] = useState(idempotencyKey);
  const [saving, setSaving] = useState(false);
  const send = async () => {
    setSaving(true);
    try {
      const body = { leadId: view.lead.id, meetingTypeId, askedByLead: true, validDays: VALID_DAYS } as const;
      const { id } = await deskApi.sendLink(key, body);
      const back = () =>
        deskApi.withdrawLink(id).then(
          () => tell(b.linkBack, { seconds: 4 }),
          () => tell(t.undoFailed, { tone: 'warn' }),
        );
      tell(b.linkSent(name), { undo: () => void back() });
      close();
    } catch {
      tell(b.linkFailed, { tone: 'err' });
      setSaving(false);
    }
  };
  useKeys(b.link, [
    { key: 'Enter', does: b.linkSend, run: () => void send(), when: !saving },
    { key: 'x', does: t.bar.objected, run: suppress },
    { key: 'Escape', does: t.suppress.cancel, run: close },
  ]);
  return (
    <>
      <h2>{b.linkAsk(name)}</h2>
      <Button onClick={() => void send()} disabled={saving} aria-keyshortcuts="Enter">
        <KeyHint k="Enter" /> {b.linkSend}
      </Button>
      <Button variant="subtle" onClick={close} aria-keyshortcuts="Escape">
        <KeyHint k="Escape" /> {b.linkNoWish}
      </Button>
      <LawLine>{b.linkLaw}</LawLine>
    </>
  );
}
