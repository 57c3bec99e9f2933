import { Button, FileButton } from '@mantine/core';
import { IconDownload, IconFileCheck, IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Trail } from '../app/audit-trails.js';
import { answeredAt, businessNow } from '../app/clock.js';
import { useMe } from '../app/session.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useMoreInSight } from '../ui/more-in-sight.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { list as andList } from '../words/formats.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { say as sayTime } from '../words/times.js';
import css from './audit.module.css';
import { AuditFilters } from './audit-filters.js';
import { AuditTable } from './audit-table.js';
import { ChainCard } from './chain-card.js';
import { ExportDialog } from './export-dialog.js';
import { type AuditSearch, auditRoute } from './routes.js';
import { RowDetail } from './row-detail.js';
import { rowsQuery } from './trails.js';
import { useSaying } from './use-saying.js';
import { VerdictText } from './verdict.js';
import { type Verdict, verifyExport } from './verify.js';

/** Who did what to which id, and why: the five trails as one, newest first, filters in the address. */
export function AuditScreen() {
  const say = useSaying();
  const { t, language } = say;
  const seesAll = useMe().role === 'dpo';
  const logs = useWords(shell).chain.logs;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const search = auditRoute.useSearch();
  const change = useCallback(
    (next: { readonly [K in keyof AuditSearch]: AuditSearch[K] | undefined }) =>
      void navigate({
        to: '/audit',
        search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, v]) => v !== undefined)),
        replace: true,
      }),
    [navigate, search],
  );
  const filter = (next: Parameters<typeof change>[0]) => change({ ...next, open: undefined });
  const { open: _row, ...chosen } = search;

  const query = rowsQuery(search);
  const list = useInfiniteQuery(query);
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.rows) ?? [], [list.data]);
  const away = list.data?.pages.at(-1)?.away ?? [];
  const onSight = useMoreInSight(list, rows.length);
  const anew = () => void queries.resetQueries({ queryKey: query.queryKey });
  const [exporting, setExporting] = useState(false);
  const [verdict, setVerdict] = useState<Verdict>();
  const pickAgain = useRef<() => void>(null);
  useKeys(t.title, [
    { key: 'e', does: t.exported.act, run: () => setExporting(true) },
    { key: 'n', does: t.anew, run: anew },
  ]);
  const [service, id] = (search.open?.split(':') ?? []) as [Trail?, string?];
  const readAt = sayTime(
    answeredAt(list.dataUpdatedAt).toZonedDateTimeISO(AGENCY_ZONE),
    'time',
    language,
    businessNow(),
  );

  return (
    <Page
      fill
      title={t.title}
      tab={t.title}
      sub={seesAll ? t.sub : t.subOwn}
      live={list.data ? t.asOf(readAt) : undefined}
      actions={
        <>
          <Button
            onClick={anew}
            disabled={list.isFetching}
            leftSection={<IconRefresh size={16} aria-hidden />}
            rightSection={<KeyHint k="n" />}
            aria-keyshortcuts={ariaKeys('n')}
          >
            {t.anew}
          </Button>
          <FileButton
            accept="application/json,.json"
            resetRef={pickAgain}
            onChange={(file) => {
              if (file) void file.text().then(verifyExport).then(setVerdict);
              pickAgain.current?.(); // the same file may have changed meanwhile
            }}
          >
            {(props) => (
              <Button {...props} leftSection={<IconFileCheck size={16} aria-hidden />}>
                {t.check.act}
              </Button>
            )}
          </FileButton>
          <Button
            variant="filled"
            onClick={() => setExporting(true)}
            leftSection={<IconDownload size={16} aria-hidden />}
            rightSection={<KeyHint k="e" />}
            aria-keyshortcuts={ariaKeys('e')}
            aria-haspopup="dialog"
          >
            {t.exported.act}
          </Button>
        </>
      }
    >
      <ChainCard />
      <div role="status" aria-label={t.verdict} className={verdict ? undefined : 'visually-hidden'}>
        {verdict && (
          <div className={css.checked}>
            <VerdictText verdict={verdict} />
            <Button size="xs" variant="subtle" onClick={() => setVerdict(undefined)}>
              {t.check.close}
            </Button>
          </div>
        )}
      </div>
      <AuditFilters search={search} say={say} onChange={filter} />
      {list.isPending && <Loading what={t.list} rows={8} height={48} />}
      {list.isError && !list.data && <Failed what={t.away} error={list.error} retry={anew} />}
      {
        away.length > 0 &&
        <Failed what={t.some(andList(language, away.map((s) => logs[s])))} error={undefined} retry={anew} /> // prettier-ignore
      }
      {list.data && (
        <div className={css.split} data-open={search.open ? true : undefined}>
          {rows.length === 0 && !list.hasNextPage ? (
            <div className={css.table}>
              <Empty
                action={Object.keys(chosen).length > 0 && <Button onClick={() => void navigate({ to: '/audit' })}>{t.clear}</Button>} // prettier-ignore
              >
                {t.none}
              </Empty>
            </div>
          ) : (
            <AuditTable
              key={JSON.stringify(chosen)}
              rows={rows}
              more={list.hasNextPage}
              say={say}
              onSight={onSight}
              onOpen={(row) => change({ open: `${row.service}:${row.id}` })}
            />
          )}
          {service && id && (
            <RowDetail
              key={search.open}
              service={service}
              id={id}
              entry={rows.find((r) => r.id === id)}
              say={say}
              onClose={() => change({ open: undefined })}
            />
          )}
        </div>
      )}
      {exporting && <ExportDialog search={search} say={say} onClose={() => setExporting(false)} />}
    </Page>
  );
}
