import { queryOptions } from '@tanstack/react-query';
import { answer, api } from './api.js';
import { type Trail, TRAILS } from './audit-trails.js';

const chainOf = (service: Trail, signal: AbortSignal) =>
  answer(api.GET(`/api/v1/${service}/audit/chain` as const, { signal }));
export type Chain = Awaited<ReturnType<typeof chainOf>>;

/** State of each trail's chain: what is sealed, and what the last check found; undefined where the service does not answer. */
export type Chains = Readonly<Record<Trail, Chain | undefined>>;

/** Five small answers that are no entry in the trail; asked by the frame for the DPO, so that a broken chain is seen wherever they are. */
export const chainsQuery = queryOptions({
  queryKey: ['audit-chains'],
  refetchInterval: 60_000,
  queryFn: async ({ signal }): Promise<Chains> => {
    const found = await Promise.all(TRAILS.map((service) => chainOf(service, signal).catch(() => undefined)));
    return Object.fromEntries(TRAILS.map((service, i) => [service, found[i]])) as Chains;
  },
});

/** Trails whose last check found something wrong. */
export const broken = (chains: Chains | undefined): Trail[] =>
  TRAILS.filter((service) => chains?.[service]?.lastCheck?.whole === false);
