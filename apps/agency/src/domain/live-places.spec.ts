import { expect, it, test } from '@jest/globals';
import { Places } from './live-places.js';

it('is the same again from its text', () => {
  const places = Places.none('postgres', 8);
  places.raise('lead-intake', 3, 4711);
  places.raise('scheduling', 7, 1);
  places.raise('scheduling', 7, 0); // never backwards
  const again = Places.parse(places.toString(), 'postgres', 8)!;
  expect([again.get('lead-intake', 3), again.get('scheduling', 7), again.get('agency', 0)]).toEqual([4711, 1, 0]);
  expect([again.isBehind(places), places.isBehind(again)]).toEqual([false, false]);
  again.raise('agency', 0, 1);
  expect([again.isBehind(places), places.isBehind(again)]).toEqual([false, true]);
});

test.each([
  ['', 'nothing'],
  ['17', 'a number'],
  [Places.none('kafka', 8).toString(), 'the other transport’s'],
  [`${Places.none('postgres', 8).toString()}.`, 'a lane too many'],
  [Places.none('postgres', 8).toString().replace('..', '.-1.'), 'no place'],
  [Places.none('postgres', 8).toString().replace('..', '.zzzzzzzzzzzzzzz.'), 'beyond what numbers hold'],
  ['p'.repeat(100_000), 'long'],
])('%# %s is none', (text) => {
  expect(Places.parse(text, 'postgres', 8)).toBeUndefined();
});
