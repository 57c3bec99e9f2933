import { expect, test } from '@jest/globals';
import { instantOfField, proposals } from './callback-times.js';
import { fillIn, spokenSlot } from './script-text.js';

const at = (text: string) => Temporal.Instant.from(text);

test.each<[string, string, string[]]>([
  ['a Tuesday morning', '2027-03-09T09:14:00Z', ['11:15', '15:00', '09:00', '14:00', '10:00']],
  ['a Tuesday evening', '2027-03-09T16:50:00Z', ['19:00', '09:00', '14:00', '10:00']],
  ['a Friday: tomorrow is Monday', '2027-03-12T09:00:00Z', ['11:15', '15:00', '09:00', '14:00', '10:00']],
])('times to call back, on %s', (_, now, times) => {
  const found = proposals(at(now)).map((p) => p.at.toZonedDateTimeISO('Europe/Stockholm'));
  expect(found.map((t) => t.toPlainTime().toString().slice(0, 5))).toEqual(times);
  expect(found.slice(1).every((t) => t.dayOfWeek < 6)).toBe(true);
});

test.each([
  ['2027-07-01T10:00', '2027-07-01T08:00:00Z'],
  ['', undefined],
  ['i morgon', undefined],
])('a field that holds %s', (value, instant) => {
  expect(instantOfField(value)?.toString()).toBe(instant);
});

test('a script is filled in; what nobody knows stays as it is written', () => {
  expect(fillIn('Hej {firstName}, {annat}!', { firstName: 'Karin' })).toEqual([
    { text: 'Hej ', live: false },
    { text: 'Karin', live: true },
    { text: ', ', live: false },
    { text: '{annat}', live: false },
    { text: '!', live: false },
  ]);
});

test.each([
  ['2027-03-11T09:00:00Z', 'torsdag klockan 11'],
  ['2027-03-18T09:30:00Z', 'torsdag den 18 klockan 11:30'],
])('a time as it is said, on the person’s clock: %s', (start, said) => {
  expect(spokenSlot(start, 'Europe/Helsinki', at('2027-03-09T09:00:00Z'))).toBe(said);
});
