import { CloseButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useKeys } from '../keys/use-keys.js';
import { DataTable } from '../ui/data-table.js';
import { KeyValue } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { sandbox } from '../words/sandbox.js';
import css from './sandbox.module.css';
import { recordsQuery, type Vendor, type VendorRecord } from './sandbox-api.js';

/** The vendor's own records, the last changed first; one opens with all its fields. */
export function RecordList({
  vendor,
  open,
  onOpen,
}: {
  readonly vendor: Vendor;
  readonly open: string | undefined;
  readonly onOpen: (id?: string) => void;
}) {
  const t = useWords(sandbox).vendors;
  const language = useLanguage();
  const list = useQuery(recordsQuery(vendor));
  useKeys(t.views[vendor], [{ key: 'Escape', does: t.close, run: () => onOpen(), when: open !== undefined }]);
  if (list.isPending) return <Loading what={t.rows} rows={8} />;
  if (!list.data) return <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />;
  const { items, total } = list.data;
  const shown = items.find((r) => r.id === open);
  if (items.length === 0) return <Empty>{t.none}</Empty>;
  return (
    <div className={css.records}>
      <p className={css.meta}>{t.count(number(language, total))}</p>
      <div className={css.table}>
        <DataTable
          label={t.views[vendor]}
          count={items.length}
          row={(i) => items[i]}
          rowKey={(r) => `${r.account} ${r.object} ${r.id}`}
          onOpen={(r) => onOpen(r.id)}
          columns={[
            { id: 'object', header: t.object, width: '100px', cell: (r) => r.object },
            { id: 'id', header: t.id, width: 'minmax(110px, 1fr)', cell: (r) => <code>{r.id}</code> },
            { id: 'account', header: t.account, width: 'minmax(100px, 1fr)', cell: (r) => r.account },
            { id: 'state', header: t.state, width: '150px', cell: (r) => <State record={r} /> },
            { id: 'by', header: t.by, width: '100px', cell: (r) => (r.createdBy === 'app' ? t.byApp : t.byUser) },
            {
              id: 'changed',
              header: t.changed,
              width: '164px',
              cell: (r) => <TimeText at={r.changedAt} shape="short" />,
            },
          ]}
        />
      </div>
      {shown && (
        <section className={css.aside} aria-label={t.detail}>
          <header className={css.asideHead}>
            <h2>
              {shown.object} <code>{shown.id}</code>
            </h2>
            <CloseButton aria-label={t.close} onClick={() => onOpen()} />
          </header>
          <State record={shown} />
          <KeyValue
            pairs={Object.entries(shown.fields).map(([name, value]) => [
              name,
              value === null || value === '' ? '–' : typeof value === 'string' ? value : JSON.stringify(value),
            ])}
          />
        </section>
      )}
    </div>
  );
}

function State({ record }: { readonly record: VendorRecord }) {
  const t = useWords(sandbox).vendors;
  return <Badge tone={record.state === 'live' ? 'ok' : 'grey'}>{t[record.state]}</Badge>;
}
