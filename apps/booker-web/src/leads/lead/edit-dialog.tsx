import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, ApiProblem } from '../../app/api.js';
import { useMe } from '../../app/session.js';
import { Dialog } from '../../ui/confirm-dialog.js';
import { LawLine } from '../../ui/section.js';
import { Failed } from '../../ui/states.js';
import { tell } from '../../ui/toasts.js';
import { useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { ui } from '../../words/ui.js';
import { type Lead, readLead, unmaskLead } from '../leads-api.js';
import { type Field, FIELDS } from './data-card.js';
import type { LeadOnScreen } from './lead-data.js';
import css from './lead.module.css';

type Typed = Readonly<Record<Field, string>>;
const typedOf = (lead: Lead): Typed => Object.fromEntries(FIELDS.map((f) => [f, lead[f] ?? ''])) as Typed;

/** What was pasted becomes one line of text: fields hold no formatting, and line breaks and tabs become spaces. */
const plain = (text: string): string => text.replaceAll(/[\r\n\t\u2028\u2029]+/g, ' ');

/** Rectification (F2). Somebody else's change meanwhile is shown beside what was typed, which is kept; the second press goes by that version. */
export function EditDialog({
  lead,
  on,
  onClose,
}: {
  readonly lead: Lead;
  readonly on: LeadOnScreen;
  readonly onClose: () => void;
}) {
  const t = useWords(words);
  const u = useWords(ui);
  const { role } = useMe();
  const masks = role === 'supervisor';
  const [before] = useState(lead);
  const [typed, setTyped] = useState<Typed>(() => typedOf(lead));
  const [version, setVersion] = useState(lead.version);
  const [now, setNow] = useState<Lead>();
  const [wrong, setWrong] = useState<Partial<Record<Field, string>>>({});
  const [nothing, setNothing] = useState(false);
  const save = useMutation({
    gcTime: 0,
    mutationFn: () => {
      const was = typedOf(before);
      const changes = Object.fromEntries(
        FIELDS.flatMap((f) => (typed[f].trim() === was[f] ? [] : [[f, typed[f].trim() || null]])),
      );
      return answer(
        api.PATCH('/api/v1/leads/{id}', { params: { path: { id: before.id } }, body: { ...changes, version } }),
      );
    },
    onSuccess: async () => {
      tell(t.saved);
      onClose();
      await on.reread();
    },
    onError: async (e) => {
      if (!(e instanceof ApiProblem)) return;
      if (e.code === 'version-conflict') {
        // Who sees masks is shown what holds now for the same reason: that, too, is written down.
        const current = await (masks ? unmaskLead(before.id, t.editTitle) : readLead(before.id));
        setNow(current);
        setVersion(current.version);
        return;
      }
      const sentence = (t.refusals as Readonly<Record<string, string>>)[e.code];
      const field = (e.facts['field'] as Field | undefined) ?? e.errors[0]?.field;
      if (sentence) setWrong({ [FIELDS.includes(field as Field) ? (field as Field) : 'name']: sentence });
    },
  });
  const submit = () => {
    const was = typedOf(before);
    setNothing(false);
    if (!typed.name.trim()) return setWrong({ name: t.refusals['name-missing'] });
    if (FIELDS.every((f) => typed[f].trim() === was[f])) return setNothing(true);
    setWrong({});
    save.mutate();
  };
  const unsaid = save.isError && !now && Object.keys(wrong).length === 0;
  return (
    <Dialog opened onClose={onClose} title={t.editTitle} size={560}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        <LawLine>{t.editLaw}</LawLine>
        {now && (
          <p className={css.conflict} role="alert">
            {t.conflict}
          </p>
        )}
        <div className={css.form}>
          {FIELDS.map((f) => (
            <TextInput
              key={f}
              label={t.fields[f]}
              value={typed[f]}
              dir="auto"
              onChange={(e) => {
                setTyped({ ...typed, [f]: plain(e.currentTarget.value) });
                setWrong({});
              }}
              error={wrong[f]}
              {...(now && !now.masked && (now[f] ?? '') !== typed[f]
                ? {
                    description: t.conflictNow(now[f] ?? t.missing),
                    inputWrapperOrder: ['label', 'input', 'description', 'error'],
                  }
                : {})}
              maxLength={1000}
              required={f === 'name'}
              autoComplete="off"
              spellCheck={false}
              disabled={save.isPending}
            />
          ))}
        </div>
        <p role="status" className={css.faint}>
          {nothing ? t.nothingChanged : ''}
        </p>
        {unsaid && <Failed what={t.editFailed} error={save.error} />}
        <div className={css.answers}>
          <Button onClick={onClose} disabled={save.isPending}>
            {u.cancel}
          </Button>
          <Button type="submit" variant="filled" disabled={save.isPending}>
            {save.isPending ? u.saving : now ? t.saveAnyway : t.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
