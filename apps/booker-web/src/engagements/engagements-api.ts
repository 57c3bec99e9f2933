import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';

const of = (id: string) => ({ path: { id } });

export const engagementQuery = (id: string) =>
  queryOptions({
    queryKey: ['engagement', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/engagements/{id}', { signal, params: of(id) })),
  });
export type Engagement = Awaited<ReturnType<NonNullable<ReturnType<typeof engagementQuery>['queryFn']>>>;

export const rulesQuery = (id: string) =>
  queryOptions({
    queryKey: ['calling-rules', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/engagements/{id}/calling-rules', { signal, params: of(id) })),
  });

export const scriptQuery = (id: string) =>
  queryOptions({
    queryKey: ['call-script', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/engagements/{id}/script', { signal, params: of(id) })),
  });

export const meetingTypesQuery = (engagementId: string) =>
  queryOptions({
    queryKey: ['meeting-types', engagementId],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meeting-types', { signal, params: { query: { engagementId } } })),
  });

export const hostsQuery = (engagementId: string) =>
  queryOptions({
    queryKey: ['hosts', engagementId],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/hosts', { signal, params: { query: { engagementId } } })),
  });

export const clockQuery = (engagementId: string) =>
  queryOptions({
    queryKey: ['erasure-clock', engagementId],
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/erasure-clocks/{engagementId}', { signal, params: { path: { engagementId } } })),
  });

export const crmsQuery = (engagementId: string) =>
  queryOptions({
    queryKey: ['crm-connections', engagementId],
    refetchInterval: 15_000,
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/crm-connections', { signal, params: { query: { engagementId } } })),
  });
export type Crm = Awaited<ReturnType<NonNullable<ReturnType<typeof crmsQuery>['queryFn']>>>['items'][number];

export const calendarsQuery = (engagementId: string) =>
  queryOptions({
    queryKey: ['calendar-connections', engagementId],
    refetchInterval: 15_000,
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/calendar-connections', { signal, params: { query: { engagementId } } })),
  });

/** As the API says it: an engagement that has started is "active" here (words/status.ts). */
export const stateOf = (e: { readonly state: Engagement['state'] }) => (e.state === 'running' ? 'active' : e.state);

/** The end is the first instant at which it is over: the day people call its last is the one before. */
export const lastInstant = (effectiveEndAt: string): string =>
  Temporal.Instant.from(effectiveEndAt).subtract({ seconds: 1 }).toString();
