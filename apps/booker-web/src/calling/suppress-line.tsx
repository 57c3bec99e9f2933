import { Button } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import type { Desk } from './desk.js';
import { Panel } from './panel.js';
import { firstNameOf, type View } from './view.js';

interface Line {
  readonly view: View;
  readonly desk: Desk;
  /** Being saved: nothing else happens before the server has answered. */
  readonly busy: boolean;
  readonly client: string;
  readonly close: () => void;
}

/** One line, one question, from any state: a no is never more than two keys away (B5). */
export function SuppressLine(line: Line) {
  const t = useWords(calling);
  return (
    <Panel title={t.suppress.ask(firstNameOf(line.view.lead.name))} tone="err" alert>
      <Inner {...line} />
    </Panel>
  );
}

function Inner({ view, desk, busy, client, close }: Line) {
  const t = useWords(calling);
  const name = firstNameOf(view.lead.name);
  const all = () => void desk.suppress('all');
  const only = () => void desk.suppress('client');
  useKeys(t.bar.objected, [
    { key: 'Enter', does: t.suppress.all, run: all, when: !busy },
    { key: 'Tab', does: t.suppress.only(client), run: only, when: !busy },
    { key: 'Escape', does: t.suppress.cancel, run: close, when: !busy },
  ]);
  return (
    <>
      <IconHandStop size={20} aria-hidden />
      <h2 role={busy ? 'status' : undefined}>{busy ? t.suppress.saving(name) : t.suppress.ask(name)}</h2>
      <Button color="err" onClick={all} disabled={busy} aria-keyshortcuts="Enter">
        <KeyHint k="Enter" /> {t.suppress.all}
      </Button>
      <Button onClick={only} disabled={busy} aria-keyshortcuts="Tab">
        <KeyHint k="Tab" /> {t.suppress.only(client)}
      </Button>
      <Button variant="subtle" onClick={close} disabled={busy} aria-keyshortcuts="Escape">
        <KeyHint k="Escape" /> {t.suppress.cancel}
      </Button>
      {view.problem !== undefined && view.problem !== 'note-stops' && <span>{t.suppress.failed}</span>}
    </>
  );
}
