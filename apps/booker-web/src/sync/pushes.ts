import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import type { SyncSearch } from './routes.js';
import type { Cause, State } from './states.js';

const PAGE = 200;

interface Asked {
  readonly limit: number;
  readonly engagementId?: string;
  readonly state?: State;
  readonly cause?: Cause;
  readonly after?: string;
}

const page = (query: Asked, signal: AbortSignal) => answer(api.GET('/api/v1/pushes', { signal, params: { query } }));
export type Push = Awaited<ReturnType<typeof page>>['items'][number];

/** What the CRMs were told, what needs a person first. */
export const pushesQuery = ({ engagement, state, cause }: SyncSearch) =>
  infiniteQueryOptions({
    queryKey: ['pushes', { engagement, state, cause }],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      page(
        {
          limit: PAGE,
          ...(engagement ? { engagementId: engagement } : {}),
          ...(state ? { state } : {}),
          ...(cause ? { cause } : {}),
          ...(pageParam === undefined ? {} : { after: pageParam }),
        },
        signal,
      ),
    getNextPageParam: (last) => last.next ?? undefined,
  });

/** How many there are of each cause in each state; asked every two seconds, and the list anew when it says something else. */
export const countsQuery = (engagement: string | undefined) =>
  queryOptions({
    queryKey: ['push-counts', engagement],
    refetchInterval: 2000,
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1/pushes/causes', { signal, params: { query: engagement ? { engagementId: engagement } : {} } }),
      ),
  });

export const pushQuery = (id: string) =>
  queryOptions({
    queryKey: ['push', id],
    refetchInterval: 2000,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/pushes/{id}', { signal, params: { path: { id } } })),
  });
