import { describe, expect, it } from '@jest/globals';
import { byTurn, daysOf, nearest, shownDays, type Slot } from './slots.js';

const slot = (startsAt: string, hostId = 'a'): Slot => ({ hostId, startsAt, endsAt: startsAt });
const day = (on: string, ...hours: number[]) => hours.map((h) => slot(`${on}T${String(h).padStart(2, '0')}:00:00Z`));
const ZONE = 'Europe/Stockholm';

describe('times on the screen', () => {
  it('one for each start, with the host whose turn it is', () => {
    const both = [slot('2027-03-09T08:00:00Z', 'b'), slot('2027-03-09T08:00:00Z', 'a'), slot('2027-03-09T09:00:00Z', 'b')]; // prettier-ignore
    expect(byTurn(both, ['a', 'b']).map((s) => s.hostId)).toEqual(['a', 'b']);
    expect(byTurn(both, ['b', 'a']).map((s) => s.hostId)).toEqual(['b', 'b']);
  });

  it('days are the agency’s; of those without times only what has a reason to tell', () => {
    const days = daysOf(
      [slot('2027-03-09T23:30:00Z'), slot('2027-03-09T08:00:00Z')],
      [
        { day: '2027-03-11', reason: 'day-full' },
        { day: '2027-03-13', reason: 'outside-hours' },
      ],
      ZONE,
    );
    expect(days.map((d) => [d.day, d.reason, d.slots.length])).toEqual([
      ['2027-03-09', undefined, 1],
      ['2027-03-10', undefined, 1],
      ['2027-03-11', 'day-full', 0],
    ]);
  });

  const five = ['08', '09', '10', '11', '12'].flatMap((d) => day(`2027-03-${d}`, 8, 9, 10, 11, 12, 13));
  const days = daysOf(five, [], ZONE);

  it('four days with three times that differ, nine of them with a key', () => {
    const shown = shownDays(days, 0, undefined);
    expect(shown.map((d) => d.day)).toEqual(['2027-03-08', '2027-03-09', '2027-03-10', '2027-03-11']);
    expect(shown[0]!.slots.map((s) => [s.startsAt.slice(11, 13), s.digit])).toEqual([
      ['08', 1],
      ['10', 2],
      ['13', 3],
    ]);
    expect(shown.flatMap((d) => d.slots).map((s) => s.digit)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, undefined, undefined, undefined]); // prettier-ignore
  });

  it('more days come next, and begin anew after the last', () => {
    expect(shownDays(days, 1, undefined).map((d) => d.day)).toEqual(['2027-03-12']);
    expect(shownDays(days, 2, undefined)[0]!.day).toBe('2027-03-08');
  });

  it('one day by itself has all of its times; a chosen time is always among those shown', () => {
    expect(shownDays(days, 0, '2027-03-10')[0]!.slots).toHaveLength(6);
    const shown = shownDays(days, 0, undefined, '2027-03-08T09:00:00Z');
    expect(shown[0]!.slots.map((s) => s.startsAt.slice(11, 13))).toContain('09');
  });

  it('the nearest to one that is gone', () => {
    expect(nearest(day('2027-03-09', 8, 12, 13), '2027-03-09T10:30:00Z')?.startsAt).toBe('2027-03-09T12:00:00Z');
    expect(nearest([], '2027-03-09T10:30:00Z')).toBeUndefined();
  });
});
