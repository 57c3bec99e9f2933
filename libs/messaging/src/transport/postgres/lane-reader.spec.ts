import { expect, it } from '@jest/globals';
import { claimedOf, moveCursorsSql } from './lane-reader.js';

const row = (lane: number, pos: string | null, top: string) => ({ claim: `${lane} 10 ${top} t`, pos });
/** Where each lane's cursor goes when these places of what was read are taken. */
const moves = (found: object[], limit: number, taken: (pos: string) => boolean) => {
  const claimed = claimedOf(found, limit);
  const events = claimed.flatMap((c) => c.events).filter((e) => taken(e.pos));
  const [, topics, lanes, places] = moveCursorsSql('retention', claimed, events).parameters as unknown[][];
  return lanes!.map((lane, i) => `${topics![i]}/${lane} → ${places![i]}`);
};

it('events of several lanes come with their lane, each in its order', () => {
  const [one, two] = claimedOf([row(1, '11', '20'), row(2, '12', '30'), row(1, '15', '20')], 50);
  expect(one!.events).toMatchObject([
    { topic: 't', lane: 1, pos: '11' },
    { topic: 't', lane: 1, pos: '15' },
  ]);
  expect(two).toMatchObject({ topic: 't', lane: 2, events: [{ pos: '12' }] });
  expect(claimedOf([], 50)).toEqual([]);
});

it('a lane read to its end is passed whole, others of its types included; a lane with none of ours, too', () => {
  const found = [row(1, '11', '20'), row(1, '12', '20'), row(2, null, '30')];
  expect(moves(found, 50, () => true)).toEqual(['t/1 → 20', 't/2 → 30']);
});

it('a lane read up to its share goes on behind the last event read', () => {
  const found = [row(1, '11', '20'), row(1, '12', '20'), row(2, '13', '30')];
  expect(moves(found, 4, () => true)).toEqual(['t/1 → 12', 't/2 → 30']);
  expect(claimedOf(found, 4).map((c) => c.isAll)).toEqual([false, true]);
});

it('of a lane that was taken in part, or not at all, the rest is read again', () => {
  const found = [row(1, '11', '20'), row(1, '12', '20'), row(2, '13', '20')];
  expect(moves(found, 50, (pos) => pos === '11')).toEqual(['t/1 → 11', 't/2 → 10']);
});
