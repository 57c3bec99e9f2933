import { expect, test } from '@jest/globals';
import { endOfSwedishDay } from '@avtala/time';
import { decideNotice } from './notice.js';

const day = (text: string) => Temporal.PlainDate.from(text);

test.each([
  ['start in the middle of a month', '2027-03-15', 1, '2027-04-15'],
  ['the last day of January ends with February', '2027-01-31', 1, '2027-02-28'],
  ['in a leap year', '2028-01-31', 1, '2028-02-29'],
  ['29 February and a year', '2028-02-29', 12, '2029-02-28'],
  ['across the year', '2027-12-31', 2, '2028-02-29'],
])('A1: within the binding months notice is refused with the earliest day: %s', (_, startsOn, months, earliest) => {
  const term = { startsOn: day(startsOn), bindingMonths: months };
  const before = day(earliest).subtract({ days: 1 });
  const decision = decideNotice(term, before);
  expect(decision).toMatchObject({ ok: false, reason: 'binding-period' });
  expect(decision.ok ? '' : String('earliestOn' in decision && decision.earliestOn)).toBe(earliest);
  expect(decideNotice(term, day(earliest)).ok).toBe(true);
});

test('A1: notice before the contract has begun is refused with the same day', () => {
  const decision = decideNotice({ startsOn: day('2027-03-15'), bindingMonths: 1 }, day('2027-03-01'));
  expect(String('earliestOn' in decision && decision.earliestOn)).toBe('2027-04-15');
});

test.each([
  ['first of a month', '2027-05-01', '2027-05-31', '2027-05-31T22:00:00Z'],
  ['last of a month', '2027-05-31', '2027-05-31', '2027-05-31T22:00:00Z'],
  ['February', '2027-02-03', '2027-02-28', '2027-02-28T23:00:00Z'],
  ['February of a leap year', '2028-02-03', '2028-02-29', '2028-02-29T23:00:00Z'],
  ['the month in which summer time begins (28 March)', '2027-03-10', '2027-03-31', '2027-03-31T22:00:00Z'],
  [
    'the month in which it ends (31 October, the very last day has 25 hours)',
    '2027-10-31',
    '2027-10-31',
    '2027-10-31T23:00:00Z',
  ],
  ['December', '2027-12-24', '2027-12-31', '2027-12-31T23:00:00Z'],
])('A2: notice ends the contract with the month that is paid for: %s', (_, noticeOn, lastDay, endsAt) => {
  const decision = decideNotice({ startsOn: day('2026-01-01'), bindingMonths: 1 }, day(noticeOn));
  expect(decision.ok && decision.lastDay.toString()).toBe(lastDay);
  expect(decision.ok && endOfSwedishDay(decision.lastDay).toString()).toBe(endsAt);
});

test('A2: a later last day may be asked for, an earlier one not', () => {
  const term = { startsOn: day('2026-01-01'), bindingMonths: 1 };
  const later = decideNotice(term, day('2027-05-10'), day('2027-06-15'));
  expect(later.ok && later.lastDay.toString()).toBe('2027-06-15');
  const earlier = decideNotice(term, day('2027-05-10'), day('2027-05-30'));
  expect(earlier).toMatchObject({ ok: false, reason: 'ends-too-early' });
});
