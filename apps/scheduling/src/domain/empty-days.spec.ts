import { expect, it, test } from '@jest/globals';
import { emptyDays } from './empty-days.js';
import { freeStarts, type MeetingRules } from './free-starts.js';
import { minuteOf, type Span } from './span.js';
import { weeklyHours } from './working-hours.js';

const at = (iso: string): number => minuteOf(Temporal.Instant.from(iso));
const rules: MeetingRules = {
  lengthMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  noticeMinutes: 26 * 60,
  horizonDays: 8,
  stepMinutes: 30,
};
const zone = 'Europe/Stockholm';
const time = { zone, hours: [1, 2, 3, 4, 5].map((day) => weeklyHours(day, '09:00', '17:00')) };
const NOW = at('2027-03-01T09:00+01:00'); // a Monday
const RANGE = { from: at('2027-02-28T00:00+01:00'), to: at('2027-03-12T00:00+01:00') };

const reasons = (busy: Span[], more: { unreadable?: boolean; isFull?: (start: number) => boolean } = {}) => {
  const host = { time, unreadable: false, isFull: () => false, ...more };
  const starts = host.unreadable ? [] : freeStarts(RANGE, NOW, time, busy, rules).filter((s) => !host.isFull(s));
  return Object.fromEntries(
    emptyDays(RANGE, zone, NOW, new Set(starts), rules, [host]).map((d) => [d.day.slice(5), d.reason]),
  );
};
const wholeDay = (day: string): Span => ({ from: at(`${day}T00:00+01:00`), to: at(`${day}T00:00+01:00`) + 1440 });

const ALWAYS = {
  '02-28': 'past',
  '03-01': 'too-soon',
  '03-06': 'outside-hours', // Saturday
  '03-07': 'outside-hours',
  '03-10': 'beyond-horizon',
  '03-11': 'beyond-horizon',
};

test.each<[string, Span[], object, object]>([
  ['nothing busy', [], {}, {}],
  ['a day in which everything is taken', [wholeDay('2027-03-04')], {}, { '03-04': 'busy' }],
  [
    'a calendar that does not answer',
    [],
    { unreadable: true },
    Object.fromEntries(['02', '03', '04', '05', '08', '09'].map((d) => [`03-${d}`, 'calendar-unreadable'])),
  ],
  [
    'a day with as many meetings as the type allows',
    [],
    { isFull: (s: number) => s >= at('2027-03-05T00:00+01:00') && s < at('2027-03-06T00:00+01:00') },
    { '03-05': 'day-full' },
  ],
])('days without a slot say why: %s', (_, busy, more, expected) => {
  expect(reasons(busy, more)).toEqual({ ...ALWAYS, ...expected });
});

it('tells days in the zone that was asked for', () => {
  const range = { from: at('2027-03-03T23:00+01:00'), to: at('2027-03-04T01:00+01:00') };
  const found = emptyDays(range, 'Asia/Kolkata', NOW, new Set(), rules, []);
  expect(found).toEqual([{ day: '2027-03-04', reason: 'outside-hours' }]);
});
