import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, api } from './api.js';
import { useMe } from './session.js';

const list = (signal: AbortSignal) => answer(api.GET('/api/v1/staff', { signal }));
type Staff = Awaited<ReturnType<typeof list>>;
export type Colleague = Staff['items'][number];
export type Invitation = Staff['invitations'][number];

/** Who works here, for admin, supervisor and DPO; each look is an entry in the audit trail, so every screen asks under this one key. */
export const staffQuery = queryOptions({
  queryKey: ['staff'],
  staleTime: 60_000,
  queryFn: ({ signal }) => list(signal),
});

/** Names of colleagues by id, for those who may see them; a booker sees their own. */
export function useStaffNames(): ReadonlyMap<string, string> {
  const me = useMe();
  const { data } = useQuery({ ...staffQuery, enabled: me.role !== 'booker' && me.role !== 'client' });
  return useMemo(
    () => new Map([[me.id, me.name], ...(data?.items.map((p) => [p.id, p.name] as const) ?? [])]),
    [data, me],
  );
}
