import { describe, expect, it } from '@jest/globals';
import { daysOf } from './days.js';

const slot = (hostId: string, day: string, time: string) => ({
  hostId,
  startsAt: `${day}T${time}:00Z`,
  local: `${day}T${time}:00+00:00`,
});

describe('days of the dialog', () => {
  const answer = {
    slots: [
      slot('a', '2027-03-02', '09:00'),
      slot('b', '2027-03-02', '09:00'),
      slot('b', '2027-03-02', '10:00'),
      slot('b', '2027-03-01', '09:00'),
    ],
    days: [
      { day: '2027-03-03', reason: 'busy' },
      { day: '2027-03-06', reason: 'outside-hours' },
    ],
  };

  it('each start once, in order of days; a day without times says why, a weekend is no column', () => {
    expect(daysOf(answer)).toEqual([
      { day: '2027-03-01', slots: [{ hostId: 'b', startsAt: '2027-03-01T09:00:00Z' }] },
      {
        day: '2027-03-02',
        slots: [
          { hostId: 'a', startsAt: '2027-03-02T09:00:00Z' },
          { hostId: 'b', startsAt: '2027-03-02T10:00:00Z' },
        ],
      },
      { day: '2027-03-03', reason: 'busy', slots: [] },
    ]);
  });

  it('of one host: a day on which only others are free says so, whoever comes first', () => {
    expect(daysOf(answer, 'a').map(({ day, slots, reason }) => [day, slots.length, reason])).toEqual([
      ['2027-03-01', 0, 'host-busy'],
      ['2027-03-02', 1, undefined],
      ['2027-03-03', 0, 'busy'],
    ]);
  });
});
