import { expect, test } from '@jest/globals';
import { BULK_ACTS, bulkCause, type BulkAct, type BulkCause } from './bulk.js';
import { LEAD_STATES, type LeadState } from './call.js';

const NOW = 1_000_000;
const facts = (more: object = {}) => ({
  state: 'open' as LeadState,
  restricted: false,
  beingErased: false,
  informed: true,
  obtainedAt: 0,
  queue: 1,
  attempts: 0,
  callableAt: 0,
  claimedUntil: null,
  ...more,
});

/** act → state → why it is left alone; null = it is done. */
const TABLE: Record<BulkAct, Record<LeadState, BulkCause | null>> = {
  suppress: { open: null, interested: null, booked: null, closed: null, exhausted: null, objected: 'suppressed' },
  erase: { open: null, interested: null, booked: null, closed: null, exhausted: null, objected: 'suppressed' },
  close: { open: null, interested: null, booked: 'booked', closed: 'already-closed', exhausted: null, objected: 'suppressed' }, // prettier-ignore
  reopen: { open: 'already-open', interested: null, booked: 'booked', closed: null, exhausted: null, objected: 'suppressed' }, // prettier-ignore
};

test.each(BULK_ACTS.flatMap((act) => LEAD_STATES.map((state) => [act, state] as const)))(
  '%s of one who is %s',
  (act, state) => expect(bulkCause(act, facts({ state }), NOW, true)).toBe(TABLE[act][state]),
);

test.each<[BulkAct, object, boolean, BulkCause | null]>([
  ['suppress', { restricted: true }, true, null],
  ['erase', { restricted: true }, true, 'restricted'],
  ['close', { restricted: true }, true, 'restricted'],
  ['suppress', { beingErased: true }, true, 'being-erased'],
  ['close', { claimedUntil: NOW }, true, 'handed-out'],
  ['close', { claimedUntil: NOW - 1 }, true, null],
  ['suppress', { claimedUntil: NOW }, true, null],
  ['reopen', { state: 'closed' }, false, 'engagement-ended'],
  ['close', {}, false, null],
])('%s, %j, engagement running %s: %s', (act, more, running, cause) =>
  expect(bulkCause(act, facts(more), NOW, running)).toBe(cause),
);
