import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answer, api, idempotencyKey } from '../app/api.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { LawLine } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import { ui } from '../words/ui.js';
import css from './leads.module.css';
import type { Filter } from './leads-api.js';
import { ReasonField, useReason } from './reason-field.js';

export type BulkAct = 'suppress' | 'erase' | 'close' | 'reopen';

/** Whom it is about: those marked, or everybody the filter shows. */
export interface BulkChoice {
  readonly act: BulkAct;
  readonly engagementId: string;
  readonly ids?: readonly string[];
  readonly filter?: Omit<Filter, 'engagementId'>;
}

const post = (choice: BulkChoice, reason: string, key: string, dryRun: boolean) => {
  const { ids, ...rest } = choice;
  return answer(
    api.POST('/api/v1/leads/bulk', {
      params: { header: { 'Idempotency-Key': key } },
      body: { ...rest, ...(ids ? { ids: [...ids] } : {}), reason, ...(dryRun ? { dryRun } : {}) },
    }),
  );
};

/** Says how many it will touch, how many not and why, before it asks for a reason; then shows how far it is until the server says done. */
export function BulkDialog({
  choice,
  onClose,
  onDone,
}: {
  readonly choice: BulkChoice;
  readonly onClose: () => void;
  readonly onDone: (done: number) => void;
}) {
  const t = useWords(leads);
  const u = useWords(ui);
  const language = useLanguage();
  const say = (n: number) => number(language, n);
  const reason = useReason();
  const [key] = useState(idempotencyKey);
  const look = useQuery({
    queryKey: ['leads', 'bulk-preview', choice],
    queryFn: () => post(choice, t.bulk.bar, idempotencyKey(), true),
    staleTime: 0,
    gcTime: 0,
  });
  const start = useMutation({
    mutationFn: (why: string) => post(choice, why, key, false),
    onError: (e) => void reason.refused(e),
  });
  const id = start.data?.id;
  const progress = useQuery({
    queryKey: ['leads', 'bulk', id],
    queryFn: () => answer(api.GET('/api/v1/leads/bulk/{id}', { params: { path: { id: id! } } })),
    enabled: typeof id === 'string',
    refetchInterval: (q) => (q.state.data?.state === 'done' ? false : 500),
    gcTime: 0,
  });
  const done = progress.data?.state === 'done' ? progress.data.done : undefined;
  useEffect(() => {
    if (done !== undefined) onDone(done);
  }, [done, onDone]);
  const preview = look.data;
  const untouched = preview?.untouched.reduce((n, c) => n + c.count, 0) ?? 0;
  const danger = choice.act === 'suppress' || choice.act === 'erase';
  const go = () => {
    const why = reason.take();
    if (why) start.mutate(why);
  };
  const busy = start.isPending || typeof id === 'string';
  return (
    <Dialog opened onClose={onClose} title={t.bulk.title[choice.act]} closable={!busy}>
      {look.isPending && <Loading rows={2} what={t.bulk.looking} />}
      {look.isError && <Failed what={t.bulk.away} error={look.error} retry={() => void look.refetch()} />}
      {preview && (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            go();
          }}
        >
          <p className={css.figure}>
            {preview.acting ? t.bulk.acting(say(preview.acting), say(preview.acting + untouched)) : t.bulk.nobody}
          </p>
          {untouched > 0 && (
            <div className={css.untouched}>
              <p>{t.bulk.untouched(say(untouched))}</p>
              <ul>
                {preview.untouched.map((c) => (
                  <li key={c.cause}>
                    <strong>{say(c.count)}</strong> {t.bulk.causes[c.cause]}
                  </li>
                ))}
              </ul>
            </div>
          )}
          <LawLine>{t.bulk.effect[choice.act]}</LawLine>
          {preview.acting > 0 && <ReasonField reason={reason} usual={t.reasons.bulk} disabled={busy} />}
          {start.isError && !reason.error && <Failed what={t.bulk.failed} error={start.error} />}
          <p role="status" className={css.progress}>
            {progress.data && t.bulk.running(say(progress.data.done), say(progress.data.acting))}
          </p>
          <div className={css.answers}>
            <Button onClick={onClose} disabled={busy}>
              {u.cancel}
            </Button>
            {preview.acting > 0 && (
              <Button variant="filled" type="submit" disabled={busy} {...(danger ? { color: 'err' } : {})}>
                {busy ? u.saving : t.bulk.confirm[choice.act](say(preview.acting))}
              </Button>
            )}
          </div>
        </form>
      )}
    </Dialog>
  );
}
