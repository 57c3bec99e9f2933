import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { businessNow } from '../app/clock.js';
import { useMe } from '../app/session.js';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { Section } from '../ui/section.js';
import { Badge } from '../ui/status-badge.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import type { Engagement } from './engagements-api.js';
import { useActKey } from '../app/act-key.js';
import { ProblemLine } from './problem-line.js';
import css from './engagements.module.css';

const PARTS = ['purpose', 'necessity', 'balancing'] as const;

/** Recorded or not (B3), and the form that records it. */
export function AssessmentForm({ engagement: e }: { readonly engagement: Engagement }) {
  const t = useWords(engagements).contract;
  const common = useWords(ui);
  const { role } = useMe();
  const queries = useQueryClient();
  const key = useActKey();
  const today = businessNow().toZonedDateTimeISO(AGENCY_ZONE).toPlainDate().toString();
  const empty = { purpose: '', necessity: '', balancing: '', madeOn: today };
  const [open, setOpen] = useState(false);
  const [text, setText] = useState(empty);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/engagements/{id}/assessments', {
          params: { path: { id: e.id }, header: key.header() },
          body: text,
        }),
      ),
    onError: key.answered,
    onSuccess: async () => {
      key.answered();
      await queries.invalidateQueries({ queryKey: ['engagement', e.id] });
      setText(empty);
      setOpen(false);
      tell(t.recorded);
    },
  });
  const may = (role === 'admin' || role === 'supervisor') && !e.endedAt;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <Section title={t.assessment}>
      <div className={css.form}>
        <Badge tone={e.assessed ? 'ok' : 'warn'}>{e.assessed ? t.assessed : t.notAssessed}</Badge>
        {may && !open && <Button onClick={() => setOpen(true)}>{e.assessed ? t.again : t.record}…</Button>}
      </div>
      {may && open && (
        <form className={css.form} onSubmit={submit}>
          {PARTS.map((part) => (
            <Textarea
              key={part}
              className={css.wide}
              label={t[part]}
              required
              autosize
              minRows={2}
              maxLength={4000}
              value={text[part]}
              onChange={(event) => setText({ ...text, [part]: event.currentTarget.value })}
            />
          ))}
          <TextInput
            type="date"
            label={t.madeOn}
            required
            max={today}
            value={text.madeOn}
            onChange={(event) => setText({ ...text, madeOn: event.currentTarget.value })}
          />
          <ProblemLine error={save.error} />
          <div className={css.row}>
            <Button type="submit" variant="filled" disabled={save.isPending} aria-keyshortcuts={ariaKeys('Ctrl+Enter')}>
              {save.isPending ? common.saving : t.record} <KeyHint k="Ctrl+Enter" />
            </Button>
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          </div>
        </form>
      )}
    </Section>
  );
}
