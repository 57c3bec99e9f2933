import { describe, expect, it, test } from '@jest/globals';
import { busyOf } from '../../domain/calendar-entry.js';
import { instantOf, spanOf } from '../../domain/span.js';
import { EntryUnreadable } from '../icalendar/ical.js';
import { itemsOf } from './google-changes.js';

const ZONE = 'Europe/Stockholm';
const RANGE = spanOf(Temporal.Instant.from('2027-03-01T00:00Z'), Temporal.Instant.from('2027-04-10T00:00Z'));
type Event = Parameters<typeof itemsOf>[0][number];
const timed = (from: string, to: string): Event => ({
  start: { dateTime: from, timeZone: ZONE },
  end: { dateTime: to, timeZone: ZONE },
});
const busy = (event: Event) =>
  busyOf(itemsOf([{ id: 'x', ...event }], ZONE)[0]!.entries ?? [], RANGE).map((s) =>
    instantOf(s.from).toString().slice(5, 16),
  );

describe('what a Google event makes of its owner’s time', () => {
  const tuesday = timed('2027-03-02T10:00:00+01:00', '2027-03-02T10:30:00+01:00');
  test.each<[string, Event, string[]]>([
    ['a meeting', tuesday, ['03-02T09:00']],
    [
      'a whole day in the calendar’s zone',
      { start: { date: '2027-03-02' }, end: { date: '2027-03-03' } },
      ['03-01T23:00'],
    ],
    ['transparent', { ...tuesday, transparency: 'transparent' }, []],
    ['declined', { ...tuesday, attendees: [{ self: true, responseStatus: 'declined' }] }, []],
    ['declined by somebody else', { ...tuesday, attendees: [{ responseStatus: 'declined' }] }, ['03-02T09:00']],
    ['a place to work from', { ...tuesday, eventType: 'workingLocation' }, []],
    [
      'the second 02:30 of the night the clocks go back is not the first',
      timed('2026-10-25T02:30:00+01:00', '2027-03-01T01:30:00+01:00'),
      ['03-01T00:00'],
    ],
    [
      'a series over the change of clocks',
      {
        ...timed('2027-03-22T09:00:00+01:00', '2027-03-22T10:00:00+01:00'),
        recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3', 'EXDATE;TZID=Europe/Stockholm:20270329T090000'],
      },
      ['03-22T08:00', '04-05T07:00'],
    ],
  ])('%s', (_, event, expected) => {
    expect(busy(event)).toEqual(expected);
  });

  it('one of a series that was moved, or called off, stands for its original start', () => {
    const original = { dateTime: '2027-03-29T09:00:00+02:00', timeZone: ZONE };
    const [moved, off] = itemsOf(
      [
        {
          id: 's_1',
          recurringEventId: 's',
          originalStartTime: original,
          ...timed('2027-03-29T15:00:00+02:00', '2027-03-29T16:00:00+02:00'),
        },
        { id: 's_2', status: 'cancelled', recurringEventId: 's', originalStartTime: original },
      ],
      ZONE,
    );
    const at = Temporal.Instant.from('2027-03-29T07:00Z').epochMilliseconds / 60_000;
    expect(moved).toMatchObject({ id: 's_1', replaces: { id: 's', at }, entries: [{ minutes: 60 }] });
    expect(off).toEqual({ id: 's_2', entries: [], replaces: { id: 's', at } });
  });

  it('a deleted event is gone', () => {
    expect(itemsOf([{ id: 'x', status: 'cancelled' }], ZONE)).toEqual([{ id: 'x', entries: null }]);
  });

  test.each<[string, Event]>([
    ['no start', { end: { date: '2027-03-03' } }],
    ['a zone nobody knows', { ...timed('2027-03-02T10:00:00+01:00', '2027-03-02T10:30:00+01:00'), recurrence: ['RRULE:FREQ=DAILY'], start: { dateTime: '2027-03-02T10:00:00+01:00', timeZone: 'Client/Office' } }], // prettier-ignore
    ['an end before the start', timed('2027-03-02T10:00:00+01:00', '2027-03-02T09:00:00+01:00')],
  ])('%s is not read as free', (_, event) => {
    expect(() => busy(event)).toThrow(EntryUnreadable);
  });
});
