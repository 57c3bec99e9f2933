import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../app/api.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { KeyValue } from '../ui/section.js';
import { Failed } from '../ui/states.js';
import { sayPhone } from '../words/phone.js';
import { useWords } from '../words/language.js';
import { lead as words } from '../words/lead.js';
import { leads } from '../words/leads.js';
import { ui } from '../words/ui.js';
import css from './leads.module.css';
import { type Lead, unmaskLead } from './leads-api.js';
import { ReasonField, useReason } from './reason-field.js';

/** One person's data over the list, for a reason (G3). Nothing of it outlives the dialog. */
export function UnmaskDialog({ leadId, onClose }: { readonly leadId: string; readonly onClose: () => void }) {
  const t = useWords(leads);
  const l = useWords(words);
  const u = useWords(ui);
  const go = useNavigate();
  const reason = useReason();
  const [shown, setShown] = useState<Lead>();
  const ask = useMutation({
    mutationFn: (why: string) => unmaskLead(leadId, why),
    gcTime: 0,
    onSuccess: setShown,
    onError: (e) => void reason.refused(e),
  });
  const show = () => {
    const why = reason.take();
    if (why) ask.mutate(why);
  };
  const unsaid = ask.isError && !(ask.error instanceof ApiProblem && ask.error.status === 422);
  return (
    <Dialog opened onClose={onClose} title={shown ? shown.name : t.unmaskTitle}>
      {shown ? (
        <>
          <KeyValue
            inline
            pairs={[
              [l.fields.company, <bdi key="c">{shown.company ?? '–'}</bdi>],
              [l.fields.title, <bdi key="t">{shown.title ?? '–'}</bdi>],
              [l.fields.phone, shown.phone ? sayPhone(shown.phone) : '–'],
              [l.fields.email, <bdi key="e">{shown.email ?? '–'}</bdi>],
            ]}
          />
          <div className={css.answers}>
            <Button onClick={onClose}>{u.close}</Button>
            <Button
              variant="filled"
              data-autofocus
              onClick={() => void go({ to: '/leads/$leadId', params: { leadId } })}
            >
              {t.openLead}
            </Button>
          </div>
        </>
      ) : (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            show();
          }}
        >
          <p className={css.why}>{t.unmaskWhy}</p>
          <ReasonField reason={reason} usual={t.reasons.unmask} disabled={ask.isPending} />
          {unsaid && <Failed what={tooOften(ask.error) ? t.tooOften : l.away} error={ask.error} />}
          <div className={css.answers}>
            <Button onClick={onClose}>{u.cancel}</Button>
            <Button variant="filled" type="submit" disabled={ask.isPending}>
              {t.unmaskDo}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

const tooOften = (e: unknown) => e instanceof ApiProblem && e.status === 429;
