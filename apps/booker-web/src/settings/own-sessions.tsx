import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useActKey } from '../app/act-key.js';
import { answer, api } from '../app/api.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { Part } from './part.js';
import { type Session, sessionsQuery } from './settings-api.js';
import css from './settings.module.css';
import { useSettingAct } from './use-setting-act.js';

/** Where a person is signed in, roughly; the one in use stands first and is not ended here: that is signing out. */
export function OwnSessions() {
  const all = useWords(settings);
  const t = all.sessions;
  const list = useQuery(sessionsQuery);
  const [sure, setSure] = useState(false);
  const key = useActKey();
  const end = useSettingAct(
    (id: string) => answer(api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } })),
    { touches: ['me'], done: t.ended },
  );
  const endOthers = useSettingAct(
    () =>
      answer(api.POST('/api/v1/me/sessions/end-others', { params: { header: key.header() } })).then((said) => {
        key.answered();
        return said;
      }),
    { touches: ['me'], done: ({ ended }) => t.endedOthers(ended) },
  );
  const rows = [...(list.data?.sessions ?? [])].sort((a, b) => Number(b.current) - Number(a.current));
  const others = rows.filter((s) => !s.current).length;
  const nameOf = (s: Session) => (s.agent === null ? t.unknown : all.agent(s.agent));
  return (
    <Part id="sessions" title={t.title} why={t.why} scope={all.scope.you} also={t.words}>
      {list.isPending && <Loading what={t.list} rows={2} />}
      {list.isError && <Failed what={all.away} error={list.error} retry={() => void list.refetch()} />}
      <ul className={css.list} aria-label={t.title}>
        {rows.map((s) => (
          <li key={s.id}>
            <span>
              <b>
                {nameOf(s)} {s.current && <Badge tone="ok">{t.here}</Badge>}
              </b>
              <small>
                {t.methods[s.method as keyof typeof t.methods] ?? s.method}
                {s.network && ` · ${t.network} ${s.network}`} · {t.since} <TimeText at={s.signedInAt} shape="short" /> ·{' '}
                {t.seen} <TimeText at={s.lastSeenAt} shape="short" />
              </small>
            </span>
            {!s.current && (
              <Button
                size="xs"
                aria-label={t.endOf(nameOf(s))}
                disabled={end.isPending}
                onClick={() => end.mutate(s.id)}
              >
                {t.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others > 0 && (
        <div className={css.row}>
          <Button color="err" onClick={() => setSure(true)}>
            {t.endOthers}
          </Button>
        </div>
      )}
      <ConfirmDialog
        opened={sure}
        danger
        onClose={() => setSure(false)}
        title={t.endOthersTitle}
        confirm={t.endOthersDo}
        busy={endOthers.isPending}
        onConfirm={() => endOthers.mutate(undefined, { onSettled: () => setSure(false) })}
      >
        {t.endOthersEffect(others)}
      </ConfirmDialog>
    </Part>
  );
}
