import { expect, test } from '@jest/globals';
import { cityOf, inZone, say, sayDate, sayDuration, sayRange, type TimeShape } from './times.js';

const now = Temporal.Instant.from('2027-03-09T09:00:00Z');
const at = (instant: string, zone: string) => Temporal.Instant.from(instant).toZonedDateTimeISO(zone);

test.each<[TimeShape, string, string]>([
  ['time', '10:14', '10:14'],
  ['seconds', '10:14:32', '10:14:32'],
  ['day', 'tis 9 mars', 'Tue 9 Mar'],
  ['day-time', 'tis 9 mars 10:14', 'Tue 9 Mar 10:14'],
  ['short', '9 mars 10:14', '9 Mar 10:14'],
  ['long', 'tisdag 9 mars 2027 10:14', 'Tuesday 9 March 2027 10:14'],
])('%s: %s · %s', (shape, sv, en) => {
  const there = at('2027-03-09T09:14:32Z', 'Europe/Stockholm');
  expect([say(there, shape, 'sv', now), say(there, shape, 'en', now)]).toEqual([sv, en]);
});

test.each([
  ['another year is said', '2026-12-31T10:00:00Z', 'Europe/Stockholm', 'tors 31 dec 2026 11:00'],
  ['spring forward: 02:30 does not exist, 03:30 does', '2027-03-28T01:30:00Z', 'Europe/Stockholm', 'sön 28 mars 03:30'],
  ['fall back: the second 02:30', '2027-10-31T01:30:00Z', 'Europe/Stockholm', 'sön 31 okt 02:30'],
  ['a zone without whole hours', '2027-03-09T09:00:00Z', 'Asia/Kathmandu', 'tis 9 mars 14:45'],
  ['the day there, not here', '2027-03-09T22:30:00Z', 'Europe/Helsinki', 'ons 10 mars 00:30'],
  ['the year there, not here', '2027-12-31T22:30:00Z', 'Europe/Helsinki', 'lör 1 jan 2028 00:30'],
])('%s', (_, instant, zone, sv) => {
  expect(say(at(instant, zone), 'day-time', 'sv', now)).toBe(sv);
});

test('a range is said once for its day, with an en dash', () => {
  expect(sayRange(at('2027-03-11T09:00:00Z', 'Europe/Stockholm'), at('2027-03-11T09:30:00Z', 'Europe/Stockholm'))).toBe(
    '10:00–10:30',
  );
});

test('a calendar day has no zone', () => {
  const today = Temporal.PlainDate.from('2027-03-09');
  expect(sayDate(Temporal.PlainDate.from('2027-08-26'), 'sv', today)).toBe('tors 26 aug');
  expect(sayDate(Temporal.PlainDate.from('2028-02-29'), 'en', today)).toBe('Tue 29 Feb 2028');
});

test.each([
  [161, '02:41', '02:41'],
  [-5, '00:00', '00:00'],
  [3600, '1 tim 0 min', '1 h 0 min'],
  [86_400 * 3 + 3600 * 9 + 59, '3 dygn 9 tim', '3 days 9 h'],
  [86_400, '1 dygn 0 tim', '1 day 0 h'],
  [86_400 * 12, '12 dygn', '12 days'],
])('%i s is %s · %s', (seconds, sv, en) => {
  expect([sayDuration(seconds, 'sv'), sayDuration(seconds, 'en')]).toEqual([sv, en]);
});

test.each([
  ['Europe/Stockholm', 'svensk tid', 'Swedish time'],
  ['Europe/Helsinki', 'i Helsingfors', 'in Helsinki'],
  ['America/Argentina/Buenos_Aires', 'i Buenos Aires', 'in Buenos Aires'],
])('%s is %s · %s', (zone, sv, en) => {
  expect([inZone(zone, 'sv'), inZone(zone, 'en')]).toEqual([sv, en]);
  expect(cityOf(zone, 'sv')).not.toContain('_');
});
