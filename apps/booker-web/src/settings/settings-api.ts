import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import type { Trail } from '../app/audit-trails.js';

export const factorsQuery = queryOptions({
  queryKey: ['me', 'factors'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/me/factors', { signal })),
});
const sessions = (signal: AbortSignal) => answer(api.GET('/api/v1/me/sessions', { signal }));
export type Session = Awaited<ReturnType<typeof sessions>>['sessions'][number];
export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => sessions(signal),
});

const keys = (id: string, after: string | undefined, signal: AbortSignal) =>
  answer(
    api.GET('/api/v1/engagements/{id}/api-keys', {
      signal,
      params: { path: { id }, query: { limit: 200, ...(after ? { after } : {}) } },
    }),
  );
export type ApiKey = Awaited<ReturnType<typeof keys>>['items'][number];

/** Every key of an engagement, the newest first: revoked ones too. */
export const apiKeysQuery = (engagementId: string) =>
  queryOptions({
    queryKey: ['api-keys', engagementId],
    queryFn: async ({ signal }): Promise<ApiKey[]> => {
      const all: ApiKey[] = [];
      for (let after: string | undefined; ;) {
        const { items, next } = await keys(engagementId, after, signal);
        all.push(...items);
        if (next === null) return all.reverse();
        after = next;
      }
    },
  });

const EVERY_MS = 10_000;

/** How many messages a service has given up on; with `more` there are at least so many. */
export const parkedQuery = (service: Trail) =>
  queryOptions({
    queryKey: ['parked', service, 'count'],
    refetchInterval: EVERY_MS,
    queryFn: async ({ signal }): Promise<{ count: number; more: boolean }> => {
      const limit = 100;
      const params = { query: { limit } };
      const { items } = await answer(api.GET(`/api/v1/${service}/parked-messages` as const, { signal, params }));
      return { count: items.length, more: items.length === limit };
    },
  });
