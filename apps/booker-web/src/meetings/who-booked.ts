import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import { useMe } from '../app/session.js';
import type { Meeting } from '../app/meetings.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';

const KEPT_MS = 10 * 60_000;

/** Whose booking a meeting is, in words. Only supervisors have colleagues' names; whoever has left is a former booker. */
export function useWhoBooked(): (meeting: Meeting) => string {
  const t = useWords(meetings);
  const me = useMe();
  const staff = useQuery({
    queryKey: ['staff', 'names'],
    staleTime: KEPT_MS,
    enabled: me.role === 'supervisor',
    queryFn: ({ signal }) => answer(api.GET('/api/v1/staff', { signal })),
  });
  return ({ bookedBy }) => {
    if (bookedBy === null) return t.byLead;
    if (bookedBy === me.id) return t.byMe;
    if (me.role !== 'supervisor') return t.byColleague;
    return staff.data ? (staff.data.items.find((p) => p.id === bookedBy)?.name ?? t.byFormer) : '…';
  };
}
