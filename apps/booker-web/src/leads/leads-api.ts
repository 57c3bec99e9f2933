import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, api, idempotencyKey } from '../app/api.js';
import { type Engagement, engagementsQuery } from '../app/engagements.js';
import type { apiFilter, LeadSort } from './lead-filters.js';

export type Filter = ReturnType<typeof apiFilter>;

export const listLeads = (query: Filter & { sort: LeadSort; limit: number; after?: string }, signal?: AbortSignal) =>
  answer(api.GET('/api/v1/leads', { params: { query }, ...(signal ? { signal } : {}) }));
export type LeadLine = Awaited<ReturnType<typeof listLeads>>['items'][number];

export const countLeads = (query: Filter) => answer(api.GET('/api/v1/leads/count', { params: { query } }));
export const leadFacets = (query: Filter) => answer(api.GET('/api/v1/leads/facets', { params: { query } }));

export const searchLeads = (body: { name?: string; email?: string; phone?: string; engagementId?: string }) =>
  answer(api.POST('/api/v1/leads/search', { body }));

export type Lead = Awaited<ReturnType<typeof readLead>>;
export const readLead = (id: string) => answer(api.GET('/api/v1/leads/{id}', { params: { path: { id } } }));
export const unmaskLead = (id: string, reason: string) =>
  answer(api.POST('/api/v1/leads/{id}/unmask', { params: { path: { id } }, body: { reason } }));
export const leadStanding = (id: string) =>
  answer(api.GET('/api/v1/leads/{id}/standing', { params: { path: { id } } }));

/** The caller's engagements by id; empty until they are known. */
export function useEngagements(): { readonly all: readonly Engagement[]; readonly nameOf: (id: string) => string } {
  const { data } = useQuery(engagementsQuery);
  return useMemo(() => {
    const all = data?.items ?? [];
    return { all, nameOf: (id: string) => all.find((e) => e.id === id)?.name ?? '…' };
  }, [data]);
}

export const keyed = (): { 'Idempotency-Key': string } => ({ 'Idempotency-Key': idempotencyKey() });
