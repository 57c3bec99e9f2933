import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, api } from './api.js';

const list = (signal: AbortSignal) => answer(api.GET('/api/v1/engagements', { signal }));
export type Engagement = Awaited<ReturnType<typeof list>>['items'][number];

/** The caller's engagements: every screen names them, and all ask once. */
export const engagementsQuery = queryOptions({
  queryKey: ['engagements'],
  staleTime: 60_000,
  queryFn: ({ signal }) => list(signal),
});

/** `Client, engagement` by id; empty until they are known. */
export function useEngagementNames(): ReadonlyMap<string, string> {
  const { data } = useQuery(engagementsQuery);
  return useMemo(() => new Map(data?.items.map((e) => [e.id, `${e.clientName}, ${e.name}`])), [data]);
}

/** Engagement and client by id, for where they stand apart. */
export function useEngagementsById(): ReadonlyMap<string, Engagement> {
  const { data } = useQuery(engagementsQuery);
  return useMemo(() => new Map(data?.items.map((e) => [e.id, e])), [data]);
}
