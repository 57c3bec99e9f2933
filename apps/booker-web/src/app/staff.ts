import { queryOptions } from '@tanstack/react-query';
import { answer, api } from './api.js';

/** Names of staff, for those who may see them (admin, supervisor, DPO). Each reading is an entry in the audit trail, so it is asked for rarely. */
export const staffQuery = queryOptions({
  queryKey: ['staff-names'],
  staleTime: 60_000,
  queryFn: ({ signal }) => answer(api.GET('/api/v1/staff', { signal })),
});
