import { describe, expect, it, test } from '@jest/globals';
import { DEFAULT_RULES, isOpen, nextOpening, nixBlock, zoneOfPhone } from './calling-rules.js';

const at = (iso: string) => Temporal.Instant.from(iso);
const day = (iso: string) => Temporal.PlainDate.from(iso);

test.each([
  ['Monday 10:00 Swedish', '2027-03-01T09:00Z', 'Europe/Stockholm', true],
  ['Monday 07:59', '2027-03-01T06:59:59Z', 'Europe/Stockholm', false],
  ['Monday 08:00', '2027-03-01T07:00Z', 'Europe/Stockholm', true],
  ['Monday 17:00', '2027-03-01T16:00Z', 'Europe/Stockholm', false],
  ['the same moment in Helsinki is 18:00', '2027-03-01T16:00Z', 'Europe/Helsinki', false],
  ['Saturday', '2027-03-06T09:00Z', 'Europe/Stockholm', false],
  ['Good Friday', '2027-03-26T09:00Z', 'Europe/Stockholm', false],
  ['Midsummer Eve', '2027-06-25T08:00Z', 'Europe/Stockholm', false],
  ['Good Friday in Helsinki too', '2027-03-26T09:00Z', 'Europe/Helsinki', false],
  ['13:30 in Kolkata, 09:00 in Stockholm', '2027-03-01T08:00Z', 'Asia/Kolkata', true],
  ['17:00 in Kolkata', '2027-03-01T11:30Z', 'Asia/Kolkata', false],
])('B10: calls at %s: %s %s %s', (_, moment, zone, open) => expect(isOpen(DEFAULT_RULES, at(moment), zone)).toBe(open));

describe('next opening', () => {
  test.each([
    ['now', '2027-03-01T09:00Z', 'Europe/Stockholm', '2027-03-01T09:00:00Z'],
    ['the same day', '2027-03-01T05:00Z', 'Europe/Stockholm', '2027-03-01T07:00:00Z'],
    ['after the weekend on which clocks go forward', '2027-03-24T16:00Z', 'Europe/Stockholm', '2027-03-25T07:00:00Z'],
    ['after Easter, summer time by then', '2027-03-25T16:00Z', 'Europe/Stockholm', '2027-03-30T06:00:00Z'],
    ['after the weekend on which clocks go back', '2027-10-29T15:00Z', 'Europe/Stockholm', '2027-11-01T07:00:00Z'],
    ['over Christmas', '2027-12-23T17:00Z', 'Europe/Stockholm', '2027-12-27T07:00:00Z'],
    ['a half-hour zone', '2027-03-01T12:00Z', 'Asia/Kolkata', '2027-03-02T02:30:00Z'],
  ])('%s', (_, from, zone, opens) => expect(nextOpening(DEFAULT_RULES, at(from), zone)?.toString()).toBe(opens));

  it('is the end of the gap when clocks skip the hour it names', () => {
    const early = { ...DEFAULT_RULES, fromMinute: 150, weekdays: [7], onHolidays: true };
    // 28 March 2027, 02:30 does not exist in Sweden
    expect(nextOpening(early, at('2027-03-27T12:00Z'), 'Europe/Stockholm')?.toString()).toBe('2027-03-28T01:30:00Z');
  });

  it('never comes when no day is open', () => {
    expect(nextOpening({ ...DEFAULT_RULES, weekdays: [] }, at('2027-03-01T09:00Z'), 'Europe/Stockholm')).toBeNull();
  });
});

test.each([
  ['of a company, never checked', 'company', null, false, null],
  ['of unknown kind', null, null, false, null],
  ['private, never checked', 'private', null, false, 'nix-unchecked'],
  ['private, in the register', 'private', '2027-02-20', true, 'nix-listed'],
  ['private, checked', 'private', '2027-01-01', false, null],
  ['private, checked two months and a day ago', 'private', '2026-12-31', false, 'nix-expired'],
] as const)('B10: a number %s', (_, kind, nixOn, listed, block) =>
  expect(nixBlock({ kind, nixOn: nixOn && day(nixOn), listed }, day('2027-03-01'))).toBe(block),
);

test.each([
  ['+46701740605', 'Europe/Stockholm'],
  ['+358401234567', 'Europe/Helsinki'],
  ['+12125550100', 'Europe/Vienna'],
  [undefined, 'Europe/Vienna'],
])('the clock of %s is %s', (phone, zone) => expect(zoneOfPhone(phone, 'Europe/Vienna')).toBe(zone));
