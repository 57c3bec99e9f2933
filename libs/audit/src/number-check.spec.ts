import { expect, test } from '@jest/globals';
import { NumberCheck } from './number-check.js';

type Seen = [n: number, numbers?: unknown];
const check = (...seen: Seen[]) => {
  const numbers = new NumberCheck();
  for (const [n, said] of seen) numbers.saw('a', n, said);
  const { removed, unaccounted } = numbers.result();
  return { removed: removed.map((r) => r.n), unaccounted };
};
const whole = { removed: [], unaccounted: 0 };

test.each<[string, Seen[], object]>([
  ['all there', [[1], [2], [3, { settled: 2 }]], whole],
  ['all there, in another order', [[3], [1], [5], [2], [4]], whole],
  ['one rolled back, and said so', [[1], [3, { settled: 2, unused: [[2, 2]] }]], whole],
  ['said so by a later one', [[1], [3, { settled: 1 }], [4, { settled: 3, unused: [[2, 2]] }]], whole],
  ['removed', [[1], [3], [4, { settled: 3 }]], { removed: [2], unaccounted: 0 }],
  ['the first removed', [[2], [3, { settled: 2 }]], { removed: [1], unaccounted: 0 }],
  ['the last before one that says so', [[1], [2], [4, { settled: 3 }]], { removed: [3], unaccounted: 0 }],
  ['died before it could say', [[1], [3, { settled: 1 }], [6, { settled: 1 }]], { removed: [], unaccounted: 3 }],
  ['both', [[1], [4, { settled: 2 }], [6, { settled: 2 }]], { removed: [2], unaccounted: 2 }],
  ['entries of an older version', [[1], [3]], { removed: [], unaccounted: 1 }],
  ['a run of unused', [[1], [10, { settled: 9, unused: [[2, 5], [7, 9]] }]], { removed: [6], unaccounted: 0 }], // prettier-ignore
])('G2: numbers %s', (_, seen, result) => {
  expect(check(...seen)).toEqual(result);
});

test('G2: whatever the order, the same numbers are missing', () => {
  const gone = new Set([3, 17, 18, 40]);
  const there = Array.from({ length: 50 }, (_, i) => i + 1).filter((n) => !gone.has(n));
  for (let turn = 0; turn < there.length; turn += 7) {
    const turned = [...there.slice(turn), ...there.slice(0, turn)].map((n): Seen => [n]);
    expect(check(...turned, [51, { settled: 20 }])).toEqual({ removed: [3], unaccounted: 1 });
    expect(check(...turned.reverse(), [51, { settled: 50 }]).unaccounted).toBe(0);
  }
});
