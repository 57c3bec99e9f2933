import { queryOptions } from '@tanstack/react-query';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { answer, api } from './api.js';

/** Of the server's answer. */
const PAGE = 200;
/** A week has no more than this shown: 2000. */
const MOST_PAGES = 10;

interface Asked {
  readonly engagement?: string | undefined;
  readonly host?: string | undefined;
  readonly state?: 'booked' | 'cancelled' | 'held' | 'missed' | undefined;
}

const page = (query: object, signal: AbortSignal) =>
  answer(api.GET('/api/v1/bookings', { signal, params: { query: { limit: PAGE, ...query } } }));
export type Meeting = Awaited<ReturnType<typeof page>>['items'][number];

/** The beginning of a day on the agency's clock. */
export const midnight = (day: Temporal.PlainDate): string => day.toZonedDateTime(AGENCY_ZONE).toInstant().toString();

/** Meetings of some days, by start. @param from first day @param days how many */
export const meetingsQuery = (from: string, days: number, { engagement, host, state }: Asked, everyMs = 5000) =>
  queryOptions({
    queryKey: ['meetings', from, days, { engagement, host, state }],
    refetchInterval: everyMs,
    queryFn: async ({ signal }): Promise<Meeting[]> => {
      const first = Temporal.PlainDate.from(from);
      const query = {
        from: midnight(first),
        to: midnight(first.add({ days })),
        ...(engagement ? { engagementId: engagement } : {}),
        ...(host ? { hostId: host } : {}),
        ...(state ? { state } : {}),
      };
      const all: Meeting[] = [];
      let after: string | undefined;
      for (let n = 0; n < MOST_PAGES; n++) {
        const { items, next } = await page({ ...query, ...(after ? { after } : {}) }, signal);
        all.push(...items);
        if (next === null) break;
        after = next;
      }
      return all;
    },
  });

export const typesQuery = queryOptions({
  queryKey: ['meeting-types'],
  staleTime: 60_000,
  queryFn: ({ signal }) => answer(api.GET('/api/v1/meeting-types', { signal })),
});
