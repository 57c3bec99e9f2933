/** Kinds of due work. One row of `PUSH` for each connection and lead: its lease is what keeps two pushes of a lead from running at once. */
export const PUSH = 'push';
export const pushKey = (connectionId: string, leadId: string): string => `${connectionId}:${leadId}`;

/** All failed pushes of one cause go into the queue again, some hundreds at a time. */
export const RETRY_ALL = 'retry-all';
