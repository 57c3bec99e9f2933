import { describe, expect, it, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { CsvScanner, type CsvRow } from './csv-scanner.js';

function scan(text: string | Buffer, piece: number, from = { offset: 0, row: 0 }): CsvRow[] {
  const bytes = Buffer.from(text);
  const scanner = new CsvScanner(';', from);
  const rows: CsvRow[] = [];
  for (let at = 0; at < bytes.length; at += piece) rows.push(...scanner.push(bytes.subarray(at, at + piece)));
  return [...rows, ...scanner.end()];
}

/** A parser that many rely on, as the measure of what a file says. */
function reference(text: string): { cells: string[]; row: number }[] | string {
  try {
    return (
      parse(text, {
        bom: true,
        delimiter: ';',
        info: true,
        record_delimiter: ['\r\n', '\n', '\r'],
        relax_column_count: true,
        skip_empty_lines: true,
      }) as unknown as { record: string[]; info: { records: number; empty_lines: number } }[]
    ).map(({ record, info }) => ({ cells: record, row: info.records + info.empty_lines }));
  } catch {
    return 'refused';
  }
}

function ours(text: string, piece: number): ReturnType<typeof reference> {
  try {
    return scan(text, piece).map(({ cells, row }) => ({ cells, row }));
  } catch {
    return 'refused';
  }
}

/** mulberry32: the same cases in every run. */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe('reads what csv-parse reads', () => {
  const bits = ['a', 'Å', ';', '\n', '\r\n', '\r', '"', '""', '"b;c"', '"d\ne"', ';"f"', '\n', ' ', '😀'];
  test.each([1, 2, 3, 7, 1000])('in random texts, in pieces of %d bytes', (piece) => {
    const pick = seeded(piece);
    let refused = 0;
    for (let n = 0; n < 1500; n++) {
      const text = Array.from({ length: pick(14) }, () => bits[pick(bits.length)]).join('');
      const expected = reference(text);
      if (expected === 'refused') refused++;
      expect([text, ours(text, piece)]).toEqual([text, expected]);
    }
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(1400);
  });
});

it('goes on from the end of any row as if it had read the rows before', () => {
  const text = '\uFEFFNamn;E-post\r\n"Lind; Bo";b\n\n\n"två\r\nrader";"c"\rÅsa;d\n;\nsist;e';
  const all = scan(text, 1000);
  expect(all.map((r) => r.row)).toEqual([1, 2, 5, 6, 7, 8]);
  for (const [i, { endOffset, row }] of all.entries()) {
    expect(scan(Buffer.from(text).subarray(endOffset), 4, { offset: endOffset, row })).toEqual(all.slice(i + 1));
  }
});

test.each([
  ['a row without end', 'a;b\n' + 'x'.repeat(500_000), 2],
  ['a quote never closed', 'a;b\n\n"' + 'x\n'.repeat(300_000), 3],
])('%s is refused before it fills the memory', (_, text, row) => {
  expect(() => scan(text, 65_536)).toThrow(
    expect.objectContaining({ code: 'csv-row-too-long', facts: { row } }) as unknown as Error,
  );
});
