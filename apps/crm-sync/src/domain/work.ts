/** Kinds of due work. One row of `PUSH` for each connection and lead: its lease is what keeps two pushes of a lead from running at once. */
export const PUSH = 'push';
export const pushKey = (connectionId: string, leadId: string): string => `${connectionId}:${leadId}`;

/** All failed pushes of one cause go into the queue again, some hundreds at a time. */
export const RETRY_ALL = 'retry-all';

/** A record of ours at a vendor is to be looked at: the client may have changed or deleted it. */
export const CLIENT_CHANGE = 'client-change';
export const changeKey = (connectionId: string, signal: { object: string; id: string; erased: boolean }): string =>
  `${connectionId}:${signal.object}:${signal.id}${signal.erased ? ':erased' : ''}`;

/** A connection's vendor is asked what changed, or our records there are looked at in turn. One row for each active connection. */
export const WATCH = 'watch';

/** A person who objected is marked so in a CRM that has fields for it. Keyed as a push is. */
export const OPT_OUT = 'opt-out';
