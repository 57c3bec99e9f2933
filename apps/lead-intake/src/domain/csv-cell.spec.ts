import { describe, expect, it, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { csvCell, csvRow } from './csv-cell.js';

test.each([
  ['Anna', 'Anna'],
  ['+46701740605', `"'+46701740605"`],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['-1', `"'-1"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"'\t=1"`],
  ['\0=1', `"'\0=1"`],
  ['a,b', '"a,b"'],
  ['rad\nett', '"rad\nett"'],
  ['', ''],
  ['1+1', '1+1'],
])('%j is written %j', (value, cell) => expect(csvCell(value)).toBe(cell));

describe('whatever is in a cell', () => {
  // A generator of its own with a fixed start: the same thousand rows in every run.
  let seed = 20270301;
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  const ALPHABET = [
    '=',
    '+',
    '-',
    '@',
    '\t',
    '\r',
    '\n',
    '\0',
    '"',
    "'",
    ',',
    ';',
    ' ',
    'a',
    'Å',
    '1',
    '😀',
    '\uFEFF',
    '|',
  ];
  const text = () => Array.from({ length: random(8) }, () => ALPHABET[random(ALPHABET.length)]!).join('');

  it('comes back as it was, but for the apostrophe, and no cell begins a formula', () => {
    for (let n = 0; n < 1000; n++) {
      const values = Array.from({ length: 1 + random(5) }, text);
      const [back] = parse(csvRow(['x', ...values]), {
        relax_column_count: true,
        record_delimiter: '\r\n',
      }) as string[][];
      expect(back!.slice(1).map((cell, i) => (cell === `'${values[i]}` ? values[i] : cell))).toEqual(values);
      for (const cell of back!) expect(cell).not.toMatch(/^[=+\-@\t\r\0]/);
    }
  });
});
