import type { LeadFacts } from './lead-status.js';

export const BULK_ACTS = ['suppress', 'erase', 'close', 'reopen'] as const;
export type BulkAct = (typeof BULK_ACTS)[number];

/** Why an act on many passes one of them over. */
export const BULK_CAUSES = [
  'not-found',
  'being-erased',
  'suppressed',
  'restricted',
  'booked',
  'handed-out',
  'already-closed',
  'already-open',
  'engagement-ended',
] as const;
export type BulkCause = (typeof BULK_CAUSES)[number];

/** Why this act does not touch this lead; null when it does. @param realNow epoch milliseconds, for claims @param running the engagement runs */
export function bulkCause(act: BulkAct, lead: LeadFacts, realNow: number, running: boolean): BulkCause | null {
  if (lead.beingErased) return 'being-erased';
  if (lead.state === 'objected') return 'suppressed';
  if (act === 'suppress') return null; // a no is heard whatever else is the case
  if (lead.restricted) return 'restricted'; // F4: stored, otherwise untouched
  if (act === 'erase') return null;
  if (lead.state === 'booked') return 'booked';
  if (act === 'close') {
    if (lead.state === 'closed') return 'already-closed';
    return lead.claimedUntil !== null && lead.claimedUntil >= realNow ? 'handed-out' : null;
  }
  if (lead.state === 'open') return 'already-open';
  return running ? null : 'engagement-ended';
}
