import { Button, Checkbox } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, ApiProblem, idempotencyKey } from '../app/api.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { Failed } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import { STATUS } from '../words/status.js';
import { ui } from '../words/ui.js';
import css from './leads.module.css';
import type { Filter } from './leads-api.js';
import { ReasonField, useReason } from './reason-field.js';

const FIELDS = [
  ...(['id', 'company', 'name', 'title', 'email', 'phone', 'social'] as const),
  ...(['status', 'source', 'ground', 'obtainedAt', 'informedAt', 'attempts'] as const),
] as const;
type Field = (typeof FIELDS)[number];

/** Everybody the filter shows, as CSV, for a reason; who said no, is in dispute or being erased is left out, and counted. */
export function ExportDialog({
  engagementId,
  filter,
  onClose,
}: {
  readonly engagementId: string;
  readonly filter: Omit<Filter, 'engagementId'>;
  readonly onClose: () => void;
}) {
  const t = useWords(leads);
  const u = useWords(ui);
  const language = useLanguage();
  const reason = useReason();
  // Nothing that names a person is ticked in advance.
  const [fields, setFields] = useState<readonly string[]>(['id', 'company', 'status']);
  const [key] = useState(idempotencyKey);
  const ask = useMutation({
    mutationFn: (why: string) =>
      answer(
        api.POST('/api/v1/leads/exports', {
          params: { header: { 'Idempotency-Key': key } },
          body: { engagementId, filter, reason: why, fields: FIELDS.filter((f) => fields.includes(f)) as Field[] },
        }),
      ),
    onError: (e) => void reason.refused(e),
  });
  const stepUp = ask.error instanceof ApiProblem && ask.error.code === 'step-up-required';
  return (
    <Dialog opened onClose={onClose} title={t.exportTitle} size={520}>
      {ask.data ? (
        <>
          <p className={css.figure}>{t.exportReady(number(language, ask.data.count))}</p>
          <ul className={css.plain}>
            {ask.data.excluded.map((e) => (
              <li key={e.status}>{t.exportLeftOut(number(language, e.count), STATUS.lead[e.status][language])}</li>
            ))}
          </ul>
          <p className={css.why}>
            {t.exportUntil} <TimeText at={ask.data.expiresAt} shape="time" />
          </p>
          <div className={css.answers}>
            <Button onClick={onClose}>{u.close}</Button>
            <Button
              component="a"
              variant="filled"
              href={`/api/v1/leads/exports/${ask.data.id}/file`}
              download
              data-autofocus
            >
              {t.exportFetch}
            </Button>
          </div>
        </>
      ) : (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            const why = reason.take();
            if (why) ask.mutate(why);
          }}
        >
          <Checkbox.Group label={t.exportWhat} value={[...fields]} onChange={setFields}>
            <div className={css.checks}>
              {FIELDS.map((f) => (
                <Checkbox key={f} value={f} label={t.exportFields[f]} />
              ))}
            </div>
          </Checkbox.Group>
          <ReasonField reason={reason} usual={t.reasons.export} disabled={ask.isPending} />
          {ask.isError && !reason.error && <Failed what={stepUp ? t.exportStepUp : t.exportFailed} error={ask.error} />}
          <div className={css.answers}>
            <Button onClick={onClose}>{u.cancel}</Button>
            <Button variant="filled" type="submit" disabled={ask.isPending || fields.length === 0}>
              {t.exportDo}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
