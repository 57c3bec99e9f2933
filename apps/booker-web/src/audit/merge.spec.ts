import { expect, test } from '@jest/globals';
import { isDry, merged, type Source } from './merge.js';

interface Row {
  readonly at: string;
  readonly of: string;
}
const at = (seconds: number) => Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toString();
const trail = (of: string, seconds: readonly number[], next: Source<Row>['next']): Source<Row> => ({
  held: seconds.map((s) => ({ at: at(s), of })),
  next,
});
const said = (rows: readonly Row[]) =>
  rows.map((r) => `${r.of}${Temporal.Instant.from(r.at).epochMilliseconds / 1000}`);

test.each<[string, Source<Row>[], string[], number[]]>([
  ['all at their end: everything', [trail('a', [9, 5], null), trail('b', [7], null)], ['a9', 'b7', 'a5'], [0, 0]],
  [
    'one that may go on holds back what is older',
    [trail('a', [9, 5], 'x'), trail('b', [7, 2], null)],
    ['a9', 'b7', 'a5'],
    [0, 1],
  ],
  ['one that is dry holds back all', [trail('a', [], 'x'), trail('b', [7], null)], [], [0, 1]],
  ['one that was never read holds back all', [trail('a', [], undefined), trail('b', [7], null)], [], [0, 1]],
  ['an empty one at its end holds back nothing', [trail('a', [], null), trail('b', [7], null)], ['b7'], [0, 0]],
  ['of one moment: the order of the trails', [trail('a', [7], null), trail('b', [7], null)], ['a7', 'b7'], [0, 0]],
  ['nothing at all', [], [], []],
])('%s', (_, sources, rows, left) => {
  const found = merged(sources);
  expect(said(found.rows)).toEqual(rows);
  expect(found.left.map((s) => s.held.length)).toEqual(left);
});

test('instants are compared as instants: their texts do not sort', () => {
  const one: Source<Row> = { held: [{ at: '2027-03-09T10:00:00.5Z', of: 'a' }], next: null };
  const two: Source<Row> = { held: [{ at: '2027-03-09T10:00:00Z', of: 'b' }], next: null };
  expect(merged([two, one]).rows.map((r) => r.of)).toEqual(['a', 'b']);
});

test('read page by page, five trails come out whole and in order, whatever the sizes of the pages', () => {
  const all = [40, 1, 0, 17, 100].map((n, of) =>
    Array.from({ length: n }, (_, i) => ({ at: at(1000 - ((i * (of + 3)) % 1000) - i), of: String(of) })).sort((a, b) =>
      Temporal.Instant.compare(b.at, a.at),
    ),
  );
  const PAGE = 7;
  let sources: Source<Row>[] = all.map(() => ({ held: [], next: undefined }));
  const shown: Row[] = [];
  for (let asked = 0; sources.some((s) => s.held.length || s.next !== null); asked++) {
    expect(asked).toBeLessThan(100);
    sources = sources.map((s, i) => {
      if (!isDry(s)) return s;
      const from = Number(s.next ?? 0);
      const held = all[i]!.slice(from, from + PAGE);
      return { held, next: held.length === PAGE ? String(from + PAGE) : null };
    });
    const { rows, left } = merged(sources);
    shown.push(...rows);
    sources = left;
  }
  const times = shown.map((r) => Temporal.Instant.from(r.at).epochMilliseconds);
  expect(times).toEqual([...times].sort((a, b) => b - a));
  expect(shown).toHaveLength(158);
  for (const [i, rows] of all.entries()) expect(shown.filter((r) => r.of === String(i))).toEqual(rows);
});
