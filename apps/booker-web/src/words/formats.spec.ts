import { expect, test } from '@jest/globals';
import { list, money, number, percent } from './formats.js';
import { sayPhone } from './phone.js';

const NBSP = '\u00a0';

test('numbers, with spaces that do not break', () => {
  expect([number('sv', 1204), number('en', 1204)]).toEqual([`1${NBSP}204`, '1,204']);
  expect([percent('sv', 0.864, 1), percent('en', 0.864, 1)]).toEqual([`86,4${NBSP}%`, '86.4%']);
  expect([money('sv', 2_500_000), money('en', 2_500_000)]).toEqual([`25${NBSP}000,00${NBSP}kr`, `SEK${NBSP}25,000.00`]);
  expect(list('sv', ['kalender', 'inbjudan', 'HubSpot'])).toBe('kalender, inbjudan och HubSpot');
});

test.each([
  ['+46701740612', '070-174 06 12'],
  ['+46313900600', '031-390 06 00'],
  ['+46406280499', '040-628 04 99'],
  ['+46846500499', '08-465 004 99'],
  ['+46980319299', '0980-31 92 99'],
  ['+358401234567', '+358 40 123 45 67'],
  ['+4512345678', '+45 12 34 56 78'],
  ['+12025550143', '+1 202 555 01 43'],
  ['not a number', 'not a number'],
])('%s is %s', (e164, said) => {
  expect(sayPhone(e164)).toBe(said);
});
