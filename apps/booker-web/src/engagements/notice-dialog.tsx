import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../app/api.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { useLanguage, useWords } from '../words/language.js';
import { sayDate } from '../words/times.js';
import type { Engagement } from './engagements-api.js';
import { useActKey } from '../app/act-key.js';
import { ProblemLine } from './problem-line.js';
import css from './engagements.module.css';

/** Says what notice means before it is given: the last day is the end of the month that is paid for, or later (A2, A5). */
export function NoticeDialog({
  engagement: e,
  today,
  onClose,
}: {
  readonly engagement: Engagement;
  readonly today: Temporal.PlainDate;
  readonly onClose: () => void;
}) {
  const t = useWords(engagements).contract;
  const language = useLanguage();
  const queries = useQueryClient();
  const key = useActKey();
  const [later, setLater] = useState('');
  const paidTo = today.with({ day: today.daysInMonth });
  const last = later ? Temporal.PlainDate.from(later) : paidTo;
  const give = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/engagements/{id}/notice', {
          params: { path: { id: e.id }, header: key.header() },
          body: later ? { endsOn: later } : {},
        }),
      ),
    onError: key.answered,
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['engagement', e.id] }),
        queries.invalidateQueries({ queryKey: ['engagements'] }),
      ]);
      tell(t.noticed);
      onClose();
    },
  });
  const day = sayDate(last, language, today);
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={t.confirmTitle}
      confirm={t.confirm(day)}
      danger
      busy={give.isPending}
      onConfirm={() => give.mutate()}
    >
      <div className={css.form}>
        <p>{t.means(day, e.retentionMonths)}</p>
        <p>{t.cannotUndo}</p>
        <TextInput
          type="date"
          label={t.later}
          value={later}
          min={paidTo.toString()}
          onChange={(event) => {
            setLater(event.currentTarget.value);
            key.answered(); // another day is another act
          }}
        />
        <ProblemLine error={give.error} />
      </div>
    </ConfirmDialog>
  );
}
