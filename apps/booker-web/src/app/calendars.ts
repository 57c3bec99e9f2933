import { queryOptions } from '@tanstack/react-query';
import { answer, api } from './api.js';

/** How calendars of all the caller's hosts fare. No event tells of it: it is asked. */
export const calendarsHealthQuery = (everyMs: number) =>
  queryOptions({
    queryKey: ['calendar-connections', 'all'],
    refetchInterval: everyMs,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/calendar-connections', { signal })),
  });
