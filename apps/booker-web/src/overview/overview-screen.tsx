import { Button } from '@mantine/core';
import { IconCalendarCheck, IconCalendarDue, IconCalendarX, IconPlugConnected, IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useNow } from '../app/clock.js';
import { CRM_NAMES } from '../words/crm-names.js';
import { engagementsQuery } from '../app/engagements.js';
import { hostsQuery } from '../app/hosts.js';
import { type Meeting, meetingsQuery } from '../app/meetings.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { Figures } from '../ui/figures.js';
import { KeyHint } from '../ui/key-hint.js';
import { Page } from '../ui/page.js';
import lines from '../ui/rows.module.css';
import { Failed, Loading } from '../ui/states.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { overview } from '../words/overview.js';
import { CertificatesCard } from './certificates-card.js';
import { ConnectionsCard } from './connections-card.js';
import { MeetingsCard } from './meetings-card.js';
import { type Crm, crmsQuery } from './overview-api.js';
import { FIRST_FILTER, OverviewFilters } from './overview-filters.js';
import css from './overview.module.css';
import { overviewRoute, type OverviewSearch } from './routes.js';
import { TermsCard } from './terms-card.js';
import { WrittenCard } from './written-card.js';

/** As far ahead as a meeting can be booked. */
const AHEAD_DAYS = 92;

/** What the client bought and what it was promised: its meetings, its connections, its terms, its proof. */
export function OverviewScreen() {
  const t = useWords(overview);
  const search = overviewRoute.useSearch();
  const navigate = useNavigate();
  const now = useNow();
  const today = now.toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const coming = useQuery(meetingsQuery(today.toString(), AHEAD_DAYS, { ...search, state: 'booked' }));
  const ahead = coming.data?.filter((m) => Temporal.Instant.compare(m.startsAt, now) > 0);
  const engagements = useQuery(engagementsQuery);
  const hosts = useQuery(hostsQuery).data?.items ?? [];
  const crms = useQuery(crmsQuery).data?.items ?? [];
  const broken = crms.find((c) => c.state === 'broken');
  const filter = (next: OverviewSearch) => void navigate({ to: '/overview', search: next, replace: true });
  const reconnect = (crm: Crm) =>
    void navigate({
      to: '/engagements/$engagementId',
      params: { engagementId: crm.engagementId },
      search: { tab: 'connections', reconnect: crm.id },
    });
  const own = engagements.data?.items;
  const shown = search.engagement ? own?.filter((e) => e.id === search.engagement) : own;
  useKeys(t.title, [
    {
      ...{ key: '/', does: t.filters.engagement, run: () => document.getElementById(FIRST_FILTER)?.focus() },
      when: (own?.length ?? 0) > 1 || hosts.length > 1,
    },
    {
      ...{ key: 'r', does: t.connections.reconnect(broken ? CRM_NAMES[broken.kind] : '') },
      ...{ run: () => broken && reconnect(broken), when: broken !== undefined },
    },
  ]);
  return (
    <Page
      title={t.title}
      tab={t.title}
      sub={own?.[0] ? `${own[0].clientName}. ${t.sub}` : t.sub}
      actions={
        <>
          <OverviewFilters search={search} engagements={own ?? []} hosts={hosts} filter={filter} />
          {broken && (
            <Button
              variant="filled"
              onClick={() => reconnect(broken)}
              leftSection={<IconPlugConnected size={16} aria-hidden />}
              aria-keyshortcuts={ariaKeys('r')}
            >
              {t.connections.reconnect(CRM_NAMES[broken.kind])} <KeyHint k="r" />
            </Button>
          )}
        </>
      }
    >
      <Month search={search} today={today} ahead={ahead} />
      <div className={css.columns}>
        <div className={lines.stack}>
          <MeetingsCard
            meetings={ahead}
            error={coming.error}
            retry={() => void coming.refetch()}
            filtered={search.engagement !== undefined || search.host !== undefined}
          />
          {engagements.isPending && <Loading what={t.terms.rows} rows={4} />}
          {engagements.isError && !own && (
            <Failed what={t.away} error={engagements.error} retry={() => void engagements.refetch()} />
          )}
          {shown?.map((e) => (
            <TermsCard key={e.id} engagement={e} />
          ))}
          <WrittenCard crms={crms} />
        </div>
        <div className={lines.stack}>
          <ConnectionsCard reconnect={reconnect} />
          <CertificatesCard />
        </div>
      </div>
    </Page>
  );
}

/** What is ahead, and what became of this calendar month's meetings: the period that is paid for. */
function Month({
  search,
  today,
  ahead,
}: {
  readonly search: OverviewSearch;
  readonly today: Temporal.PlainDate;
  readonly ahead: readonly Meeting[] | undefined;
}) {
  const t = useWords(overview).figures;
  const language = useLanguage();
  const first = today.with({ day: 1 });
  const month = useQuery(meetingsQuery(first.toString(), first.daysInMonth, search)).data;
  const count = (state: string) => {
    const n = month?.filter((m) => m.state === state).length;
    return n === undefined ? '–' : number(language, n);
  };
  return (
    <Figures
      figures={[
        { label: t.coming, value: ahead ? number(language, ahead.length) : '–', icon: IconCalendarDue },
        { label: t.held, value: count('held'), icon: IconCalendarCheck },
        { label: t.missed, value: count('missed'), icon: IconUserOff },
        { label: t.cancelled, value: count('cancelled'), icon: IconCalendarX },
      ]}
    />
  );
}
