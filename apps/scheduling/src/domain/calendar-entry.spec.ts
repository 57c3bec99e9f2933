import { describe, expect, it, test } from '@jest/globals';
import { busyOf, SeriesUnreadable, type CalendarEntry } from './calendar-entry.js';
import { instantOf } from './span.js';

const wall = (text: string): number => Temporal.Instant.from(`${text}Z`).epochMilliseconds / 60_000;
const utc = (text: string): number => Temporal.Instant.from(text).epochMilliseconds / 60_000;
const entry = (at: string, more: Partial<CalendarEntry> = {}): CalendarEntry => ({
  at: wall(at),
  zone: 'Europe/Stockholm',
  days: 0,
  minutes: 60,
  ...more,
});
const busy = (entries: CalendarEntry[], from: string, to: string): string[] =>
  busyOf(entries, { from: utc(from), to: utc(to) }).map((s) =>
    `${instantOf(s.from).toString()}/${instantOf(s.to).toString()}`.replaceAll(':00Z', 'Z'),
  );

describe('busyOf', () => {
  test.each<[string, CalendarEntry, string[]]>([
    ['a single entry at 10:00 in winter', entry('2027-03-01T10:00'), ['2027-03-01T09:00Z/2027-03-01T10:00Z']],
    ['a half-hour zone', entry('2027-03-01T10:00', { zone: 'Asia/Kolkata' }), ['2027-03-01T04:30Z/2027-03-01T05:30Z']],
    [
      'a whole day, 24 hours of the wall clock',
      entry('2027-03-02T00:00', { days: 1, minutes: 0 }),
      ['2027-03-01T23:00Z/2027-03-02T23:00Z'],
    ],
    ['nothing for an entry of no length', entry('2027-03-01T10:00', { minutes: 0 }), []],
  ])('%s', (_, e, expected) => {
    expect(busy([e], '2027-03-01T00:00Z', '2027-03-05T00:00Z')).toEqual(expected);
  });

  it('a weekly 09:00 stays 09:00 when the clocks go forward on 28 March', () => {
    const weekly = entry('2027-03-22T09:00', { rule: 'FREQ=WEEKLY' });
    expect(busy([weekly], '2027-03-20T00:00Z', '2027-04-06T00:00Z')).toEqual([
      '2027-03-22T08:00Z/2027-03-22T09:00Z',
      '2027-03-29T07:00Z/2027-03-29T08:00Z',
      '2027-04-05T07:00Z/2027-04-05T08:00Z',
    ]);
  });

  it('a daily 02:30: skipped by the clocks, it begins at 03:30; repeated, it is the first', () => {
    const nightly = entry('2027-03-27T02:30', { rule: 'FREQ=DAILY;COUNT=3', minutes: 30 });
    expect(busy([nightly], '2027-03-26T00:00Z', '2027-04-02T00:00Z')).toEqual([
      '2027-03-27T01:30Z/2027-03-27T02:00Z',
      '2027-03-28T01:30Z/2027-03-28T02:00Z', // 02:30 is not there: counted with +01:00, 03:30 on the wall
      '2027-03-29T00:30Z/2027-03-29T01:00Z',
    ]);
    const autumn = entry('2026-10-25T02:30', { minutes: 30 });
    expect(busy([autumn], '2026-10-24T00:00Z', '2026-10-26T00:00Z')).toEqual(['2026-10-25T00:30Z/2026-10-25T01:00Z']);
  });

  it('a whole day over the change is 23 hours', () => {
    const sunday = entry('2027-03-28T00:00', { days: 1, minutes: 0 });
    expect(busy([sunday], '2027-03-27T00:00Z', '2027-03-30T00:00Z')).toEqual(['2027-03-27T23:00Z/2027-03-28T22:00Z']);
  });

  it('leaves out what was taken out, on both sides of the change, and adds what was added', () => {
    const weekly = entry('2027-03-22T09:00', {
      rule: 'FREQ=WEEKLY',
      except: [utc('2027-03-22T08:00Z'), utc('2027-03-29T07:00Z')],
      also: [utc('2027-03-23T12:00Z')],
    });
    expect(busy([weekly], '2027-03-20T00:00Z', '2027-04-06T00:00Z')).toEqual([
      '2027-03-23T12:00Z/2027-03-23T13:00Z',
      '2027-04-05T07:00Z/2027-04-05T08:00Z',
    ]);
  });

  it('ends with UNTIL, which is in UTC', () => {
    const weekly = entry('2027-03-22T09:00', { rule: 'FREQ=WEEKLY', until: utc('2027-03-29T07:00Z') });
    expect(busy([weekly], '2027-03-20T00:00Z', '2027-05-01T00:00Z')).toHaveLength(2);
  });

  it('counts from the first start, also when the range begins much later', () => {
    const weekly = entry('2025-01-06T09:00', { rule: 'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=230' });
    expect(busy([weekly], '2027-03-15T00:00Z', '2027-04-01T00:00Z')).toEqual([
      '2027-03-15T08:00Z/2027-03-15T09:00Z',
      '2027-03-17T08:00Z/2027-03-17T09:00Z', // number 230
    ]);
  });

  it('an entry that began before the range still counts in it', () => {
    const long = entry('2027-02-20T00:00', { days: 14, minutes: 0 });
    expect(busy([long], '2027-03-01T00:00Z', '2027-03-02T00:00Z')).toEqual(['2027-03-01T00:00Z/2027-03-02T00:00Z']);
  });

  test.each([
    'FREQ=SECONDLY',
    'FREQ=MINUTELY;INTERVAL=5',
    'FREQ=HOURLY',
    'FREQ=DAILY;INTERVAL=0',
    'FREQ=FORTNIGHTLY',
    'BYDAY=MO',
    'FREQ=DAILY;BYDAY=XX',
  ])('refuses %s rather than calling it free', (rule) => {
    expect(() => busy([entry('2027-03-01T10:00', { rule })], '2027-03-01T00:00Z', '2027-03-05T00:00Z')).toThrow(
      SeriesUnreadable,
    );
  });

  it('ends soon, whatever a calendar holds', () => {
    const old = entry('1900-01-01T09:00', { rule: 'FREQ=DAILY;COUNT=999999999' });
    expect(busy([old], '2027-03-01T00:00Z', '2027-03-03T00:00Z')).toHaveLength(2);
    const never = entry('2000-01-01T09:00', { rule: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' });
    expect(busy([never], '2027-03-01T00:00Z', '2029-03-01T00:00Z')).toEqual([]);
    const many = Array.from({ length: 2000 }, () => entry('2020-01-01T09:00', { rule: 'FREQ=DAILY' }));
    expect(() => busy(many, '2027-03-01T00:00Z', '2029-03-01T00:00Z')).toThrow(SeriesUnreadable);
  });
});
