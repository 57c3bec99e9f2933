import type { Outcome } from '@avtala/contracts';
import { expect, test } from '@jest/globals';
import { decideCall, type LeadState } from './call.js';
import { refusalAtTheDoor } from './contact-gate.js';

const NOW = Temporal.Instant.from('2027-03-01T09:00:00Z');
const TOMORROW = '2027-03-02T09:00:00Z';

test.each<[LeadState, Outcome, string | null, string]>([
  ['open', 'no-answer', null, `open ${TOMORROW}`],
  ['open', 'callback', '2027-03-05T08:00:00Z', 'open 2027-03-05T08:00:00Z'],
  ['open', 'interested', null, 'interested never'],
  ['open', 'not-interested', null, 'closed never'],
  ['open', 'wrong-number', null, 'closed never'],
  ['interested', 'booked', null, 'booked never'],
  ['booked', 'no-answer', null, 'booked never'],
  ['booked', 'interested', null, 'booked never'],
  ['closed', 'objected', null, 'objected never'],
  ['objected', 'objected', null, 'objected never'],
  ['objected', 'interested', null, 'already-objected'],
  ['open', 'callback', null, 'callback-missing'],
  ['open', 'callback', '2027-03-01T09:00:00Z', 'callback-past'],
  ['open', 'booked', '2027-03-05T08:00:00Z', 'callback-unexpected'],
])('%s, then %s (callback %s): %s', (state, outcome, callbackAt, expected) => {
  const decision = decideCall(state, outcome, NOW, callbackAt ? Temporal.Instant.from(callbackAt) : null);
  expect(decision.ok ? `${decision.state} ${decision.callableAt?.toString() ?? 'never'}` : decision.reason).toBe(
    expected,
  );
});

const free = { buried: false, restricted: false, objected: false, informed: true };
test.each([
  ['crm', {}, null],
  ['crm', { informed: false }, 'not-informed'],
  ['invite', { informed: false }, null],
  ['booking', { informed: false }, null],
  ['invite', { restricted: true }, 'restricted'],
  ['invite', { objected: true, restricted: true }, 'objected'],
  ['booking', { objected: true }, 'objected'],
  ['invite', { buried: true, objected: true }, 'erased'],
  ['erasure', { buried: true, objected: true, restricted: true, informed: false }, null],
] as const)('the door, purpose %s, %j: %s', (purpose, facts, expected) => {
  expect(refusalAtTheDoor({ ...free, ...facts }, purpose)).toBe(expected);
});
