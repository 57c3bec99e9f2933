import { expect, test } from '@jest/globals';
import { decideCalendar } from './decide-calendar.js';

type Tried = Parameters<typeof decideCalendar>[1][number];
const t = (generation: number, hostId: string | null, sequence: number, state: Tried['state']): Tried => ({
  generation,
  hostId,
  sequence,
  state,
});

test.each<[string, 'booked' | 'cancelled' | 'held', number, Tried[], ReturnType<typeof decideCalendar>]>([
  ['a new booking is written', 'booked', 0, [], { do: 'write', generation: 0, fresh: true }],
  [
    'an answer that never came is asked for',
    'booked',
    0,
    [t(0, 'a', 0, 'writing')],
    { do: 'write', generation: 0, fresh: false },
  ],
  ['written: nothing', 'booked', 0, [t(0, 'a', 0, 'written')], undefined],
  ['moved: changed', 'booked', 1, [t(0, 'a', 0, 'written')], { do: 'write', generation: 0, fresh: false }],
  ['refused: not again by itself', 'booked', 0, [t(0, 'a', 0, 'failed')], undefined],
  [
    'refused before it was moved: again',
    'booked',
    1,
    [t(0, 'a', 0, 'failed')],
    { do: 'write', generation: 0, fresh: false },
  ],
  [
    'reassigned: first the new host',
    'booked',
    1,
    [t(0, 'b', 0, 'written')],
    { do: 'write', generation: 1, fresh: true },
  ],
  [
    'reassigned: then the old one',
    'booked',
    1,
    [t(0, 'b', 0, 'written'), t(1, 'a', 1, 'written')],
    { do: 'remove', generation: 0 },
  ],
  ['reassigned and settled', 'booked', 1, [t(0, 'b', 1, 'removed'), t(1, 'a', 1, 'written')], undefined],
  [
    'reassigned back: the first event is gone, so a third one',
    'booked',
    2,
    [t(0, 'a', 1, 'removed'), t(1, 'b', 1, 'written')],
    { do: 'write', generation: 2, fresh: true },
  ],
  [
    'cancelled: each goes',
    'cancelled',
    2,
    [t(0, 'b', 0, 'written'), t(1, 'a', 1, 'written')],
    { do: 'remove', generation: 0 },
  ],
  [
    'cancelled: one that could not be removed is not tried for ever',
    'cancelled',
    2,
    [t(0, 'a', 2, 'failed')],
    undefined,
  ],
  ['cancelled before it was written', 'cancelled', 1, [], undefined],
  ['held: nothing', 'held', 0, [t(0, 'a', 0, 'writing')], undefined],
])('%s', (_, state, sequence, tried, expected) => {
  expect(decideCalendar({ hostId: 'a', state, sequence }, tried, true)).toEqual(expected);
});

test('a host without a calendar has no event, and the former host’s goes', () => {
  expect(decideCalendar({ hostId: 'a', state: 'booked', sequence: 0 }, [], false)).toBeUndefined();
  expect(decideCalendar({ hostId: 'a', state: 'booked', sequence: 1 }, [t(0, 'b', 0, 'written')], false)).toEqual({
    do: 'remove',
    generation: 0,
  });
});
