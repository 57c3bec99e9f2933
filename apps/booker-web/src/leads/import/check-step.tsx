import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, ApiProblem, idempotencyKey } from '../../app/api.js';
import { useKeys } from '../../keys/use-keys.js';
import { KeyHint } from '../../ui/key-hint.js';
import { Section } from '../../ui/section.js';
import { Failed, Loading } from '../../ui/states.js';
import { list, number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { lead } from '../../words/lead.js';
import { ui } from '../../words/ui.js';
import css from './import.module.css';
import { type Origin, statedOf } from './import-memory.js';
import type { Mapping } from './import-screen.js';

/** Step 4. What the run would do, in figures and by reason. Nothing is stored. */
export function CheckStep({
  id,
  origin,
  mapping,
  onBack,
  onStarted,
}: {
  readonly id: string;
  readonly origin: Origin;
  readonly mapping: Mapping;
  readonly onBack: () => void;
  readonly onStarted: () => void;
}) {
  const t = useWords(importing);
  const u = useWords(ui);
  const refusals: Readonly<Record<string, string>> = useWords(lead).refusals;
  const language = useLanguage();
  const say = (n: number) => number(language, n);
  const [key] = useState(idempotencyKey);
  const body = { ...statedOf(origin), mapping: { ...mapping } };
  const look = useQuery({
    queryKey: ['import', id, 'dry-run'],
    queryFn: () => answer(api.POST('/api/v1/imports/{id}/dry-run', { params: { path: { id } }, body })),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: (n, e) => e instanceof ApiProblem && e.code === 'too-many-dry-runs' && n < 5,
    retryDelay: 2000,
  });
  const start = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/imports/{id}/confirm', {
          params: { path: { id }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    onSuccess: onStarted,
  });
  const seen = look.data;
  const refused = seen?.refused.reduce((n, r) => n + r.rows, 0) ?? 0;
  const ready = seen !== undefined && seen.accepted + seen.merged > 0 && !start.isPending;
  const run = () => {
    if (ready) start.mutate();
  };
  useKeys(t.title, [
    { key: 'Ctrl+Enter', does: t.runPart, run, when: ready, inFields: true },
    { key: 'Escape', does: t.back, run: onBack, when: !start.isPending },
  ]);
  return (
    <>
      <Section title={t.checkTitle} aside={t.checkNothing}>
        {look.isPending && <Loading rows={4} what={t.checking} />}
        {look.isError && (
          <Failed
            what={sentence(look.error, t) ?? t.checkFailed}
            error={look.error}
            retry={() => void look.refetch()}
          />
        )}
        {seen && (
          <div className={css.stack}>
            <dl className={css.figures} role="status">
              <div>
                <dt>{t.in}</dt>
                <dd>{say(seen.accepted)}</dd>
              </div>
              <div>
                <dt>
                  {t.merged}
                  <br />
                  <span className={css.faint}>{t.mergedHelp}</span>
                </dt>
                <dd>{say(seen.merged)}</dd>
              </div>
              <div>
                <dt>{t.refused}</dt>
                <dd>{say(refused)}</dd>
              </div>
            </dl>
            {!seen.complete && <p className={css.faint}>{t.checkPart(say(seen.rows))}</p>}
            {refused > 0 && (
              <table className={css.table}>
                <thead>
                  <tr>
                    <th scope="col">{t.reason}</th>
                    <th scope="col">{t.rows}</th>
                  </tr>
                </thead>
                <tbody>
                  {[...seen.refused]
                    .sort((a, b) => b.rows - a.rows)
                    .map((r) => (
                      <tr key={r.reason}>
                        <td>{refusals[r.reason] ?? r.reason}</td>
                        <td>{say(r.rows)}</td>
                      </tr>
                    ))}
                </tbody>
              </table>
            )}
            {seen.notTakenIn.length > 0 && (
              <p className={css.faint}>
                {t.left}: <s>{list(language, seen.notTakenIn)}</s>
              </p>
            )}
            {seen.accepted + seen.merged === 0 && <p>{t.checkNone}</p>}
          </div>
        )}
      </Section>
      {start.isError && <Failed what={sentence(start.error, t) ?? t.runFailed} error={start.error} retry={run} />}
      <div className={css.acts}>
        <Button onClick={onBack} disabled={start.isPending}>
          {t.back}
        </Button>
        <Button
          variant="filled"
          onClick={run}
          disabled={!ready}
          aria-keyshortcuts="Control+Enter"
          rightSection={<KeyHint k="Ctrl+Enter" />}
        >
          {start.isPending ? u.saving : seen?.complete ? t.run(say(seen.accepted)) : t.runPart}
        </Button>
      </div>
    </>
  );
}

function sentence(error: unknown, t: (typeof importing)['sv']): string | undefined {
  const code = error instanceof ApiProblem ? error.code : '';
  if (code === 'consent-unproven') return t.consentUnproven;
  if (code === 'assessment-missing') return t.assessmentMissing;
  if (code === 'engagement-ended' || code === 'engagement-not-open') return t.engagementEnded;
  return code === 'too-many-dry-runs' ? t.checkBusy : undefined;
}
