import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ApiProblem } from '../app/api.js';
import { NotFound } from '../app/not-found.js';
import { useKeys } from '../keys/use-keys.js';
import { Page } from '../ui/page.js';
import { Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { ClockTab } from './clock-tab.js';
import { ConnectionsTab } from './connections-tab.js';
import { ContractTab } from './contract-tab.js';
import { engagementQuery, stateOf } from './engagements-api.js';
import { MappingTab } from './mapping-tab.js';
import { engagementRoute, TABS } from './routes.js';
import { RulesTab } from './rules-tab.js';
import css from './engagements.module.css';

const SHOWN = {
  contract: ContractTab,
  rules: RulesTab,
  clock: ClockTab,
  connections: ConnectionsTab,
  mapping: MappingTab,
} as const;

/** One engagement; the tab is part of the address, `[` and `]` go through them. */
export function EngagementScreen() {
  const t = useWords(engagements);
  const { engagementId } = engagementRoute.useParams();
  const { tab = 'contract' } = engagementRoute.useSearch();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(engagementQuery(engagementId));
  const step = (by: 1 | -1) => {
    const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]!;
    void navigate({ to: '/engagements/$engagementId', params: { engagementId }, search: { tab: next }, replace: true });
  };
  useKeys(t.one, [
    { key: '[', does: t.before, run: () => step(-1) },
    { key: ']', does: t.after, run: () => step(1) },
    {
      key: 'Ctrl+Enter',
      does: t.save,
      inFields: true,
      run: () => document.activeElement?.closest('form')?.requestSubmit(),
    },
  ]);
  if (error instanceof ApiProblem && (error.status === 404 || error.status === 400)) return <NotFound />;
  const Shown = SHOWN[tab];
  return (
    <Page
      title={data?.name ?? t.one}
      tab={t.one}
      crumbs={[{ label: t.title, to: '/engagements' }]}
      here={data?.name}
      badge={data && <StatusBadge thing="engagement" state={stateOf(data)} />}
      sub={data?.clientName}
    >
      <nav className={css.tabs} aria-label={t.one}>
        {TABS.map((name) => (
          <Link
            key={name}
            to="/engagements/$engagementId"
            params={{ engagementId }}
            search={{ tab: name }}
            aria-current={name === tab ? 'page' : undefined}
            activeProps={{ 'aria-current': name === tab ? 'page' : undefined }}
            replace
          >
            {t.tabs[name]}
          </Link>
        ))}
      </nav>
      {error && !data && <Failed what={t.away} error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading what={t.rows} rows={8} />}
      {data && <Shown engagement={data} />}
    </Page>
  );
}
