import { expect, test } from '@jest/globals';
import { dayIsOver, reserved } from './vendor-day.js';

test.each([
  ['an ordinary evening', '2027-01-11T21:00:00Z', 'Europe/Stockholm', '2027-01-11T23:01:00Z'], // 22:00 → 00:01
  ['the day before the clocks go forward', '2027-03-27T20:00:00Z', 'Europe/Stockholm', '2027-03-27T23:01:00Z'],
  ['the day of 23 hours', '2027-03-28T06:00:00Z', 'Europe/Stockholm', '2027-03-28T22:01:00Z'], // midnight is summer time
  ['the day of 25 hours', '2027-10-31T00:30:00Z', 'Europe/Stockholm', '2027-10-31T23:01:00Z'],
  ['a midnight that does not exist', '2027-03-27T12:00:00Z', 'Asia/Beirut', '2027-03-27T22:01:00Z'], // 00:00 → 01:00
  ['half an hour off', '2027-01-11T12:00:00Z', 'Asia/Kolkata', '2027-01-11T18:31:00Z'],
  ['the vendor’s old spelling', '2027-01-11T12:00:00Z', 'US/Eastern', '2027-01-12T05:01:00Z'],
  ['nobody said where', '2027-01-11T12:00:00Z', null, '2027-01-11T13:00:00Z'],
])('a vendor’s day is over: %s', (_, now, zone, expected) => {
  expect(dayIsOver(Temporal.Instant.from(now), zone).toString()).toBe(expected);
});

test.each([
  [1_000, 51, 5, false],
  [1_000, 50, 5, true],
  [10, 1, 5, false],
  [10, 0, 5, true],
  [1_000, 1, 0, false],
])('of %i calls %i left with a reserve of %i %%: %s', (limit, remaining, percent, expected) => {
  expect(reserved({ limit, remaining }, percent)).toBe(expected);
});
