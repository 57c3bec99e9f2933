import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useMe } from '../app/session.js';
import { useTab } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import css from './calling.module.css';
import { CallingDesk } from './calling-desk.js';
import { callingRoute } from './routes.js';
import { useEngagements } from './use-desk.js';

/** Ringa. Which engagement is called for stands in the address; without one it is the first that runs. */
export function CallingScreen() {
  const t = useWords(calling);
  const me = useMe();
  const navigate = useNavigate();
  const { engagement } = callingRoute.useSearch();
  const engagements = useEngagements();
  useTab(t.title);
  const own = engagements.data?.items.filter((e) => me.engagementIds.includes(e.id)) ?? [];
  const current = own.find((e) => e.id === engagement) ?? own.find((e) => e.startedAt && !e.endedAt) ?? own[0];
  useEffect(() => {
    if (current && current.id !== engagement)
      void navigate({ to: '/calling', search: { engagement: current.id }, replace: true });
  }, [current, engagement, navigate]);
  if (current)
    return (
      <CallingDesk
        key={current.id}
        engagement={current}
        engagements={own}
        change={(id) => void navigate({ to: '/calling', search: { engagement: id } })}
      />
    );
  return (
    <div className={css.alone}>
      <h1>{t.title}</h1>
      {engagements.isPending && <Loading rows={6} what={t.queue.loading} />}
      {engagements.isError && (
        <Failed what={t.queue.away} error={engagements.error} retry={() => void engagements.refetch()} />
      )}
      {engagements.data && <Empty>{t.noEngagement}</Empty>}
    </div>
  );
}
