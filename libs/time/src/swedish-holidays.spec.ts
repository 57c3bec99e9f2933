import { expect, test } from '@jest/globals';
import { swedishDayOff } from './swedish-holidays.js';

test.each<[string, string | null, string]>([
  ['2027-01-01', 'holiday', 'New Year’s Day'],
  ['2027-01-05', null, 'a Tuesday before Epiphany'],
  ['2027-01-06', 'holiday', 'Epiphany'],
  ['2027-03-25', null, 'Maundy Thursday'],
  ['2027-03-26', 'holiday', 'Good Friday'],
  ['2027-03-28', 'holiday', 'Easter Sunday'],
  ['2027-03-29', 'holiday', 'Easter Monday'],
  ['2027-05-06', 'holiday', 'Ascension'],
  ['2027-05-16', 'holiday', 'Whit Sunday'],
  ['2027-06-06', 'holiday', 'National Day'],
  ['2027-06-25', 'eve', 'Midsummer Eve'],
  ['2027-06-26', 'holiday', 'Midsummer Day'],
  ['2026-06-19', 'eve', 'Midsummer Eve at its earliest'],
  ['2027-11-06', 'holiday', 'All Saints’ Day'],
  ['2026-10-31', 'holiday', 'All Saints’ Day at its earliest'],
  ['2027-12-24', 'eve', 'Christmas Eve'],
  ['2027-12-31', 'eve', 'New Year’s Eve'],
  ['2038-04-25', 'holiday', 'Easter at its latest'],
  ['2027-03-01', null, 'a Monday'],
])('%s: %s (%s)', (day, kind, _) => expect(swedishDayOff(Temporal.PlainDate.from(day))).toBe(kind));
