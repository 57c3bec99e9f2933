import { Button } from '@mantine/core';
import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, idempotencyKey } from '../app/api.js';
import { useMe } from '../app/session.js';
import { NotFound } from '../app/not-found.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { CopyableId } from '../ui/copyable-id.js';
import { DataTable } from '../ui/data-table.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { list as andList } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { sync } from '../words/sync.js';
import { ui } from '../words/ui.js';
import { SyncTabs } from './sync-tabs.js';
import css from './sync.module.css';

/** Each service has its own (docs/adr/0003): one that is away hides nothing of the others. */
const SERVICES = ['agency', 'lead-intake', 'scheduling', 'crm-sync', 'retention'] as const;
type Service = (typeof SERVICES)[number];

interface Parked {
  readonly service: Service;
  readonly id: string;
  readonly source: 'event' | 'due';
  readonly type: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly heldAt: string | null;
  readonly waiting: number;
}

export function ParkedScreen() {
  const { role } = useMe();
  return role === 'admin' || role === 'dpo' ? <ParkedList /> : <NotFound />;
}

function ParkedList() {
  const t = useWords(sync);
  const p = t.parked;
  const common = useWords(ui);
  const language = useLanguage();
  const queries = useQueryClient();
  const asked = useQueries({
    queries: SERVICES.map((service) => ({
      queryKey: ['parked', service],
      refetchInterval: 5000,
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Parked[]> => {
        const params = { query: { limit: 200 } };
        const { items } = await answer(api.GET(`/api/v1/${service}/parked-messages` as const, { signal, params }));
        return items.map((item) => ({ ...item, service }));
      },
    })),
  });
  const rows = asked.flatMap((a) => a.data ?? []);
  const away = SERVICES.filter((_, i) => asked[i]!.isError);
  const [skipping, setSkipping] = useState<Parked>();
  const act = useMutation({
    mutationFn: async ({ row, how }: { row: Parked; how: 'replay' | 'skip' }) => {
      const params = { path: { id: row.id }, header: { 'Idempotency-Key': idempotencyKey() } };
      await answer(
        how === 'replay'
          ? api.POST(`/api/v1/${row.service}/parked-messages/{id}/replay` as const, { params })
          : api.POST(`/api/v1/${row.service}/parked-messages/{id}/skip` as const, { params }),
      );
      return how === 'replay' ? p.replayed : t.skipped;
    },
    onSuccess: (said) => tell(said),
    onError: () => tell(common.failed, { tone: 'err' }),
    onSettled: () => {
      setSkipping(undefined);
      return queries.invalidateQueries({ queryKey: ['parked'] });
    },
  });
  return (
    <Page fill title={t.parkedMessages} tab={t.parkedMessages} crumbs={[{ label: t.title, to: '/sync' }]} sub={p.sub}>
      <SyncTabs />
      {asked.some((a) => a.isPending) && rows.length === 0 && <Loading what={t.rows} rows={6} />}
      {away.length > 0 && (
        <Failed
          what={p.some(andList(language, away))}
          error={asked.find((a) => a.isError)?.error}
          retry={() => void queries.invalidateQueries({ queryKey: ['parked'] })}
        />
      )}
      {asked.every((a) => a.isSuccess) && rows.length === 0 && <Empty>{p.none}</Empty>}
      {rows.length > 0 && (
        <div className={css.table}>
          <DataTable
            label={t.parkedMessages}
            count={rows.length}
            row={(i) => rows[i]}
            rowKey={(r) => r.id}
            rowHeight={48}
            columns={[
              { id: 'service', header: p.columns.service, width: '120px', cell: (r) => r.service },
              {
                id: 'type',
                header: p.columns.type,
                width: 'minmax(220px, 1.2fr)',
                cell: (r) => (
                  <span className={css.two}>
                    <b>{r.type}</b>
                    <span>{r.source === 'due' ? p.work : p.event}</span>
                  </span>
                ),
              },
              { id: 'id', header: 'Id', width: '150px', cell: (r) => <CopyableId id={r.id} short /> },
              { id: 'error', header: p.columns.error, width: 'minmax(140px, 1fr)', cell: (r) => r.error ?? '–' },
              { id: 'tries', header: t.columns.tries, width: '72px', align: 'end', cell: (r) => r.attempts },
              { id: 'waiting', header: p.columns.waiting, width: '110px', align: 'end', cell: (r) => r.waiting },
              {
                id: 'heldAt',
                header: p.columns.heldAt,
                width: '148px',
                cell: (r) => (r.heldAt ? <TimeText at={r.heldAt} shape="short" /> : '–'),
              },
              {
                id: 'acts',
                header: common.toDo,
                width: '320px',
                cell: (r) => (
                  <span className={css.rowActs}>
                    <Button size="xs" disabled={act.isPending} onClick={() => act.mutate({ row: r, how: 'replay' })}>
                      {p.replay}
                    </Button>
                    <Button size="xs" color="err" disabled={act.isPending} onClick={() => setSkipping(r)}>
                      {p.skip}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        </div>
      )}
      <ConfirmDialog
        opened={skipping !== undefined}
        onClose={() => setSkipping(undefined)}
        title={p.skipTitle}
        confirm={p.skip}
        danger
        busy={act.isPending}
        onConfirm={() => skipping && act.mutate({ row: skipping, how: 'skip' })}
      >
        {p.skipEffect}
      </ConfirmDialog>
    </Page>
  );
}
