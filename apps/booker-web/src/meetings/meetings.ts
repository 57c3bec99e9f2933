import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import { type Meeting, midnight } from '../app/meetings.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
/** On the agency's clock, as the list is. */
export const dayOf = (m: Meeting): string =>
  Temporal.Instant.from(m.startsAt).toZonedDateTimeISO(AGENCY_ZONE).toPlainDate().toString();

/** What CRMs were told of the meetings of some days, by meeting. */
export const toldQuery = (from: string, days: number, engagement: string | undefined) =>
  queryOptions({
    queryKey: ['pushes', 'of-meetings', from, days, engagement],
    refetchInterval: 5000,
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, readonly Told[]>> => {
      // A day more: one with 25 hours is among them twice a year.
      const query = { from: midnight(Temporal.PlainDate.from(from)), days: days + 1 };
      const { items } = await told({ ...query, ...(engagement ? { engagementId: engagement } : {}) }, signal);
      return Map.groupBy(items, (t) => t.bookingId);
    },
  });
const told = (query: { from: string; days: number; engagementId?: string }, signal: AbortSignal) =>
  answer(api.GET('/api/v1/pushes/of-meetings', { signal, params: { query } }));
export type Told = Awaited<ReturnType<typeof told>>['items'][number];

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
