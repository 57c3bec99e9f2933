import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './api.js';

/** One for the page. Reads are repeated while the server is away; what was refused is not asked again. Writes are never repeated by
 * themselves: the caller knows the idempotency key. Nothing is kept beyond the tab's memory. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 60_000, // personal data does not stay in memory for long after its screen is left
      retry: (count, error) => (!(error instanceof ApiProblem) || error.status >= 500) && count < 3,
      networkMode: 'always', // `navigator.onLine` knows nothing of a server on this machine
    },
    mutations: { networkMode: 'always', retry: false },
  },
});
