import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { saveFile } from '../app/save-file.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { KeyValue } from '../ui/section.js';
import { Failed } from '../ui/states.js';
import { tell } from '../ui/toasts.js';
import { number } from '../words/formats.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './audit.module.css';
import { type Exported, exportOf, MOST_ROWS } from './export.js';
import type { AuditSearch } from './routes.js';
import { actLabel, type Saying } from './sentence.js';
import { filterOf, trailsOf } from './trails.js';

/** Says what leaves before it does, and of which choice. */
export function ExportDialog({
  search,
  say,
  onClose,
}: {
  readonly search: AuditSearch;
  readonly say: Saying;
  readonly onClose: () => void;
}) {
  const t = say.t.exported;
  const n = (value: number) => number(say.language, value);
  const [rows, setRows] = useState(0);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const controller = (stop.current = new AbortController());
    return () => controller.abort();
  }, []);
  const run = useMutation({
    mutationFn: () => exportOf(trailsOf(search), filterOf(search), stop.current.signal, setRows),
    onSuccess: (done: Exported) => {
      if (stop.current.signal.aborted) return;
      if (done.rows === 0) return tell(t.nothing, { tone: 'warn' });
      const name = `avtala-audit-${done.file.madeAt.replaceAll(':', '')}.json`;
      saveFile(name, 'application/json', JSON.stringify(done.file));
      tell(done.cut ? t.cut(n(done.rows)) : t.done(n(done.rows)));
      if (done.unsealed) tell(t.unsealed(n(done.unsealed)), { tone: 'wait' });
      onClose();
    },
  });
  return (
    <Dialog opened onClose={onClose} title={t.title} size={520}>
      <div className={css.dialog}>
        <Choice search={search} say={say} />
        <p>{t.what}</p>
        <p>
          {t.ids} {t.most(n(MOST_ROWS))}
        </p>
        {run.isError && !stop.current.signal.aborted && <Failed what={t.away} error={run.error} />}
        <div className={css.answers}>
          <span role="status" className={css.meta}>
            {run.isPending ? t.progress(n(rows)) : ''}
          </span>
          <Button onClick={onClose}>{t.stop}</Button>
          <Button variant="filled" disabled={run.isPending} onClick={() => run.mutate()} data-autofocus>
            {t.confirm}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Choice({ search, say }: { readonly search: AuditSearch; readonly say: Saying }) {
  const { filters: f, exported } = say.t;
  const logs = useWords(shell).chain.logs;
  const pairs = [
    ...(search.who ? [[f.who, say.staff.get(search.who) ?? search.who] as const] : []),
    ...(search.act ? [[f.act, actLabel(search.act, say)] as const] : []),
    ...(search.lead ? [[f.lead, <code key="lead">{search.lead}</code>] as const] : []),
    ...(search.from ? [[f.from, search.from] as const] : []),
    ...(search.to ? [[f.to, search.to] as const] : []),
    ...(search.service ? [[f.service, logs[search.service]] as const] : []),
  ];
  return pairs.length ? <KeyValue inline pairs={pairs} /> : <p>{exported.all}</p>;
}
