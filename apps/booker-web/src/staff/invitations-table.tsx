import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useActKeys } from '../app/act-key.js';
import { answer, api } from '../app/api.js';
import { type Invitation, staffQuery } from '../app/staff.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { DataTable } from '../ui/data-table.js';
import { Empty } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { staff } from '../words/staff.js';
import css from './staff.module.css';
import { useProblemWords } from './use-account-acts.js';

/** Invitations nobody has accepted: a new link, or none any more. */
export function InvitationsTable({
  invitations,
  onAgain,
}: {
  readonly invitations: readonly Invitation[];
  readonly onAgain: (invitation: Invitation) => void;
}) {
  const t = useWords(staff).sent;
  const roles = useWords(shell).roles;
  const title = useWords(staff).invitations;
  const problemOf = useProblemWords();
  const queries = useQueryClient();
  const keys = useActKeys();
  const [asking, setAsking] = useState<Invitation>();
  const withdraw = useMutation({
    mutationFn: ({ id }: Invitation) =>
      answer(
        api.POST('/api/v1/staff/invitations/{id}/withdraw', {
          params: { path: { id }, header: keys.header(id) },
        }),
      ),
    onSuccess: () => {
      tell(t.done);
      setAsking(undefined);
    },
    onError: (error) => tell(problemOf(error), { tone: 'err' }),
    onSettled: (_said, error, { id }) => {
      keys.answered(id, error ?? undefined);
      return queries.invalidateQueries({ queryKey: staffQuery.queryKey });
    },
  });
  return (
    <div className={css.table}>
      {invitations.length === 0 ? (
        <Empty>{t.none}</Empty>
      ) : (
        <DataTable
          label={title}
          count={invitations.length}
          row={(i) => invitations[i]}
          rowKey={(i) => i.id}
          rowHeight={48}
          onOpen={onAgain}
          columns={[
            { id: 'email', header: t.columns.email, width: 'minmax(220px, 1fr)', cell: (i) => <b>{i.email}</b> },
            { id: 'role', header: t.columns.role, width: '160px', cell: (i) => roles[i.role] },
            {
              id: 'state',
              header: t.columns.state,
              width: '170px',
              cell: (i) => <StatusBadge thing="invitation" state={i.state} />,
            },
            {
              id: 'until',
              header: t.columns.until,
              width: '160px',
              cell: (i) => <TimeText at={i.expiresAt} shape="short" />,
            },
            {
              id: 'acts',
              header: t.columns.acts,
              width: '230px',
              cell: (i) => (
                <span className={css.rowActs}>
                  <Button size="xs" onClick={() => onAgain(i)} aria-haspopup="dialog">
                    {t.again}
                  </Button>
                  <Button size="xs" color="err" onClick={() => setAsking(i)} aria-haspopup="dialog">
                    {t.withdraw}
                  </Button>
                </span>
              ),
            },
          ]}
        />
      )}
      <ConfirmDialog
        opened={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={t.title}
        confirm={t.confirm}
        danger
        busy={withdraw.isPending}
        onConfirm={() => asking && withdraw.mutate(asking)}
      >
        <p>
          <b>{asking?.email}</b>
        </p>
        <p>{t.effect}</p>
      </ConfirmDialog>
    </div>
  );
}
