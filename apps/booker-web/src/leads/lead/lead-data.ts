import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answer, api, ApiProblem } from '../../app/api.js';
import { useMe } from '../../app/session.js';
import { type Lead, leadStanding, readLead, unmaskLead } from '../leads-api.js';

const ASK_EVERY_MS = 3000;
const REVOKED: readonly string[] = ['suppressed', 'restricted', 'being-erased'];

export const erasureClock = (leadId: string) =>
  answer(api.GET('/api/v1/lead-clocks/{leadId}', { params: { path: { leadId } } }));
export type ErasureClock = Awaited<ReturnType<typeof erasureClock>>;
export type Order = NonNullable<ErasureClock['order']>;

export const bookingsOfLead = (engagementId: string, leadId: string) =>
  answer(api.GET('/api/v1/bookings', { params: { query: { engagementId, leadId, limit: 100 } } }));
export type Booking = Awaited<ReturnType<typeof bookingsOfLead>>['items'][number];

export const pushesOfLead = (engagementId: string, leadId: string) =>
  answer(api.GET('/api/v1/pushes', { params: { query: { engagementId, leadId, limit: 100 } } }));
export type Push = Awaited<ReturnType<typeof pushesOfLead>>['items'][number];

/** Why what was on screen is there no more. */
export type Revoked = 'suppressed' | 'restricted' | 'being-erased' | 'away';

export interface LeadOnScreen {
  /** What may be shown now: masked, or whole once it was asked for with a reason; undefined when there is nothing to show. */
  readonly lead: Lead | undefined;
  readonly pending: boolean;
  readonly error: unknown;
  readonly revoked: Revoked | undefined;
  /** Somebody else changed it since it was read. */
  readonly changed: boolean;
  readonly unmask: (reason: string) => Promise<Lead>;
  readonly hide: () => void;
  readonly reread: () => Promise<void>;
  readonly clock: ReturnType<typeof useClock>;
}

function useClock(leadId: string) {
  return useQuery({
    queryKey: ['lead-clock', leadId],
    queryFn: () => erasureClock(leadId),
    refetchInterval: (q) => (q.state.data?.order && !q.state.data.order.finishedAt ? 5000 : false),
    retry: (n, error) => !(error instanceof ApiProblem) && n < 3,
  });
}

/** One lead, read once (each reading is an entry in the audit trail) and then only asked whether it still stands: its version and word, every
 * three seconds. The person's data lives in this component's memory and goes with it, or at once when the lead is revoked. */
export function useLeadOnScreen(leadId: string): LeadOnScreen {
  const me = useMe();
  const [whole, setWhole] = useState<Lead>();
  const read = useQuery({
    queryKey: ['lead', leadId],
    queryFn: () => readLead(leadId),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: (n, error) => !(error instanceof ApiProblem) && n < 3,
  });
  // What was read before a reading that failed is not what holds now.
  const lead = read.isError ? undefined : (whole ?? read.data);
  const standing = useQuery({
    queryKey: ['lead', leadId, 'standing'],
    queryFn: () => leadStanding(leadId),
    enabled: lead !== undefined,
    refetchInterval: ASK_EVERY_MS,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const clock = useClock(leadId);
  const gone = standing.error instanceof ApiProblem && standing.error.status === 404;
  const now = standing.data?.status;
  const turned = now !== undefined && lead !== undefined && now !== lead.status && REVOKED.includes(now);
  const revoked: Revoked | undefined = !lead
    ? undefined
    : gone
      ? me.role !== 'booker' && clock.data?.order
        ? 'being-erased'
        : 'away'
      : turned
        ? (now as Revoked)
        : undefined;
  useEffect(() => {
    if (!revoked) return;
    setWhole(undefined);
    void clock.refetch();
    // once, when it turns
  }, [revoked]);
  return {
    lead: revoked ? undefined : lead,
    pending: read.isPending,
    error: read.error,
    revoked,
    changed: !revoked && standing.data !== undefined && lead !== undefined && standing.data.version > lead.version,
    unmask: async (reason) => {
      const shown = await unmaskLead(leadId, reason);
      setWhole(shown);
      return shown;
    },
    hide: () => setWhole(undefined),
    reread: async () => {
      setWhole(undefined);
      await read.refetch();
      await standing.refetch();
      void clock.refetch();
    },
    clock,
  };
}
