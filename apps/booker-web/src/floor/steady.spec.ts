import { expect, test } from '@jest/globals';
import { steady } from './steady.js';

const shown = ['a', 'b', 'c'].map((row) => ({ row, gone: false }));
const said = (rows: readonly string[], held: boolean, before = shown) =>
  steady(before, rows, (row) => row, held).map(({ row, gone }) => (gone ? `(${row})` : row));

test.each([
  ['nobody is on the list: as the server has it', ['x', 'b'], false, ['x', 'b']],
  ['held: what is gone stays in its place', ['a', 'c'], true, ['a', '(b)', 'c']],
  ['held: what is new comes last, however early its time', ['x', 'a', 'b', 'c'], true, ['a', 'b', 'c', 'x']],
])('%s', (_, rows, held, expected) => expect(said(rows, held)).toEqual(expected));

test('what comes back while the list is held is there again', () => {
  const before = [{ row: 'a', gone: true }];
  expect(said(['a'], true, before)).toEqual(['a']);
});
