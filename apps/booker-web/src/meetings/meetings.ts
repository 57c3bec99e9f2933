import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import type { MeetingState } from './routes.js';

/** Of the server's answer. */
const PAGE = 200;
/** A week has no more than this shown: 2000. */
const MOST_PAGES = 10;

interface Asked {
  readonly engagement?: string | undefined;
  readonly host?: string | undefined;
  readonly state?: MeetingState | undefined;
}

const page = (query: object, signal: AbortSignal) =>
  answer(api.GET('/api/v1/bookings', { signal, params: { query: { limit: PAGE, ...query } } }));
export type Meeting = Awaited<ReturnType<typeof page>>['items'][number];

const midnight = (day: Temporal.PlainDate): string => day.toZonedDateTime(AGENCY_ZONE).toInstant().toString();

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

/** Free times of a meeting type as the booking rules see them. */
export const slotsQuery = (typeId: string, from: Temporal.Instant, to: Temporal.Instant) => {
  const query = {
    from: from.toString({ smallestUnit: 'second' }),
    to: to.toString({ smallestUnit: 'second' }),
    timeZone: AGENCY_ZONE,
  };
  return queryOptions({
    queryKey: ['slots', typeId, query],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/meeting-types/{id}/slots', { signal, params: { path: { id: typeId }, query } })),
  });
};

/** What a meeting's host, or the calendar, has made of it: the one word of its state. */
export const isNotInCalendar = (m: Meeting): boolean => m.state === 'booked' && m.calendar?.state === 'failed';

/** Whether writing it to the host's calendar once more makes sense. */
export const canWriteAgain = (m: Meeting, now: Temporal.Instant): boolean =>
  m.state === 'booked' &&
  Temporal.Instant.compare(m.startsAt, now) > 0 &&
  (m.calendar?.state === 'failed' || m.calendar?.hostChange != null);

/** What may be done with a meeting now; the server decides by the same rules (decide-change). */
export function mayBe(m: Meeting | undefined, now: Temporal.Instant) {
  const booked = m?.state === 'booked';
  const started = m !== undefined && Temporal.Instant.compare(m.startsAt, now) <= 0;
  const over = m !== undefined && Temporal.Instant.compare(m.endsAt, now) <= 0;
  return {
    moved: booked && !started,
    cancelled: booked && !over,
    ended: booked && started,
    rebooked: m?.state === 'cancelled' || m?.state === 'missed',
    written: m !== undefined && canWriteAgain(m, now),
  };
}
