import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { IconDownload } from '@tabler/icons-react';
import { useCallback } from 'react';
import { answer, api } from '../../app/api.js';
import { DataTable } from '../../ui/data-table.js';
import { Section } from '../../ui/section.js';
import { Failed, Loading } from '../../ui/states.js';
import { number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { lead } from '../../words/lead.js';
import { saveFile } from '../../app/save-file.js';
import css from './import.module.css';

const page = (id: string, after: number, limit: number) =>
  answer(api.GET('/api/v1/imports/{id}/rejects', { params: { path: { id }, query: { after, limit } } }));

/** Row, column and reason of what was refused; the value was never kept, so it can be shown nowhere. */
export function Rejects({ id, count }: { readonly id: string; readonly count: number }) {
  const t = useWords(importing);
  const refusals: Readonly<Record<string, string>> = useWords(lead).refusals;
  const language = useLanguage();
  const pages = useInfiniteQuery({
    queryKey: ['import', id, 'rejects'],
    queryFn: ({ pageParam }) => page(id, pageParam, 200),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: count > 0,
    gcTime: 0,
  });
  const items = pages.data?.pages.flatMap((p) => p.items) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const onSight = useCallback(
    (_: number, to: number) => {
      if (hasNextPage && !isFetchingNextPage && to > items.length - 40) void fetchNextPage();
    },
    [hasNextPage, isFetchingNextPage, fetchNextPage, items.length],
  );
  const columnOf = (column: string | null, reason: string) =>
    column ?? (reason === 'columns-mismatch' || reason === 'suppressed' || reason === 'ambiguous' ? t.wholeRow : '–');
  const save = useMutation({
    mutationFn: async () => {
      const lines = [[t.row, t.columnShort, t.reason].map(cell).join(';')];
      for (let after: number | null = 0; after !== null;) {
        const more: Awaited<ReturnType<typeof page>> = await page(id, after, 1000);
        for (const r of more.items)
          lines.push([String(r.row), r.column ?? '', refusals[r.reason] ?? r.reason].map(cell).join(';'));
        after = more.next;
      }
      saveFile(`import-${id}-rejects.csv`, 'text/csv', `\ufeff${lines.join('\r\n')}\r\n`);
    },
  });
  return (
    <Section
      title={t.rejects}
      flush
      aside={
        count > 0 ? (
          <Button
            size="xs"
            onClick={() => save.mutate()}
            disabled={save.isPending}
            leftSection={<IconDownload size={14} aria-hidden />}
          >
            {t.rejectsSave}
          </Button>
        ) : undefined
      }
    >
      <p className={css.faint} style={{ padding: '0 16px 8px' }}>
        {count > 0 ? t.rejectsHelp : t.rejectsNone}
      </p>
      {pages.isError || save.isError ? (
        <Failed what={t.rejectsAway} error={pages.error ?? save.error} retry={() => void pages.refetch()} />
      ) : pages.isPending && count > 0 ? (
        <Loading rows={4} />
      ) : (
        items.length > 0 && (
          <div className={css.rejects} style={{ blockSize: Math.min(420, 36 * (items.length + 1) + 4) }}>
            <DataTable
              label={t.rejects}
              count={Math.max(items.length, pages.hasNextPage ? count : 0)}
              row={(i) => items[i]}
              rowKey={(r) => String(r.row)}
              onSight={onSight}
              columns={[
                { id: 'row', header: t.row, width: '90px', align: 'end', cell: (r) => number(language, r.row) },
                {
                  id: 'column',
                  header: t.columnShort,
                  width: 'minmax(120px, 200px)',
                  cell: (r) => <bdi>{columnOf(r.column, r.reason)}</bdi>,
                },
                {
                  id: 'reason',
                  header: t.reason,
                  width: 'minmax(260px, 1fr)',
                  cell: (r) => refusals[r.reason] ?? r.reason,
                },
              ]}
            />
          </div>
        )
      )}
    </Section>
  );
}

/** RFC 4180; nothing that a spreadsheet would take for a formula. */
const cell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
