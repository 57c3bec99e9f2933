import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { answeredAt, useNow } from '../app/clock.js';
import { useEngagementNames } from '../app/engagements.js';
import { useMe } from '../app/session.js';
import { hostsQuery } from '../app/hosts.js';
import { type Meeting, meetingsQuery, typesQuery } from '../app/meetings.js';
import { useKeys } from '../keys/use-keys.js';
import { FilterChips } from '../ui/filter-chips.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { PHONE_PX, useNarrow } from '../ui/use-narrow.js';
import { useLanguage, useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { say } from '../words/times.js';
import { ui } from '../words/ui.js';
import { ActButtons, type Asking } from './act-buttons.js';
import { ActDialogs } from './act-dialogs.js';
import { MeetingDetail } from './meeting-detail.js';
import { MeetingFilters } from './meeting-filters.js';
import { MeetingsTable } from './meetings-table.js';
import css from './meetings.module.css';
import { mayBe, toldQuery } from './meetings.js';
import { type MeetingsSearch, meetingsRoute } from './routes.js';
import { useMeetingActs } from './use-meeting-acts.js';
import { WeekTable } from './week-table.js';
import { useWhoBooked } from './who-booked.js';

/** From here on the details stand in place of the list; the same in meetings.module.css. */
const ALONE_PX = 1023;

/** Meetings of a week: by day, or by host. The server decides what may be done with one; keys that it would refuse are not offered. */
export function MeetingsScreen() {
  const t = useWords(meetings);
  const common = useWords(ui);
  const language = useLanguage();
  const { role } = useMe();
  const search = meetingsRoute.useSearch();
  const navigate = useNavigate();
  const now = useNow();
  const [alone, phone] = [useNarrow(ALONE_PX), useNarrow(PHONE_PX)];
  const filter = (change: { readonly [K in keyof MeetingsSearch]: MeetingsSearch[K] | undefined }) =>
    void navigate({
      to: '/meetings',
      search: Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, v]) => v !== undefined)),
      replace: true,
    });
  const today = now.toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const thisWeek = today.subtract({ days: today.dayOfWeek - 1 }).toString();
  const week = search.week ?? thisWeek;
  const list = useQuery(meetingsQuery(week, 7, search));
  const told = useQuery(toldQuery(week, 7, search.engagement));
  const hosts = useQuery(hostsQuery);
  const types = useQuery(typesQuery);
  const names = useEngagementNames();
  const whoBooked = useWhoBooked();
  const hostNames = useMemo(() => new Map(hosts.data?.items.map((h) => [h.id, h.name])), [hosts.data]);
  const hostName = (id: string) => hostNames.get(id) ?? '…';
  const rows = list.data ?? [];

  const [current, setCurrent] = useState<Meeting>();
  const here = rows.find((m) => m.id === (search.open ?? current?.id));
  const open = search.open !== undefined && here ? here : undefined;
  const acting = role === 'booker' || role === 'supervisor' || role === 'admin';
  const may = mayBe(acting ? here : undefined, now);
  const [asking, setAsking] = useState<{ readonly how: Asking; readonly meeting: Meeting }>();
  const acts = useMeetingActs();
  const ask = (how: Asking) => {
    if (!here) return;
    acts.reset();
    setAsking({ how, meeting: here });
  };
  const writeAgain = () => here && acts.mutate({ act: 'write-again', meeting: here });
  const step = (days: number) =>
    filter({ week: Temporal.PlainDate.from(week).add({ days }).toString(), open: undefined });
  const split = useRef<HTMLDivElement>(null);
  const toRows = () => split.current?.querySelector<HTMLElement>('[role=row][tabindex="0"], td button')?.focus();
  const closeDetail = () => {
    filter({ open: undefined });
    // The list is hidden until the address has changed.
    if (alone) setTimeout(toRows, 50);
  };
  // What stands beside the list goes with the focus, or a key would act on a meeting that is not the one in sight.
  const focused = (m: Meeting | undefined) => {
    setCurrent(m);
    if (open && m && m.id !== open.id && !alone) filter({ open: m.id });
  };
  useKeys(t.title, [
    { key: 'm', does: t.move, run: () => ask('move'), when: may.moved },
    { key: 'r', does: t.reassign, run: () => ask('reassign'), when: may.moved },
    { key: 'a', does: t.cancelMeeting, run: () => ask('cancel'), when: may.cancelled },
    { key: 'y', does: t.held, run: () => ask('held'), when: may.ended },
    { key: 'u', does: t.missed, run: () => ask('missed'), when: may.ended },
    { key: 'b', does: t.rebook, run: () => ask('rebook'), when: may.rebooked },
    { key: 'w', does: t.writeAgain, run: writeAgain, when: may.written },
    { key: 'j', does: t.toRows, run: toRows, when: rows.length > 0 },
    { key: 'v', does: t.otherView, run: () => filter({ view: search.view ? undefined : 'week' }) },
    { key: 'ArrowLeft', does: t.previous, run: () => step(-7) },
    { key: 'ArrowRight', does: t.next, run: () => step(7) },
    { key: 'Escape', does: common.close, run: closeDetail, when: search.open !== undefined },
  ]);
  const chips = [
    ...(search.engagement
      ? [{ id: 'engagement', label: `${t.engagement}: ${names.get(search.engagement) ?? '…'}` }]
      : []),
    ...(search.host ? [{ id: 'host', label: `${t.host}: ${hostName(search.host)}` }] : []),
    ...(search.state ? [{ id: 'state', label: `${t.state}: ${t.states[search.state]}` }] : []),
  ];
  const typeOf = (m: Meeting) => types.data?.items.find((one) => one.id === m.meetingTypeId);
  const shownHosts = (hosts.data?.items ?? []).filter(
    (h) =>
      (!search.host || h.id === search.host) && (!search.engagement || h.engagementIds.includes(search.engagement)),
  );
  const shared = { rows, hostName, open: open?.id, onCurrent: focused, onOpen: (m: Meeting) => filter({ open: m.id }) };
  const asOf = say(answeredAt(list.dataUpdatedAt).toZonedDateTimeISO(AGENCY_ZONE), 'time', language, now);

  return (
    <Page
      fill
      title={t.title}
      tab={t.title}
      sub={t.sub}
      live={list.dataUpdatedAt ? t.asOf(asOf) : undefined}
      actions={acting && (!alone || open) && <ActButtons may={may} busy={acts.isPending} ask={ask} />}
    >
      {!(alone && open) && (
        <MeetingFilters
          week={week}
          thisWeek={thisWeek}
          search={search}
          engagements={names}
          hosts={hostNames}
          step={step}
          filter={filter}
        />
      )}
      <FilterChips
        chips={chips}
        onRemove={(id) => filter({ [id]: undefined })}
        onClear={() => filter({ engagement: undefined, host: undefined, state: undefined })}
      />
      {list.isPending && <Loading what={t.list} rows={8} />}
      {list.isError && !list.data && <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty>{chips.length ? t.noMatch : t.none}</Empty>}
      {rows.length > 0 && (
        <div ref={split} className={css.split} data-open={open ? true : undefined}>
          <div className={css.table} data-plain={search.view === 'week' || undefined} data-words={!open || undefined}>
            {search.view === 'week' ? (
              <WeekTable key={week} {...shared} week={week} hosts={shownHosts} />
            ) : (
              <MeetingsTable
                key={`${week} ${phone}`}
                {...shared}
                told={told.data}
                engagementName={(id) => names.get(id) ?? '…'}
                whoBooked={role === 'client' ? undefined : whoBooked}
                narrow={phone}
              />
            )}
          </div>
          {open && (
            <aside className={css.aside} aria-label={t.detail}>
              <MeetingDetail
                meeting={open}
                told={told.data && (told.data.get(open.id) ?? [])}
                host={hostName(open.hostId)}
                engagement={names.get(open.engagementId) ?? '…'}
                type={typeOf(open)?.name ?? '…'}
                booker={role === 'client' ? undefined : whoBooked(open)}
                alone={alone}
                onClose={closeDetail}
                writeAgain={may.written ? writeAgain : undefined}
              />
            </aside>
          )}
        </div>
      )}
      {asking && (
        <ActDialogs
          asking={asking}
          acts={acts}
          hostIds={typeOf(asking.meeting)?.hostIds ?? []}
          hostName={hostName}
          onClose={() => setAsking(undefined)}
        />
      )}
    </Page>
  );
}
