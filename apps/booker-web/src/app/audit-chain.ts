import { queryOptions } from '@tanstack/react-query';
import { answer, api, ApiProblem } from './api.js';
import { type Trail, TRAILS } from './audit-trails.js';

const checkpoint = (service: Trail, signal: AbortSignal) =>
  answer(api.GET(`/api/v1/${service}/audit/checkpoint` as const, { signal }));
export type Chain = Awaited<ReturnType<typeof checkpoint>>;

/** State of each trail's chain: what is sealed, and what the last check found. `null` before anything was sealed, `undefined` where the
 * service does not answer. */
export type Chains = Readonly<Record<Trail, Chain | null | undefined>>;

/** Five small answers that are no entry in the trail; asked by the frame for the DPO, so that a broken chain is seen wherever they are. */
export const chainsQuery = queryOptions({
  queryKey: ['audit-chains'],
  refetchInterval: 60_000,
  queryFn: async ({ signal }): Promise<Chains> => {
    const asked = TRAILS.map((service) =>
      checkpoint(service, signal).catch((error: unknown) =>
        error instanceof ApiProblem && error.status === 404 ? null : undefined,
      ),
    );
    const found = await Promise.all(asked);
    return Object.fromEntries(TRAILS.map((service, i) => [service, found[i]])) as Chains;
  },
});

/** Trails whose last check found something wrong. */
export const broken = (chains: Chains | undefined): Trail[] =>
  TRAILS.filter((service) => chains?.[service]?.lastCheck?.whole === false);
