import { describe, expect, test } from '@jest/globals';
import { validateSync } from 'class-validator';
import { IsCalendarDate, IsInstant } from './fields.js';

class Times {
  @IsInstant() at!: unknown;
  @IsCalendarDate() on!: unknown;
}
const wrong = (times: object) => validateSync(Object.assign(new Times(), times)).map((e) => e.property);

describe('instants and dates that PostgreSQL could not hold, or nobody means', () => {
  test.each([
    ['the first and the last', { at: '1900-01-01T00:00:00Z', on: '2199-12-31' }, []],
    ['before the year 1', { at: '-000001-01-01T00:00:00Z', on: '0000-01-01' }, ['at', 'on']],
    ['the ends of Temporal', { at: '+275760-09-13T00:00:00Z', on: '9999-12-31' }, ['at', 'on']],
    ['a day that is none', { at: '2027-02-30T00:00:00Z', on: '2027-02-30' }, ['at', 'on']],
    ['a local time', { at: '2027-03-28T02:30', on: '2027-03-28' }, ['at']],
    ['what is no text', { at: null, on: ['2027-03-28'] }, ['at', 'on']],
  ])('%s', (_, times, expected) => {
    expect(wrong(times)).toEqual(expected);
  });
});
