import type { Cause } from './causes.js';
import { PushBlockedByRule, PushNotOpen, PushUnderWay } from './errors.js';

/** Where one thing that a CRM is to be told stands, in the words of the sync screen; the last comes first there.
 * `sent`: a call is out, and its answer is not known yet. `blocked`: by a rule, which is no failure and knows no retry. */
export const SYNC_STATES = ['skipped', 'confirmed', 'blocked', 'queued', 'sent', 'retrying', 'parked'] as const;
export type SyncState = (typeof SYNC_STATES)[number];

/** What a person may do about it. */
export type PushAct = 'retry' | 'park' | 'skip' | 'link-anew';

/** Why a person says that something need not be told. A closed set: what people write freely about a lead has its home in lead-intake. */
export const SKIP_REASONS = ['told-otherwise', 'not-needed', 'client-asked', 'wrong-record'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

const MOVES: Readonly<Record<PushAct, Partial<Record<SyncState, SyncState>>>> = {
  'link-anew': { queued: 'queued' }, // and what the client deleted, see below
  retry: { parked: 'queued', retrying: 'queued', skipped: 'queued', queued: 'queued' },
  park: { queued: 'parked', retrying: 'parked', parked: 'parked' },
  skip: { parked: 'skipped', retrying: 'skipped', queued: 'skipped', skipped: 'skipped' },
};

/** @param cause why it stands there: of all rules only the client's own deletion is lifted here, by a person who says that the record is back
 * @returns the state after the act; the same one when there is nothing left to do (a repeat)
 * @throws PushBlockedByRule, PushUnderWay, PushNotOpen */
export function afterAct(act: PushAct, state: SyncState, cause: Cause | null = null): SyncState {
  if (act === 'link-anew' && state === 'blocked' && cause === 'deleted-by-client') return 'queued';
  const to = MOVES[act][state];
  if (to) return to;
  if (state === 'blocked') throw new PushBlockedByRule();
  if (state === 'sent') throw new PushUnderWay();
  throw new PushNotOpen(act, state);
}
