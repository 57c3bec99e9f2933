import { Button, FileButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { IconUpload } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { certificateText, saveCertificate } from '../app/certificates.js';
import { useEngagementNames } from '../app/engagements.js';
import { type Verdict, verifyCertificate } from '../app/verify-certificate.js';
import { VerdictText } from '../ui/certificate-check.js';
import { DataTable } from '../ui/data-table.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import { ordersQuery } from './orders.js';
import css from './privacy.module.css';

export function CertificatesScreen() {
  const t = useWords(privacy);
  const c = t.cert;
  const language = useLanguage();
  const list = useInfiniteQuery(ordersQuery());
  const rows = useMemo(
    () => list.data?.pages.flatMap((p) => p.items).filter((o) => o.finishedAt !== null) ?? [],
    [list.data],
  );
  const names = useEngagementNames();
  const [verdict, setVerdict] = useState<Verdict>();
  const check = (text: Promise<string>) => void text.then(verifyCertificate).then(setVerdict);
  return (
    <Page
      fill
      title={t.certificates}
      tab={t.certificates}
      crumbs={[{ label: t.title, to: '/privacy-centre' }]}
      sub={c.sub}
      actions={
        <FileButton accept="application/json,.json" onChange={(file) => file && check(file.text())}>
          {(props) => (
            <Button {...props} variant="filled" leftSection={<IconUpload size={16} aria-hidden />}>
              {c.fromFile}
            </Button>
          )}
        </FileButton>
      }
    >
      <div role="status">{verdict && <VerdictText verdict={verdict} />}</div>
      {list.isPending && <Loading what={c.rows} rows={6} />}
      {list.isError && !list.data && <Failed what={c.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty>{c.none}</Empty>}
      {rows.length > 0 && (
        <div className={css.table}>
          <DataTable
            label={t.certificates}
            count={rows.length}
            row={(i) => rows[i]}
            rowKey={(o) => o.id}
            rowHeight={48}
            columns={[
              {
                id: 'finished',
                header: c.columns.finished,
                width: '150px',
                cell: (o) => <TimeText at={o.finishedAt!} shape="short" />,
              },
              {
                id: 'what',
                header: c.columns.what,
                width: 'minmax(220px, 1fr)',
                cell: (o) => (
                  <span className={css.two}>
                    <b>{names.get(o.engagementId) ?? o.engagementId.slice(0, 8)}</b>
                    <span>{o.scope === 'lead' ? t.list.person : t.start.ofEngagement}</span>
                  </span>
                ),
              },
              {
                id: 'people',
                header: c.columns.people,
                width: '90px',
                align: 'end',
                cell: (o) => number(language, o.leads),
              },
              {
                id: 'outcome',
                header: c.columns.outcome,
                width: '150px',
                cell: (o) => <StatusBadge thing="erasure" state={o.state === 'completed' ? 'done' : 'incomplete'} />,
              },
              {
                id: 'act',
                header: c.columns.act,
                width: '240px',
                cell: (o) => (
                  <span className={css.segments}>
                    <Button size="xs" onClick={() => check(certificateText(o.id))}>
                      {c.check}
                    </Button>
                    <Button size="xs" onClick={() => void saveCertificate(o.id)}>
                      {c.download}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        </div>
      )}
    </Page>
  );
}
