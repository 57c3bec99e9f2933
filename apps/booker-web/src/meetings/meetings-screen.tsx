import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useNow } from '../app/clock.js';
import { useEngagementNames } from '../app/engagements.js';
import { hostsQuery } from '../app/hosts.js';
import { useMe } from '../app/session.js';
import { type Meeting, meetingsQuery, typesQuery } from '../app/meetings.js';
import { useKeys } from '../keys/use-keys.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { FilterChips } from '../ui/filter-chips.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { AGENCY_ZONE, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { HostDialog } from './host-dialog.js';
import { MeetingDetail } from './meeting-detail.js';
import { MeetingFilters } from './meeting-filters.js';
import { MeetingsTable } from './meetings-table.js';
import css from './meetings.module.css';
import { mayBe } from './meetings.js';
import { ActButtons } from './act-buttons.js';
import { type MeetingsSearch, meetingsRoute } from './routes.js';
import { TimeDialog } from './time-dialog.js';
import { useMeetingActs } from './use-meeting-acts.js';

type Asking = 'move' | 'rebook' | 'reassign' | 'cancel' | 'missed' | 'held';

/** Meetings of a week, by day. The server decides what may be done with one; keys that it would refuse are not offered. */
export function MeetingsScreen() {
  const t = useWords(meetings);
  const { role } = useMe();
  const search = meetingsRoute.useSearch();
  const navigate = useNavigate();
  const now = useNow();
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
  const hosts = useQuery(hostsQuery);
  const types = useQuery(typesQuery);
  const names = useEngagementNames();
  const hostNames = useMemo(() => new Map(hosts.data?.items.map((h) => [h.id, h.name])), [hosts.data]);
  const hostName = (id: string) => hostNames.get(id) ?? '…';
  const rows = list.data ?? [];

  const [current, setCurrent] = useState<Meeting>();
  const here = rows.find((m) => m.id === (search.open ?? current?.id));
  const acting = role === 'booker' || role === 'supervisor' || role === 'admin';
  const may = mayBe(acting ? here : undefined, now);
  const [asking, setAsking] = useState<{ readonly how: Asking; readonly meeting: Meeting }>();
  const acts = useMeetingActs();
  const ask = (how: Asking) => {
    if (!here) return;
    acts.reset();
    setAsking({ how, meeting: here });
  };
  const close = () => setAsking(undefined);
  const done = { onSuccess: close };
  const writeAgain = () => here && acts.mutate({ act: 'write-again', meeting: here });
  const step = (days: number) =>
    filter({ week: Temporal.PlainDate.from(week).add({ days }).toString(), open: undefined });
  useKeys(t.title, [
    { key: 'm', does: t.move, run: () => ask('move'), when: may.moved },
    { key: 'r', does: t.reassign, run: () => ask('reassign'), when: may.moved },
    { key: 'a', does: t.cancelMeeting, run: () => ask('cancel'), when: may.cancelled },
    { key: 'y', does: t.held, run: () => ask('held'), when: may.ended },
    { key: 'u', does: t.missed, run: () => ask('missed'), when: may.ended },
    { key: 'b', does: t.rebook, run: () => ask('rebook'), when: may.rebooked },
    { key: 'w', does: t.writeAgain, run: writeAgain, when: may.written },
    { key: 'ArrowLeft', does: t.previous, run: () => step(-7) },
    { key: 'ArrowRight', does: t.next, run: () => step(7) },
    { key: 'Escape', does: t.detail, run: () => filter({ open: undefined }), when: search.open !== undefined },
  ]);
  const chips = [
    ...(search.engagement
      ? [{ id: 'engagement', label: `${t.engagement}: ${names.get(search.engagement) ?? '…'}` }]
      : []),
    ...(search.host ? [{ id: 'host', label: `${t.host}: ${hostName(search.host)}` }] : []),
    ...(search.state ? [{ id: 'state', label: `${t.state}: ${t.states[search.state]}` }] : []),
  ];
  const m = asking?.meeting;

  return (
    <Page
      fill
      title={t.title}
      tab={t.title}
      sub={t.sub}
      live={list.dataUpdatedAt ? <TimeText at={now} shape="time" named /> : undefined}
      actions={acting && <ActButtons may={may} busy={acts.isPending} ask={ask} />}
    >
      <MeetingFilters
        week={week}
        thisWeek={thisWeek}
        search={search}
        engagements={names}
        hosts={hostNames}
        step={step}
        filter={filter}
      />
      <FilterChips
        chips={chips}
        onRemove={(id) => filter({ [id]: undefined })}
        onClear={() => filter({ engagement: undefined, host: undefined, state: undefined })}
      />
      {list.isPending && <Loading what={t.list} rows={8} />}
      {list.isError && !list.data && <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty>{chips.length ? t.noMatch : t.none}</Empty>}
      {rows.length > 0 && (
        <div className={css.split} data-open={search.open && here ? true : undefined}>
          <MeetingsTable
            key={week}
            rows={rows}
            hostName={hostName}
            engagementName={(id) => names.get(id) ?? '…'}
            onCurrent={setCurrent}
            onOpen={(one) => filter({ open: one.id })}
          />
          {search.open && here && (
            <aside className={css.aside} aria-label={t.detail}>
              <MeetingDetail
                meeting={here}
                host={hostName(here.hostId)}
                engagement={names.get(here.engagementId) ?? '…'}
                type={types.data?.items.find((one) => one.id === here.meetingTypeId)?.name ?? '…'}
                writeAgain={may.written ? writeAgain : undefined}
              />
            </aside>
          )}
        </div>
      )}
      {m && (asking.how === 'move' || asking.how === 'rebook') && (
        <TimeDialog
          meeting={m}
          how={asking.how}
          hostName={hostName}
          busy={acts.isPending}
          error={acts.error}
          onClose={close}
          onChoose={(slot) =>
            acts.mutate(
              asking.how === 'move'
                ? { act: 'move', meeting: m, startsAt: slot.startsAt }
                : { act: 'rebook', meeting: m, ...slot },
              done,
            )
          }
        />
      )}
      {m && asking.how === 'reassign' && (
        <HostDialog
          meeting={m}
          hostIds={types.data?.items.find((one) => one.id === m.meetingTypeId)?.hostIds ?? []}
          hostName={hostName}
          busy={acts.isPending}
          error={acts.error}
          onClose={close}
          onChoose={(hostId) => acts.mutate({ act: 'reassign', meeting: m, hostId }, done)}
        />
      )}
      {m && (asking.how === 'cancel' || asking.how === 'missed' || asking.how === 'held') && (
        <ConfirmDialog
          opened
          onClose={close}
          title={t.sure[asking.how].title}
          confirm={t.sure[asking.how].do}
          danger={asking.how === 'cancel'}
          busy={acts.isPending}
          onConfirm={() => acts.mutate({ act: asking.how as 'cancel', meeting: m }, { onSettled: close })}
        >
          {t.sure[asking.how].effect}
        </ConfirmDialog>
      )}
    </Page>
  );
}
