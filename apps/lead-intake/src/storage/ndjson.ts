import { FileRefused } from '../domain/errors.js';
import { csvLine, MOST_COLUMNS } from './file-format.js';

/** Rows that are looked at for the names of columns: not every line has every field. */
const LOOKED_AT = { rows: 1000, bytes: 1_000_000 };
const LONGEST_LINE = 100_000;
const DEEPEST = 4;

/**
 * Newline-delimited JSON, an object a line, as CSV with a header: `{"person":{"name":"Åsa"}}` has the column `person.name`. A line that cannot be
 * read, or has a field that none of the first thousand had, becomes a row that fits no header, and is refused as one.
 * @param chunks UTF-8
 * @throws FileRefused csv-row-too-long
 */
export async function* csvOfNdjson(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first: Map<string, string>[] | null = [];
  let columns = new Set<string>();
  let bytes = 0;
  const begin = function* (rows: readonly Map<string, string>[]): Generator<string> {
    columns = new Set(rows.flatMap((row) => [...row.keys()]));
    if (!columns.size) throw new FileRefused('csv-empty');
    if (columns.size > MOST_COLUMNS) throw new FileRefused('too-many-columns');
    yield csvLine([...columns].map((c, i) => c || `#${i + 1}`)); // an empty line would be no header
    for (const row of rows) yield rowLine(row, columns);
  };
  for await (const lines of linesOf(chunks)) {
    let text = '';
    for (const line of lines) {
      const row = rowOf(line);
      if (!first) {
        text += rowLine(row, columns);
        continue;
      }
      first.push(row);
      bytes += line.length;
      if (first.length < LOOKED_AT.rows && bytes < LOOKED_AT.bytes) continue;
      for (const line of begin(first)) text += line;
      first = null;
    }
    if (text) yield Buffer.from(text);
  }
  if (first) for (const line of begin(first)) yield Buffer.from(line);
}

/** No cell at all stands for a blank line. */
function rowLine(row: Map<string, string>, columns: ReadonlySet<string>): string {
  if (row === UNREADABLE) return unfitting(columns);
  for (const name of row.keys()) if (!columns.has(name)) return unfitting(columns);
  return csvLine([...columns].map((column) => row.get(column) ?? ''));
}

/** A row with one cell too many: whatever the mapping, it is refused as a row that does not fit. */
const unfitting = (columns: ReadonlySet<string>): string => csvLine([...Array<string>(columns.size).fill(''), '?']);

const BLANK: Map<string, string> = new Map();
const UNREADABLE: Map<string, string> = new Map();

function rowOf(line: string): Map<string, string> {
  if (!line.trim()) return BLANK;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return UNREADABLE;
    const row = new Map<string, string>();
    return flatten(value, '', row, 1) ? row : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

function flatten(value: object, prefix: string, row: Map<string, string>, depth: number): boolean {
  if (depth > DEEPEST) return false;
  return Object.entries(value).every(([key, inner]: [string, unknown]) => {
    const name = prefix + key;
    if (name.includes('\0') || !name.isWellFormed()) return false;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      return flatten(inner, `${name}.`, row, depth + 1);
    const text = textOf(inner);
    if (text === null) return false;
    row.set(name, text);
    return true;
  });
}

/** @returns null for what no cell can hold */
function textOf(value: unknown): string | null {
  if (value === null) return '';
  if (Array.isArray(value)) {
    const texts = value.map((v) => (Array.isArray(v) || (typeof v === 'object' && v !== null) ? null : textOf(v)));
    return texts.every((t) => t !== null) ? texts.join(', ') : null;
  }
  const text = String(value);
  return text.isWellFormed() && !text.includes('\0') ? text : null;
}

/** Lines, those of a piece at once; every usual line end. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let row = 0;
  const tooLong = () => new FileRefused('csv-row-too-long', { row: row + 1 });
  for await (const bytes of chunks) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (line.length > LONGEST_LINE) throw tooLong();
      row++;
    }
    if (rest.length > LONGEST_LINE) throw tooLong();
    if (lines.length) yield lines;
  }
  if (rest) yield [rest];
}
