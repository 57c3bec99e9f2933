import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { NotFound } from '../app/not-found.js';
import { useMe } from '../app/session.js';
import { useKeys } from '../keys/use-keys.js';
import { DataTable } from '../ui/data-table.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { sandbox } from '../words/sandbox.js';
import { MailDetail } from './mail-detail.js';
import { sandboxMailRoute, type MailSearch } from './routes.js';
import css from './sandbox.module.css';
import { mailQuery } from './sandbox-api.js';

const MOST = 200;

/** Everybody's mail, as it was sent; it can be answered as the one who reads it. */
export function MailScreen() {
  return useMe().role === 'client' ? <NotFound /> : <Inbox />;
}

function Inbox() {
  const t = useWords(sandbox).mail;
  const search = sandboxMailRoute.useSearch();
  const navigate = useNavigate();
  const [limit, setLimit] = useState(50);
  const list = useQuery(mailQuery(search.box, limit));
  const go = ({ box, open }: { [K in keyof MailSearch]: MailSearch[K] | undefined }) =>
    void navigate({
      to: '/sandbox-mail',
      search: { ...(box ? { box } : {}), ...(open ? { open } : {}) },
      replace: true,
    });
  useKeys(t.title, [
    { key: 'Escape', does: t.close, run: () => go({ box: search.box }), when: search.open !== undefined },
  ]);
  const items = list.data?.items ?? [];
  return (
    <Page fill title={t.title} tab={t.title} sub={t.sub}>
      <Select
        className={css.filter}
        label={t.box}
        placeholder={t.anyBox}
        clearable
        searchable
        data={list.data?.mailboxes.map((m) => ({ value: m.id, label: `${m.address} (${m.messages})` })) ?? []}
        value={search.box ?? null}
        onChange={(box) => go({ box: box ?? undefined })}
      />
      {list.isPending && <Loading what={t.rows} rows={8} />}
      {list.isError && !list.data && <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && items.length === 0 && <Empty>{t.none}</Empty>}
      {items.length > 0 && (
        <div className={css.split} data-open={search.open ? true : undefined}>
          <div className={css.table}>
            <DataTable
              label={t.list}
              count={items.length}
              row={(i) => items[i]}
              rowKey={(m) => m.id}
              rowHeight={48}
              onOpen={(m) => go({ box: search.box, open: m.id })}
              columns={[
                {
                  id: 'sent',
                  header: t.sent,
                  width: '160px',
                  cell: (m) => (m.sentAt ? <TimeText at={m.sentAt} shape="short" /> : '–'),
                },
                {
                  id: 'subject',
                  header: t.subject,
                  width: 'minmax(200px, 2fr)',
                  cell: (m) => (
                    <span className={css.two}>
                      <b>{m.subject || t.noSubject}</b>
                      <span>{kindOf(m.calendar?.method, t)}</span>
                    </span>
                  ),
                },
                { id: 'to', header: t.to, width: 'minmax(160px, 1fr)', cell: (m) => m.address },
              ]}
            />
            {list.data && list.data.total > items.length && limit < MOST && (
              <Button variant="subtle" onClick={() => setLimit(MOST)}>
                {t.more}
              </Button>
            )}
          </div>
          {search.open && <MailDetail key={search.open} id={search.open} onClose={() => go({ box: search.box })} />}
        </div>
      )}
    </Page>
  );
}

const kindOf = (method: string | undefined, t: typeof sandbox.sv.mail): string =>
  method === undefined ? t.plain : ((t.kinds as Readonly<Record<string, string>>)[method] ?? method);
