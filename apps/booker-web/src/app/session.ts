import { queryOptions, useQuery } from '@tanstack/react-query';
import { answer, api, ApiProblem } from './api.js';
import { setBusinessTime } from './clock.js';

/** @throws ApiProblem 401 when nobody is signed in; `second-factor-required` when half of it is done */
export async function askMe() {
  const me = await answer(api.GET('/api/v1/me'));
  setBusinessTime(Temporal.Instant.from(me.now)); // before a screen counts from it
  return me;
}
export type Me = Awaited<ReturnType<typeof askMe>>;
export type Role = Me['role'];

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
      return { state: 'signed-in', me: await askMe() };
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
