import { queryOptions, useQuery } from '@tanstack/react-query';
import { answer, api, ApiProblem } from './api.js';

export type Role = 'booker' | 'supervisor' | 'dpo' | 'admin' | 'client';

export interface Me {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly engagementIds: readonly string[];
  readonly authTime: string;
}

export type SessionState =
  | { readonly state: 'signed-in'; readonly me: Me }
  /** The password was right; nothing opens before a second factor is added or given. */
  | { readonly state: 'second-factor' }
  | { readonly state: 'signed-out' };

/** Who is signed in; asked once and then kept until a sign-in, a sign-out or a 401. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Infinity,
  retry: (count, error) => !(error instanceof ApiProblem) && count < 3,
  queryFn: async (): Promise<SessionState> => {
    try {
      return { state: 'signed-in', me: (await answer(api.GET('/api/v1/me'))) as Me };
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'second-factor-required') return { state: 'second-factor' };
      if (error instanceof ApiProblem && error.status === 401) return { state: 'signed-out' };
      throw error;
    }
  },
});

/** Whoever is signed in; only below the frame, which shows nothing before that is known. */
export function useMe(): Me {
  const { data } = useQuery(sessionQuery);
  if (data?.state !== 'signed-in') throw new Error('Used outside the frame');
  return data.me;
}
