import { expect, test } from '@jest/globals';
import { idleDates } from './account-life.js';

test.each([
  ['2027-03-01T09:00:00+01:00', '2029-02-01T09:00:00+01:00', '2029-03-01T09:00:00+01:00'],
  ['2026-03-29T01:30:00Z', '2028-02-29T03:30:00+01:00', '2028-03-29T03:30:00+02:00'],
  ['2027-01-31T12:00:00+01:00', '2028-12-31T12:00:00+01:00', '2029-01-31T12:00:00+01:00'],
])('used last at %s: reminder %s, deletion %s', (active, remind, remove) => {
  const { remindAt, deleteAt } = idleDates(Temporal.Instant.from(active));
  expect([remindAt, deleteAt]).toEqual([Temporal.Instant.from(remind), Temporal.Instant.from(remove)]);
});
