import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';

const crms = (signal: AbortSignal) => answer(api.GET('/api/v1/crm-connections', { signal }));
export type Crm = Awaited<ReturnType<typeof crms>>['items'][number];

/** The client's own CRMs, and how they fare. */
export const crmsQuery = queryOptions({
  queryKey: ['crm-connections', 'all'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => crms(signal),
});

/** Newest records shown of each CRM. */
const WRITTEN = 6;

/** What stands in a CRM by our hand. */
export const writtenQuery = (id: string) =>
  queryOptions({
    queryKey: ['overview', 'written', id],
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1/crm-connections/{id}/written', {
          signal,
          params: { path: { id }, query: { limit: WRITTEN } },
        }),
      ),
  });

const orders = (signal: AbortSignal) =>
  answer(api.GET('/api/v1/erasures', { signal, params: { query: { limit: 200, order: 'newest' } } }));
export type Order = Awaited<ReturnType<typeof orders>>['items'][number];

/** Erasures that ended, each with its certificate; the youngest first. */
export const certificatesQuery = queryOptions({
  queryKey: ['erasures', 'own'],
  refetchInterval: 30_000,
  queryFn: ({ signal }) => orders(signal),
  select: ({ items }) => items.filter((o) => o.finishedAt !== null),
});
