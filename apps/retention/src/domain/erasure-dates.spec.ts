import { describe, expect, it, test } from '@jest/globals';
import { clearsAt, engagementDates, informBy, leadOrderJudgedAt, unrecoverableBy } from './erasure-dates.js';

const local = (instant: Temporal.Instant) =>
  instant.toZonedDateTimeISO('Europe/Stockholm').toString({ timeZoneName: 'never', smallestUnit: 'minute' });

// Ends are first instants after a Swedish day, as agency gives them: 31 March ended = 1 April 00:00 in Stockholm.
test.each([
  ['three months', '2027-03-31T22:00:00Z', 3, '2027-07-01', '2027-05-25T00:00+02:00', '2027-06-30T00:00+02:00'],
  [
    'two months, the least with HubSpot',
    '2027-06-30T22:00:00Z',
    2,
    '2027-09-01',
    '2027-07-26T00:00+02:00',
    '2027-08-31T00:00+02:00',
  ],
  [
    'over the spring change',
    '2027-01-31T23:00:00Z',
    2,
    '2027-04-01',
    '2027-02-23T00:00+01:00',
    '2027-03-31T00:00+02:00',
  ],
  [
    'over the autumn change',
    '2027-09-30T22:00:00Z',
    2,
    '2027-12-01',
    '2027-10-25T00:00+02:00',
    '2027-11-30T00:00+01:00',
  ],
  [
    'to the end of a leap February',
    '2027-08-31T10:00:00Z',
    6,
    '2028-02-29',
    '2028-01-23T00:00+01:00',
    '2028-02-28T00:00+01:00',
  ],
  [
    'to the end of a common February',
    '2026-08-31T10:00:00Z',
    6,
    '2027-02-28',
    '2027-01-22T00:00+01:00',
    '2027-02-27T00:00+01:00',
  ],
  [
    'a late evening in UTC is the next Swedish day',
    '2027-03-30T22:30:00Z',
    2,
    '2027-05-31',
    '2027-04-24T00:00+02:00',
    '2027-05-30T00:00+02:00',
  ],
  [
    'one month: HubSpot cannot be connected; Salesforce’s 15 days and a week decide',
    '2027-01-31T10:00:00Z',
    1,
    '2027-02-28',
    '2027-02-06T00:00+01:00',
    '2027-02-27T00:00+01:00',
  ],
  ['ten years', '2027-12-31T23:00:00Z', 120, '2038-01-01', '2037-11-25T00:00+01:00', '2037-12-31T00:00+01:00'],
])('E1: an engagement’s dates, %s', (_, endedAt, months, eraseBy, erasesFrom, judgedAt) => {
  const dates = engagementDates(Temporal.Instant.from(endedAt), months);
  expect([dates.eraseBy.toString(), local(dates.erasesFrom), local(dates.judgedAt)]).toEqual([
    eraseBy,
    erasesFrom,
    judgedAt,
  ]);
});

describe('erasing', () => {
  it('never begins before the engagement ended, and always before it is judged', () => {
    for (let day = Temporal.PlainDate.from('2027-01-01'); day.year < 2029; day = day.add({ days: 1 })) {
      const endedAt = day.toZonedDateTime({ timeZone: 'Europe/Stockholm', plainTime: '23:59' }).toInstant();
      for (const months of [1, 2, 3, 12]) {
        const { erasesFrom, judgedAt } = engagementDates(endedAt, months);
        expect(Temporal.Instant.compare(erasesFrom, endedAt)).toBeGreaterThanOrEqual(0);
        expect(Temporal.Instant.compare(erasesFrom.add({ hours: 19 * 24 }), judgedAt)).toBeLessThan(0);
      }
    }
  });
});

test.each([
  ['an ordinary month', '2027-03-01T09:00:00Z', '2027-04-01T10:00+02:00'], // 10:00 in Stockholm, before and after the change
  ['the end of January', '2027-01-31T09:00:00Z', '2027-02-28T10:00+01:00'],
  ['the end of January in a leap year', '2028-01-31T09:00:00Z', '2028-02-29T10:00+01:00'],
  ['into the hour that is skipped', '2027-02-28T01:30:00Z', '2027-03-28T03:30+02:00'], // 02:30 does not exist on 28 March
  ['into the hour that comes twice', '2027-09-30T00:30:00Z', '2027-10-30T02:30+02:00'],
  ['onto the night of the autumn change', '2027-10-01T00:30:00Z', '2027-11-01T02:30+01:00'],
])('B8: one month to inform, %s', (_, obtainedAt, expected) => {
  expect(local(informBy(Temporal.Instant.from(obtainedAt)))).toBe(expected);
});

test.each([
  ['2027-03-01T09:00:00Z', '2027-04-08T00:00+02:00'],
  ['2027-10-20T22:30:00Z', '2027-11-28T00:00+01:00'], // 21 October in Stockholm
])('an order about one person of %s is judged when the slowest vendor has had 37 days', (orderedAt, judgedAt) => {
  expect(local(leadOrderJudgedAt(Temporal.Instant.from(orderedAt)))).toBe(judgedAt);
});

test('keys are destroyed 24 hours after the order at the latest, clock changes or not', () => {
  expect(clearsAt(Temporal.Instant.from('2027-03-27T22:00:00Z')).toString()).toBe('2027-03-28T22:00:00Z');
});

test('unrecoverable: epoch, backups and provider take 21 days', () => {
  expect(unrecoverableBy(Temporal.Instant.from('2028-02-10T23:30:00Z')).toString()).toBe('2028-03-03');
});
