import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { staffQuery } from '../app/staff.js';
import { type BookerNow, bookersQuery } from './floor-api.js';

export interface Booker {
  readonly id: string;
  readonly name: string;
  readonly engagementIds: readonly string[];
  /** undefined: not in. */
  readonly now: BookerNow | undefined;
}

/** Bookers of the supervisor's engagements by name, and whoever else is at a desk; where each is now. */
export function useBookers(): {
  readonly list: readonly Booker[] | undefined;
  readonly nameOf: (id: string) => string;
} {
  const staff = useQuery(staffQuery).data?.items;
  const desks = useQuery(bookersQuery).data?.items;
  return useMemo(() => {
    const names = new Map(staff?.map((s) => [s.id, s.name]));
    const at = new Map(desks?.map((b) => [b.userId, b]));
    const list = staff
      ?.filter((s) => at.has(s.id) || (s.role === 'booker' && s.state === 'active'))
      .map(({ id, name, engagementIds }) => ({ id, name, engagementIds, now: at.get(id) }))
      .sort((a, b) => a.name.localeCompare(b.name, 'sv'));
    return { list: desks && list, nameOf: (id: string) => names.get(id) ?? '…' };
  }, [staff, desks]);
}
