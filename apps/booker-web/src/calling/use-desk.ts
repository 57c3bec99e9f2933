import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { answer, api, ApiProblem } from '../app/api.js';
import { engagementsQuery } from '../app/engagements.js';
import { deskApi } from './desk-api.js';
import { type Desk, type DeskState } from './desk.js';
import { REVOKED, type Revoked } from './view.js';

const CHECKED_EVERY_MS = 2_000;
const BESIDE_MS = 300;
let later: ReturnType<typeof setTimeout> | undefined;

export function useDeskState(desk: Desk): DeskState {
  return useSyncExternalStore(desk.subscribe, desk.get);
}

/** Starts the desk, warns before the page is left with outcomes that are not saved, and fetches anew what a saved outcome changed. */
export function useDeskLife(desk: Desk, state: DeskState): void {
  const queries = useQueryClient();
  useEffect(() => void desk.start(), [desk]);
  useEffect(
    () =>
      desk.onTold((told) => {
        if (told.kind === 'slots-changed') void queries.invalidateQueries({ queryKey: ['slots'] });
        else {
          // Once for several, and after the lead is painted: nobody waits for what stands beside the call.
          clearTimeout(later);
          later = setTimeout(() => void queries.invalidateQueries({ queryKey: ['calling'] }), BESIDE_MS);
        }
      }),
    [desk, queries],
  );
  const unsaved = state.writes.length > 0 || state.suppressing;
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [unsaved]);
}

/** Asks every two seconds whether the lead on the screen may still be called: an objection elsewhere blanks it at once. */
export function useRevocation(desk: Desk, leadId: string | undefined): void {
  useEffect(() => {
    if (leadId === undefined) return;
    const look = async () => {
      try {
        const { reasons } = await deskApi.callable(leadId);
        const why = reasons.find((r) => REVOKED.includes(r.code));
        if (why) desk.revoke(leadId, why.code as Revoked);
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) desk.revoke(leadId, 'being-erased');
      }
    };
    const timer = setInterval(() => void look(), CHECKED_EVERY_MS);
    return () => clearInterval(timer);
  }, [desk, leadId]);
}

export const useEngagements = () => useQuery(engagementsQuery);

export const useQueue = (engagementId: string) =>
  useQuery({
    queryKey: ['calling', 'queue', engagementId],
    queryFn: () => answer(api.GET('/api/v1/calling/queue', { params: { query: { engagementId } } })),
    refetchInterval: 30_000,
    staleTime: 5_000,
  });

export const useToday = (engagementId: string) =>
  useQuery({
    queryKey: ['calling', 'my-day', engagementId],
    queryFn: () => answer(api.GET('/api/v1/calling/my-day', { params: { query: { engagementId } } })),
  });

export const useRules = (engagementId: string) =>
  useQuery({
    queryKey: ['calling-rules', engagementId],
    queryFn: () =>
      answer(api.GET('/api/v1/engagements/{id}/calling-rules', { params: { path: { id: engagementId } } })),
    staleTime: 300_000,
  });

export const useScript = (engagementId: string) =>
  useQuery({
    queryKey: ['script', engagementId],
    queryFn: () => answer(api.GET('/api/v1/engagements/{id}/script', { params: { path: { id: engagementId } } })),
    staleTime: 60_000,
  });

export type Queue = NonNullable<ReturnType<typeof useQueue>['data']>;
