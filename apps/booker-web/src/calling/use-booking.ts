import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answer, api } from '../app/api.js';
import { businessNow } from '../app/clock.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { byTurn, daysOf, shownDays } from './slots.js';

const DAYS_AHEAD = 21;

/** Meeting types, hosts and free times of an engagement, and which of them are shown. */
export function useBooking(engagementId: string, chosenStart: string | undefined) {
  const query = { params: { query: { engagementId } } };
  const types = useQuery({
    queryKey: ['meeting-types', engagementId],
    queryFn: () => answer(api.GET('/api/v1/meeting-types', query)),
    staleTime: 300_000,
  });
  const hosts = useQuery({
    queryKey: ['hosts', engagementId],
    queryFn: () => answer(api.GET('/api/v1/hosts', query)),
    staleTime: 300_000,
  });
  // What goes to the client's CRM: a line to read, for which nothing waits.
  const outgoing = useQuery({
    queryKey: ['crm-outgoing', engagementId],
    queryFn: () => answer(api.GET('/api/v1/crm-connections/outgoing', query)),
    staleTime: 300_000,
  });
  const [nth, setNth] = useState(0);
  const [page, setPage] = useState(0);
  const [only, setOnly] = useState<string>();
  const all = types.data?.items ?? [];
  const type = all.length ? all[nth % all.length] : undefined;
  const slots = useQuery({
    queryKey: ['slots', type?.id],
    enabled: type !== undefined,
    queryFn: () => {
      const from = businessNow();
      return answer(
        api.GET('/api/v1/meeting-types/{id}/slots', {
          params: {
            path: { id: type!.id },
            query: {
              from: from.toString({ smallestUnit: 'second' }),
              to: from.add({ hours: 24 * DAYS_AHEAD }).toString({ smallestUnit: 'second' }),
              timeZone: AGENCY_ZONE,
            },
          },
        }),
      );
    },
    staleTime: 10_000,
    refetchInterval: 30_000,
  });
  const days = useMemo(
    () => (slots.data && type ? daysOf(byTurn(slots.data.slots, type.hostIds), slots.data.days, AGENCY_ZONE) : []),
    [slots.data, type],
  );
  const shown = useMemo(() => shownDays(days, page, only, chosenStart), [days, page, only, chosenStart]);
  return {
    types,
    type,
    hostName: (id: string | undefined) => hosts.data?.items.find((h) => h.id === id)?.name,
    outgoing: outgoing.data?.items,
    slots,
    days,
    shown,
    only,
    setOnly,
    moreDays: () => {
      setOnly(undefined);
      setPage((n) => n + 1);
    },
    changeType: all.length > 1 ? () => setNth((n) => n + 1) : undefined,
  };
}

export type Booking = ReturnType<typeof useBooking>;
