import { useQuery } from '@tanstack/react-query';
import type { Meeting } from '../app/meetings.js';
import { useMe } from '../app/session.js';
import { staffQuery } from '../app/staff.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';

/** Whose booking a meeting is, in words. Only supervisors have colleagues' names; whoever has left is a former booker. */
export function useWhoBooked(): (meeting: Meeting) => string {
  const t = useWords(meetings);
  const me = useMe();
  const staff = useQuery({ ...staffQuery, enabled: me.role === 'supervisor' });
  return ({ bookedBy }) => {
    if (bookedBy === null) return t.byLead;
    if (bookedBy === me.id) return t.byMe;
    if (me.role !== 'supervisor') return t.byColleague;
    return staff.data ? (staff.data.items.find((p) => p.id === bookedBy)?.name ?? t.byFormer) : '…';
  };
}
