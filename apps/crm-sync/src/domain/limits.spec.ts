import { expect, test } from '@jest/globals';
import { answered, type Limits, NO_LIMITS_KNOWN, refused, restAfterRefusal, sending, waitFor } from './limits.js';

const headers = (remaining: number, max = 110) =>
  new Map([
    ['x-hubspot-ratelimit-max', String(max)],
    ['x-hubspot-ratelimit-remaining', String(remaining)],
    ['x-hubspot-ratelimit-interval-milliseconds', '10000'],
  ]);
/** `n` calls, sent and answered at that moment, alone in the account. */
const calls = (n: number, at: number, before: Limits = NO_LIMITS_KNOWN): Limits =>
  Array.from({ length: n }).reduce<Limits>(
    (l) => answered(sending(l, 'other', at), 'other', headers(110 - l.ended.length - 1), at),
    before,
  );

test('nothing known: go', () => {
  expect(waitFor(NO_LIMITS_KNOWN, 'other', 0)).toBe(0);
});

test('the window rolls: a call is free when the oldest leaves it, three are left to others', () => {
  const limits = calls(53, 5_000, calls(54, 0));
  expect(waitFor(limits, 'other', 6_000)).toBe(4_025); // the first of them leaves at 10 s
  expect(waitFor(limits, 'other', 10_025)).toBe(0);
  expect(waitFor(calls(54, 10_025, limits), 'other', 10_025)).toBe(5_000); // and the others at 15 s
});

test('calls in flight count, and are looked at again soon', () => {
  const limits = Array.from({ length: 97 }).reduce<Limits>((l) => sending(l, 'other', 0), NO_LIMITS_KNOWN);
  expect(waitFor(limits, 'other', 0)).toBe(25);
  expect(waitFor(answered(limits, 'other', new Map(), 100), 'other', 100)).toBe(10_025);
});

test('what the vendor counts and we did not send is the others’, for one window', () => {
  const limits = answered(sending(NO_LIMITS_KNOWN, 'other', 0), 'other', headers(3), 0); // 106 of them are not ours
  expect(limits.others.count).toBe(106);
  expect(waitFor(limits, 'other', 0)).toBeGreaterThan(0);
  expect(waitFor(limits, 'other', 10_025)).toBe(0);
});

test('searches have a window of a second of their own', () => {
  const search = (l: Limits, at: number) => answered(sending(l, 'search', at), 'search', headers(90), at);
  const limits = [0, 10, 20, 30].reduce(search, NO_LIMITS_KNOWN);
  expect(waitFor(limits, 'search', 40)).toBe(985);
  expect(waitFor(limits, 'other', 40)).toBe(0);
  expect(waitFor(limits, 'search', 1_025)).toBe(0);
});

test.each([
  ['Retry-After is believed', 'TEN_SECONDLY_ROLLING', '3', 3_000],
  ['ten seconds', 'TEN_SECONDLY_ROLLING', undefined, 10_000],
  ['search, a second', 'SECONDLY', undefined, 1_000],
  ['the day’s, where nobody keeps a day’s budget', 'DAILY', undefined, 900_000],
  ['unknown policy', undefined, 'soon', 10_000],
])('rest after a 429: %s', (_, policy, retryAfter, ms) => {
  expect(restAfterRefusal(policy, retryAfter)).toBe(ms);
  expect(waitFor(refused(NO_LIMITS_KNOWN, ms, 1_000), 'other', 1_000)).toBe(ms);
});
