import type { Query } from '@tanstack/react-query';

/** A change as the stream tells it (protocols.md §11). */
export interface LiveChange {
  readonly kind: 'lead' | 'meeting' | 'invite' | 'push' | 'engagement' | 'erasure';
  readonly state: string;
  readonly engagementId: string;
  readonly leadId?: string;
  readonly bookingId?: string;
  readonly orderId?: string;
}

/** First words of the query keys that a kind of change touches. */
const TOUCHED: Readonly<Record<LiveChange['kind'], readonly string[]>> = {
  lead: ['calling', 'overview', 'floor', 'request', 'requests'],
  meeting: ['calling', 'slots', 'meetings', 'meeting', 'bookings', 'booking', 'overview', 'floor'],
  invite: ['meetings', 'meeting', 'bookings', 'booking'],
  push: ['push-counts', 'pushes', 'push', 'meeting', 'overview'],
  engagement: [
    'engagements',
    'engagement',
    'erasure-clocks',
    'erasure-clock',
    'calling-rules',
    'script',
    'call-script',
    'meeting-types',
    'hosts',
    'overview',
  ],
  erasure: ['erasures', 'erasure', 'erasure-clocks', 'erasure-clock', 'certificates'],
};

/** Whether what was fetched under this key may be old after the changes. Rows of the lead list and a lead itself are not among them: each
 * reading is an entry in the audit trail, and a row does not change under the pointer. The list hears of its new number, an open lead of its
 * new version, and both offer to fetch anew. */
export function touchedBy(changes: readonly LiveChange[]): (query: Pick<Query, 'queryKey'>) => boolean {
  const first = new Set(changes.flatMap((c) => TOUCHED[c.kind] ?? []));
  const leadIds = new Set(changes.flatMap((c) => c.leadId ?? []));
  const anyLead = changes.some((c) => c.kind === 'lead' || c.kind === 'erasure');
  return ({ queryKey: [head, second, third] }) => {
    if (head === 'leads') return anyLead && second === 'count';
    if (head === 'lead') return third !== undefined && leadIds.has(String(second));
    if (head === 'lead-clock') return leadIds.has(String(second));
    return first.has(String(head));
  };
}

/** Everything on the page but who is signed in, a lead that was read (it asks for itself whether it still stands), and rows of the audit trail:
 * what was written stays as it is, and each look at it is a row more. */
export const refetchable = ({ queryKey }: Pick<Query, 'queryKey'>): boolean =>
  queryKey[0] !== 'session' && queryKey[0] !== 'audit-rows' && !(queryKey[0] === 'lead' && queryKey.length === 2);
