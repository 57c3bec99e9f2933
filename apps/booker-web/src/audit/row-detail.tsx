import { ActionIcon, Button } from '@mantine/core';
import { IconDownload, IconShieldCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { answer, api, ApiProblem } from '../app/api.js';
import type { Trail } from '../app/audit-trails.js';
import { saveFile } from '../app/save-file.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { CopyableId } from '../ui/copyable-id.js';
import { KeyHint } from '../ui/key-hint.js';
import { KeyValue } from '../ui/section.js';
import { Failed } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { audit } from '../words/audit.js';
import { number } from '../words/formats.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './audit.module.css';
import { fileOf, provedPage } from './export.js';
import { type Saying, whoOf } from './sentence.js';
import { Parts, SentenceText } from './sentence-text.js';
import type { Entry } from './trails.js';
import { VerdictText } from './verdict.js';
import { verifyExport } from './verify.js';

/** One row: everything it says, and on demand its proof, which is checked here. */
export function RowDetail({
  service,
  id,
  entry,
  say,
  onClose,
}: {
  readonly service: Trail;
  readonly id: string;
  /** Undefined for a row that is not among those on the page, as when its address was opened. */
  readonly entry: Entry | undefined;
  readonly say: Saying;
  readonly onClose: () => void;
}) {
  const d = say.t.detail;
  const [asked, setAsked] = useState(entry === undefined);
  const proof = useQuery({ ...proofQuery(service, id), enabled: asked });
  const prove = () => (asked ? void proof.refetch() : setAsked(true));
  useKeys(say.t.title, [
    { key: 'b', does: d.prove, run: prove, when: !proof.data },
    { key: 'Escape', does: d.close, run: onClose },
  ]);
  const save = () =>
    proof.data && saveFile(`avtala-audit-row-${id}.json`, 'application/json', JSON.stringify(proof.data.file));
  return (
    <aside className={css.aside} aria-label={d.title}>
      <div className={css.asideHead}>
        <h2>{d.title}</h2>
        <ActionIcon variant="subtle" aria-label={d.close} onClick={onClose} aria-keyshortcuts={ariaKeys('Escape')}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      {entry && (
        <p className={css.said}>
          <SentenceText entry={entry} say={say} />
        </p>
      )}
      <div className={css.proof}>
        {!proof.data && (
          <Button
            leftSection={<IconShieldCheck size={16} aria-hidden />}
            rightSection={<KeyHint k="b" />}
            aria-keyshortcuts={ariaKeys('b')}
            disabled={proof.isFetching}
            onClick={prove}
          >
            {proof.isFetching ? d.proving : d.prove}
          </Button>
        )}
        {proof.error && !proof.isFetching && <NoProof error={proof.error} />}
        <div role="status">{proof.data && <VerdictText verdict={proof.data.verdict} row={proof.data.row} />}</div>
        {proof.data && (
          <>
            <Button leftSection={<IconDownload size={16} aria-hidden />} onClick={save}>
              {d.save}
            </Button>
            <p className={css.meta}>{d.asked}</p>
          </>
        )}
      </div>
      {entry ? (
        <Facts entry={{ ...entry, row: entry.row ?? proof.data?.row ?? null }} say={say} />
      ) : (
        proof.data && <pre className={css.canonical}>{proof.data.canonical}</pre>
      )}
    </aside>
  );
}

/** Fetched once, and only when somebody asks: it is a row in the log. */
const proofQuery = (service: Trail, id: string) => ({
  queryKey: ['audit-rows', 'proof', service, id],
  staleTime: Infinity,
  retry: false,
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const proved = await answer(
      api.GET(`/api/v1/${service}/audit/{id}/proof` as const, { signal, params: { path: { id } } }),
    );
    const file = fileOf([provedPage(service, proved.checkpoint, [proved])], { id });
    return {
      file,
      row: proved.row,
      canonical: JSON.stringify(JSON.parse(proved.entry.canonical), null, 2),
      verdict: await verifyExport(JSON.stringify(file)),
    };
  },
});

function NoProof({ error }: { readonly error: unknown }) {
  const d = useWords(audit).detail;
  const said =
    error instanceof ApiProblem
      ? error.code === 'audit-entry-not-sealed'
        ? d.later
        : error.status === 404
          ? d.gone
          : undefined
      : undefined;
  return said ? <p role="alert">{said}</p> : <Failed what={d.away} error={error} />;
}

function Facts({ entry: e, say }: { readonly entry: Entry; readonly say: Saying }) {
  const { t, engagements, roles, language } = say;
  const d = t.detail;
  const logs = useWords(shell).chain.logs;
  const { reason: _said, ...detail } = e.detail;
  const facts = Object.entries(detail).filter(([, value]) => value !== null);
  const pairs: (readonly [string, ReactNode])[] = [
    [
      d.when,
      <span key="when">
        <TimeText at={e.at} shape="seconds" />, <TimeText at={e.at} shape="day" />
      </span>,
    ],
    [d.who, <Parts key="who" parts={whoOf(e.by, say)} />],
  ];
  if (e.by.role) pairs.push([d.role, roles[e.by.role as keyof typeof roles] ?? e.by.role]);
  if (e.by.sessionId) pairs.push([d.session, <CopyableId key="session" id={e.by.sessionId} short />]);
  if (e.by.purpose) pairs.push([d.purpose, <code key="purpose">{e.by.purpose}</code>]);
  if (e.by.event) pairs.push([d.event, <CopyableId key="event" id={e.by.event} short />]);
  if (e.engagementId)
    pairs.push([d.engagement, engagements.get(e.engagementId) ?? <CopyableId key="e" id={e.engagementId} short />]);
  if (e.subjectId) pairs.push([d.subject, <CopyableId key="subject" id={e.subjectId} />]);
  if (e.fields.length) pairs.push([d.fields, <span key="fields" title={d.noValues}>{e.fields.join(', ')}</span>]); // prettier-ignore
  if (facts.length) pairs.push([d.facts, <code key="facts">{facts.map(([k, v]) => `${k}: ${String(v)}`).join(', ')}</code>]); // prettier-ignore
  pairs.push(
    [d.act, <code key="act">{e.act}</code>],
    [d.where, logs[e.service]],
    [d.row, e.row === null ? <span key="row" title={t.unsealedWhy}>{t.unsealed}</span> : number(language, e.row + 1)], // prettier-ignore
    [d.id, <CopyableId key="id" id={e.id} />],
  );
  return <KeyValue inline pairs={pairs} />;
}
