import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { answer, api, ApiProblem } from '../../app/api.js';
import { NotFound } from '../../app/not-found.js';
import { Page } from '../../ui/page.js';
import { Failed, Loading } from '../../ui/states.js';
import { useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { leads } from '../../words/leads.js';
import { importRoute, type ImportStep } from '../routes.js';
import { CheckStep } from './check-step.js';
import css from './import.module.css';
import { draftOf, type Origin, originOf } from './import-memory.js';
import { MappingStep } from './mapping-step.js';
import { OriginAgain } from './origin-again.js';
import { RunStep } from './run-step.js';
import { Steps } from './steps.js';

export type Mapping = Readonly<Record<string, string | null>>;

const statusOf = (id: string) => answer(api.GET('/api/v1/imports/{id}', { params: { path: { id } } }));
export type ImportStatus = Awaited<ReturnType<typeof statusOf>>;
const fileOf = (id: string) => answer(api.GET('/api/v1/imports/{id}/draft', { params: { path: { id } } }));
export type WaitingFile = Awaited<ReturnType<typeof fileOf>>;

/** An import that has its address: whoever opens it goes on where it stands. */
export function ImportScreen() {
  const { importId } = useParams({ from: '/frame/leads/imports/$importId' });
  return <OneImport key={importId} id={importId} />;
}

function OneImport({ id }: { readonly id: string }) {
  const t = useWords(importing);
  const l = useWords(leads);
  const { step } = importRoute.useSearch();
  const status = useQuery({ queryKey: ['import', id], queryFn: () => statusOf(id), gcTime: 0 });
  if (status.error instanceof ApiProblem && status.error.status === 404) return <NotFound />;
  const waiting = status.data?.state === 'waiting';
  const at: ImportStep = !waiting ? 'run' : step === 'origin' || step === 'check' ? step : 'mapping';
  return (
    <Page title={t.title} tab={t.tab} crumbs={[{ label: l.title, to: '/leads' }]}>
      <div className={css.narrow}>
        <Steps now={at} />
        {status.isPending && <Loading rows={6} />}
        {status.isError && <Failed what={t.away} error={status.error} retry={() => void status.refetch()} />}
        {status.data &&
          (waiting ? (
            <Waiting id={id} engagementId={status.data.engagementId} at={at} />
          ) : (
            <RunStep id={id} first={status.data} />
          ))}
      </div>
    </Page>
  );
}

/** Steps 2 to 4 of a file that is with the server. What is filled in is kept there, a moment after it was typed, under the file's own key. */
function Waiting({
  id,
  engagementId,
  at,
}: {
  readonly id: string;
  readonly engagementId: string;
  readonly at: ImportStep;
}) {
  const t = useWords(importing);
  const file = useQuery({
    queryKey: ['import', id, 'draft'],
    queryFn: () => fileOf(id),
    gcTime: 0,
    staleTime: Infinity,
  });
  if (file.isPending) return <Loading rows={6} />;
  if (file.isError) return <Failed what={t.away} error={file.error} retry={() => void file.refetch()} />;
  return <Filled id={id} engagementId={engagementId} at={at} file={file.data} />;
}

function Filled({
  id,
  engagementId,
  at,
  file,
}: {
  readonly id: string;
  readonly engagementId: string;
  readonly at: ImportStep;
  readonly file: WaitingFile;
}) {
  const t = useWords(importing);
  const go = useNavigate();
  const queries = useQueryClient();
  const kept = file.draft as (Partial<ReturnType<typeof draftOf>> & { mapping?: Mapping }) | null;
  const [origin, setOrigin] = useState<Origin>(() => originOf(engagementId, kept));
  const [mapping, setMapping] = useState<Mapping>(() => ({ ...(file.mapping as Mapping), ...kept?.mapping }));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(Object.keys(kept?.mapping ?? {}).filter((c) => kept!.mapping![c] !== (file.mapping as Mapping)[c])),
  );
  const keep = useMutation({
    mutationFn: () =>
      answer(
        api.PUT('/api/v1/imports/{id}/draft', {
          params: { path: { id } },
          body: { ...draftOf(origin), mapping: { ...mapping } },
        }),
      ),
  });
  const { mutate } = keep;
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return undefined;
    }
    const soon = setTimeout(() => mutate(), 600);
    return () => clearTimeout(soon);
  }, [origin, mapping, mutate]);
  const to = (step: ImportStep) =>
    void go({ to: '/leads/imports/$importId', params: { importId: id }, search: { step } });
  const started = () => {
    void go({ to: '/leads/imports/$importId', params: { importId: id }, search: {} });
    void queries.invalidateQueries({ queryKey: ['import', id], exact: true });
  };
  return (
    <>
      {keep.isError && <p className={css.lost}>{t.draftAway}</p>}
      {at === 'origin' ? (
        <OriginAgain origin={origin} onChange={setOrigin} onNext={() => to('mapping')} />
      ) : at === 'check' ? (
        <CheckStep id={id} origin={origin} mapping={mapping} onBack={() => to('mapping')} onStarted={started} />
      ) : (
        <MappingStep
          file={file}
          engagementId={engagementId}
          supplier={origin.supplier.trim()}
          mapping={mapping}
          chosen={chosen}
          onChange={(column, field) => {
            setMapping({ ...mapping, [column]: field });
            setChosen(new Set([...chosen, column]));
          }}
          onBack={() => to('origin')}
          onNext={() => to('check')}
        />
      )}
    </>
  );
}
