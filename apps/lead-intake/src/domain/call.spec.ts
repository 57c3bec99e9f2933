import { describe, expect, it, test } from '@jest/globals';
import { decideCall, LEAD_STATES, PRESSED, type LeadState, type Pressed, type Standing } from './call.js';
import { DEFAULT_RULES } from './calling-rules.js';
import { refusalAtTheDoor } from './contact-gate.js';

const NOW = Temporal.Instant.from('2027-03-01T09:00:00Z');
const LATER = '2027-03-05T08:00:00Z';
const lead = (state: LeadState, attempts = 1): Standing => ({
  state,
  attempts,
  queue: 2,
  callableAt: NOW,
  callbackFor: null,
});
const decide = (standing: Standing, outcome: Pressed, at: string | null = outcome === 'callback' ? LATER : null) =>
  decideCall(standing, outcome, NOW, at ? { at: Temporal.Instant.from(at), for: null } : null, DEFAULT_RULES);

/** state → outcome → next state @ when it comes back; one line for each cell, so that a change of any shows. */
const TABLE: Record<Pressed, Record<LeadState, string>> = {
  'no-answer': row('open +24h', 'open +24h', 'booked', 'closed', 'open +24h'),
  busy: row('open +30m', 'open +30m', 'booked', 'closed', 'open +30m'),
  callback: row('open Friday', 'open Friday', 'booked', 'open Friday', 'open Friday'),
  interested: row('interested', 'interested', 'booked', 'interested', 'interested'),
  'not-interested': row('closed', 'closed', 'closed', 'closed', 'closed'),
  'not-a-fit': row('closed', 'closed', 'closed', 'closed', 'closed'),
  'wrong-number': row('closed', 'closed', 'closed', 'closed', 'closed'),
  booked: row('booked', 'booked', 'booked', 'booked', 'booked'),
  objected: row('objected', 'objected', 'objected', 'objected', 'objected', 'objected'),
  'not-connected': row('open +5m', 'interested', 'booked', 'closed', 'exhausted'),
};
function row(
  open: string,
  interested: string,
  booked: string,
  closed: string,
  exhausted: string,
  objected = 'already-objected',
): Record<LeadState, string> {
  return { open, interested, booked, closed, exhausted, objected };
}
const WHEN: Record<string, string> = { PT24H: '+24h', PT30M: '+30m', PT5M: '+5m', PT95H: 'Friday' };

describe('every outcome in every state', () => {
  test.each(PRESSED.flatMap((outcome) => LEAD_STATES.map((state) => [state, outcome] as const)))(
    '%s, then %s',
    (state, outcome) => {
      const decision = decide(lead(state), outcome);
      const came = !decision.ok
        ? decision.reason
        : [
            decision.state,
            ...(decision.callableAt ? [WHEN[NOW.until(decision.callableAt, { largestUnit: 'hour' }).toString()]] : []),
          ].join(' ');
      expect(came).toBe(TABLE[outcome][state]);
      if (decision.ok) expect(decision.attempts).toBe(outcome === 'not-connected' ? 1 : 2);
      if (decision.ok) expect(decision.callableAt === null).toBe(decision.state !== 'open');
    },
  );
});

describe('attempts', () => {
  it('are used up by the last one that nobody answers', () => {
    expect(decide(lead('open', 4), 'no-answer')).toMatchObject({ state: 'open', attempts: 5 });
    expect(decide(lead('open', 5), 'no-answer')).toMatchObject({ state: 'exhausted', attempts: 6, callableAt: null });
    expect(decide(lead('open', 5), 'busy')).toMatchObject({ state: 'exhausted' });
  });
  it('do not end a promise: who asked to be called is called', () => {
    expect(decide(lead('open', 9), 'callback')).toMatchObject({ state: 'open', queue: 0 });
  });
  it('are not counted by a call that did not connect, and a callback stays one', () => {
    const promised = { ...lead('open', 5), queue: 0, callbackFor: 'b' };
    expect(decide(promised, 'not-connected')).toMatchObject({ state: 'open', attempts: 5, queue: 0, callbackFor: 'b' });
  });
});

test.each<[Pressed, string | null, string]>([
  ['callback', null, 'callback-missing'],
  ['callback', '2027-03-01T09:00:00Z', 'callback-past'],
  ['booked', LATER, 'callback-unexpected'],
])('%s with callback %s: %s', (outcome, at, reason) =>
  expect(decide(lead('open'), outcome, at)).toEqual({ ok: false, reason }),
);

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
