import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import { calendarsHealthQuery } from '../app/calendars.js';
import { AGENCY_ZONE } from '../ui/time-text.js';

/** Changes that the stream tells are fetched at once (app/live-keys.ts). Time itself, bookers' desks and calendars tell nothing:
 * with this, and a quarter of a second at the desk, everything is here within two seconds. */
const EVERY_MS = 1_500;

const bookers = (signal: AbortSignal) => answer(api.GET('/api/v1/calling/bookers', { signal }));
export type BookerNow = Awaited<ReturnType<typeof bookers>>['items'][number];
export const bookersQuery = queryOptions({
  queryKey: ['floor', 'bookers'],
  refetchInterval: EVERY_MS,
  queryFn: ({ signal }) => bookers(signal),
});

const queues = (signal: AbortSignal) => answer(api.GET('/api/v1/calling/queues', { signal }));
export type Queue = Awaited<ReturnType<typeof queues>>['items'][number];
export const queuesQuery = queryOptions({
  queryKey: ['floor', 'queues'],
  refetchInterval: EVERY_MS,
  queryFn: ({ signal }) => queues(signal),
});

/** More than anybody moves in one go; the next ones show once these are moved. */
const MOST = 200;
const callbacks = (signal: AbortSignal) =>
  answer(api.GET('/api/v1/calling/callbacks', { signal, params: { query: { overdue: true, limit: MOST } } }));
export type Callback = Awaited<ReturnType<typeof callbacks>>['items'][number];
export const callbacksQuery = queryOptions({
  queryKey: ['floor', 'callbacks'],
  queryFn: ({ signal }) => callbacks(signal),
});
export const liveCallbacksQuery = { ...callbacksQuery, refetchInterval: EVERY_MS };

export const unreadableQuery = queryOptions({
  ...calendarsHealthQuery(EVERY_MS),
  select: ({ items }) => items.filter((c) => c.state !== 'connected'),
});

const missed = (from: string, to: string, signal: AbortSignal) =>
  answer(api.GET('/api/v1/bookings', { signal, params: { query: { state: 'missed', from, to, limit: MOST } } }));

/** Meetings of a day to which nobody came. @param day Swedish calendar day */
export const missedQuery = (day: Temporal.PlainDate) => {
  const midnight = (on: Temporal.PlainDate) => on.toZonedDateTime(AGENCY_ZONE).toInstant().toString();
  return queryOptions({
    queryKey: ['floor', 'missed', day.toString()],
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => missed(midnight(day), midnight(day.add({ days: 1 })), signal),
  });
};
