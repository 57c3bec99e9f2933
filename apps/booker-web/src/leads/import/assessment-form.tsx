import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, idempotencyKey } from '../../app/api.js';
import { businessNow } from '../../app/clock.js';
import { LawLine } from '../../ui/section.js';
import { Failed } from '../../ui/states.js';
import { tell } from '../../ui/toasts.js';
import { useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import css from './import.module.css';

const PARTS = ['purpose', 'necessity', 'balancing'] as const;

/** The legitimate-interest assessment (B3), written where it is missed; before it is saved nobody is taken in on that basis. */
export function AssessmentForm({ engagementId }: { readonly engagementId: string }) {
  const t = useWords(importing);
  const queries = useQueryClient();
  const [text, setText] = useState({ purpose: '', necessity: '', balancing: '' });
  const [missing, setMissing] = useState(false);
  const [key] = useState(idempotencyKey);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/engagements/{id}/assessments', {
          params: { path: { id: engagementId }, header: { 'Idempotency-Key': key } },
          body: { ...text, madeOn: businessNow().toZonedDateTimeISO('Europe/Stockholm').toPlainDate().toString() },
        }),
      ),
    onSuccess: async () => {
      tell(t.assessment.saved);
      await queries.invalidateQueries({ queryKey: ['engagements'] });
    },
  });
  const submit = () => {
    const lacks = PARTS.some((p) => !text[p].trim());
    setMissing(lacks);
    if (!lacks) save.mutate();
  };
  return (
    <div className={css.box}>
      <LawLine>{t.notAssessed}</LawLine>
      {PARTS.map((p) => (
        <Textarea
          key={p}
          label={t.assessment[p]}
          value={text[p]}
          onChange={(e) => setText({ ...text, [p]: e.currentTarget.value })}
          maxLength={4000}
          rows={2}
          required
          error={missing && !text[p].trim() ? t.assessment.missing : undefined}
        />
      ))}
      {save.isError && <Failed what={t.assessment.failed} error={save.error} />}
      <div>
        <Button onClick={submit} disabled={save.isPending}>
          {t.assessment.save}
        </Button>
      </div>
    </div>
  );
}
