import { describe, expect, test } from '@jest/globals';
import { FixedClock, OffsetClock } from './clock.js';
import { endOfSwedishDay, eraseBy, startOfSwedishDay, swedishDay } from './swedish-days.js';

const at = (iso: string) => Temporal.Instant.from(iso);

test.each([
  ['2027-08-31T10:00:00Z', 6, '2028-02-29'], // 31 Aug + 6 months: the last day of a shorter month
  ['2027-08-31T22:30:00Z', 1, '2027-10-01'], // 00:30 on 1 Sep in Stockholm
  ['2027-01-31T12:00:00Z', 1, '2027-02-28'],
  ['2026-12-31T22:59:59Z', 12, '2027-12-31'],
  ['2026-12-31T23:00:00Z', 12, '2028-01-01'],
])('E1: ended %s, kept %i months, gone by the end of %s', (ended, months, day) => {
  expect(eraseBy(at(ended), months).toString()).toBe(day);
});

test.each([0, 121, 1.5, Number.NaN])('%p months are refused', (months) => {
  expect(() => eraseBy(at('2027-01-01T00:00:00Z'), months)).toThrow(RangeError);
});

describe('Swedish days', () => {
  test.each([
    ['2027-03-28', 23],
    ['2026-10-25', 25],
    ['2027-06-01', 24],
  ])('%s lasts %i hours', (iso, hours) => {
    const day = Temporal.PlainDate.from(iso);
    const length = startOfSwedishDay(day).until(endOfSwedishDay(day)).total('hours');
    expect(length).toBe(hours);
    expect(swedishDay(startOfSwedishDay(day)).toString()).toBe(iso);
    expect(swedishDay(endOfSwedishDay(day).subtract({ nanoseconds: 1 })).toString()).toBe(iso);
  });
});

describe('clocks', () => {
  test('the test clock goes forward only', () => {
    const clock = new OffsetClock();
    clock.advanceTo(5_000);
    clock.advanceTo(4_000);
    expect(clock.offsetMs).toBe(5_000);
    expect(Math.abs(clock.now().epochMilliseconds - Date.now() - 5_000)).toBeLessThan(200);
  });

  test('a fixed clock stands still', () => {
    const clock = new FixedClock('2027-03-01T09:00:00Z');
    expect(clock.now().equals(clock.now())).toBe(true);
    expect(clock.nowDate().toISOString()).toBe('2027-03-01T09:00:00.000Z');
  });
});
