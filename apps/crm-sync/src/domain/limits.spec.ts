import { expect, test } from '@jest/globals';
import { answered, NO_LIMITS_KNOWN, refused, restAfterRefusal, sending, waitFor } from './limits.js';

const headers = (remaining: number) =>
  new Map([
    ['x-hubspot-ratelimit-remaining', String(remaining)],
    ['x-hubspot-ratelimit-interval-milliseconds', '10000'],
  ]);

test('nothing known: go', () => {
  expect(waitFor(NO_LIMITS_KNOWN, 0)).toBe(0);
});

test('the vendor’s count is taken over, calls in flight are counted, and a few are left to others', () => {
  let limits = answered(sending(NO_LIMITS_KNOWN, 0), headers(7), 100);
  expect(waitFor(limits, 100)).toBe(0);
  limits = sending(limits, 100);
  limits = sending(limits, 101); // 5 left, none for us
  expect(waitFor(limits, 200)).toBe(9_800); // the window began with the first call
  expect(waitFor(limits, 10_000)).toBe(0);
  expect(sending(limits, 10_000)).toMatchObject({ remaining: null, windowEndsAt: 20_000 });
});

test('a late answer with a higher count does not give calls back', () => {
  const limits = answered(answered(sending(NO_LIMITS_KNOWN, 0), headers(20), 10), headers(60), 20);
  expect(limits.remaining).toBe(20);
});

test('answers without headers change nothing', () => {
  expect(answered(NO_LIMITS_KNOWN, new Map(), 5)).toBe(NO_LIMITS_KNOWN);
});

test.each([
  ['Retry-After is believed', 'TEN_SECONDLY_ROLLING', '3', 3_000],
  ['ten seconds', 'TEN_SECONDLY_ROLLING', undefined, 10_000],
  ['search, a second', 'SECONDLY', undefined, 1_000],
  ['the day’s: asked again each quarter', 'DAILY', undefined, 900_000],
  ['unknown policy', undefined, 'soon', 10_000],
])('rest after a 429: %s', (_, policy, retryAfter, ms) => {
  expect(restAfterRefusal(policy, retryAfter)).toBe(ms);
  expect(waitFor(refused(NO_LIMITS_KNOWN, ms, 1_000), 1_000)).toBe(ms);
});
