import { queryOptions } from '@tanstack/react-query';
import { answer, api } from './api.js';

/** Clocks of the caller's engagements (A7, E1). */
export const clocksQuery = queryOptions({
  queryKey: ['erasure-clocks'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => answer(api.GET('/api/v1/erasure-clocks', { signal })),
});
