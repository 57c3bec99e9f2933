import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, api } from './api.js';

const hosts = (signal: AbortSignal) => answer(api.GET('/api/v1/hosts', { signal }));
export type Host = Awaited<ReturnType<typeof hosts>>['items'][number];

/** Hosts of all the caller's engagements. */
export const hostsQuery = queryOptions({
  queryKey: ['hosts'],
  staleTime: 60_000,
  queryFn: ({ signal }) => hosts(signal),
});

/** A host's name by id; `…` until it is known. */
export function useHostName(): (id: string) => string {
  const { data } = useQuery(hostsQuery);
  return useMemo(() => {
    const names = new Map(data?.items.map((h) => [h.id, h.name]));
    return (id: string) => names.get(id) ?? '…';
  }, [data]);
}
