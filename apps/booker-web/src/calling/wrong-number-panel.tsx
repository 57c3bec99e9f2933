import { Button } from '@mantine/core';
import { useState } from 'react';
import { ApiProblem } from '../app/api.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { deskApi } from './desk-api.js';
import type { Desk } from './desk.js';
import { Panel } from './panel.js';
import css from './panel.module.css';
import type { View } from './view.js';

interface Props {
  readonly view: View;
  readonly desk: Desk;
  readonly close: () => void;
  readonly suppress: () => void;
}

/** F: the right number, if the person gave one; else the lead is closed. */
export function WrongNumberPanel(props: Props) {
  const t = useWords(calling);
  return (
    <Panel title={t.wrong.title}>
      <Inner {...props} />
    </Panel>
  );
}

function Inner({ view, desk, close, suppress }: Props) {
  const t = useWords(calling);
  const [phone, setPhone] = useState('');
  const [problem, setProblem] = useState<string>();
  const [saving, setSaving] = useState(false);
  const correct = async () => {
    setSaving(true);
    try {
      await deskApi.correct(view.lead.id, phone);
      const lead = await deskApi.current(desk.engagementId);
      if (lead) desk.change({ lead, callStartedAt: undefined, callEndedAt: undefined }, lead.id);
      tell(t.wrong.corrected);
      close();
    } catch (error) {
      const invalid = error instanceof ApiProblem && error.code === 'phone-invalid';
      setProblem(invalid ? t.wrong.invalid : t.came.other(error instanceof Error ? error.message : ''));
      setSaving(false);
    }
  };
  const shut = () => {
    if (!desk.record('wrong-number')) close();
  };
  useKeys(t.bar['wrong-number'], [
    { key: 'Enter', does: t.wrong.close, run: shut },
    { key: 't', does: t.wrong.field, run: () => document.getElementById('right-number')?.focus() },
    { key: 'x', does: t.bar.objected, run: suppress },
    { key: 'Escape', does: t.suppress.cancel, run: close, inFields: true },
  ]);
  return (
    <>
      <h2>{t.wrong.title}</h2>
      <Button onClick={shut} aria-keyshortcuts="Enter">
        <KeyHint k="Enter" /> {t.wrong.close}
      </Button>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (phone.trim()) void correct();
        }}
        style={{ display: 'flex', gap: 8 }}
      >
        <label>
          {t.wrong.field} <KeyHint k="t" />
          <input
            id="right-number"
            type="tel"
            autoComplete="off"
            maxLength={40}
            value={phone}
            aria-invalid={problem !== undefined}
            aria-keyshortcuts={ariaKeys('t')}
            onChange={(e) => {
              setPhone(e.currentTarget.value);
              setProblem(undefined);
            }}
          />
        </label>
        <Button type="submit" disabled={saving || !phone.trim()}>
          {t.wrong.save}
        </Button>
      </form>
      {problem !== undefined && (
        <p className={css.error} role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
