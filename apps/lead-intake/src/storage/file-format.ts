import { FileRefused } from '../domain/errors.js';

/** What separates the cells of a CSV file. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export const MOST_COLUMNS = 200;

/** Whichever the header has most of, outside quotation marks. */
export function delimiterOf(head: string): Delimiter {
  const header = head.replaceAll(/"[^"]*"/g, '').split(/\r?\n|\r/, 1)[0] ?? '';
  const cells = DELIMITERS.map((d) => header.split(d).length);
  return DELIMITERS[cells.indexOf(Math.max(...cells))]!;
}

/** Bytes that a file's kind is told by. */
export const MAGIC_BYTES = 8;

/** First bytes of what people send by mistake. A ZIP may be a workbook: that is for its content to say. */
const OTHERS: readonly [string, Buffer][] = [
  ['xls', Buffer.from('d0cf11e0a1b11ae1', 'hex')], // before 2007, or a workbook with a password
  ['pdf', Buffer.from('%PDF-')],
  ['gzip', Buffer.from('1f8b', 'hex')],
  ['7z', Buffer.from('377abcaf271c', 'hex')],
  ['rar', Buffer.from('Rar!\x1a')],
  ['png', Buffer.from('89504e47', 'hex')],
  ['jpeg', Buffer.from('ffd8ff', 'hex')],
  ['empty-zip', Buffer.from('PK\x05\x06')],
];

/** What the file is by its first bytes; its name and its declared type may say anything.
 * @throws FileRefused xls-or-encrypted, file-type */
export function kindOf(first: Buffer): 'zip' | 'text' {
  const other = OTHERS.find(([, magic]) => first.subarray(0, magic.length).equals(magic))?.[0];
  if (other === 'xls') throw new FileRefused('xls-or-encrypted');
  if (other) throw new FileRefused('file-type', { found: other });
  return first.subarray(0, 4).equals(Buffer.from('PK\x03\x04')) ? 'zip' : 'text';
}

/** Which text it is. @param head UTF-8, at least the first line or 64 kB
 * @throws FileRefused file-type: markup, or one JSON document instead of a line for each person */
export function textKindOf(head: string): 'csv' | 'ndjson' {
  const start = head.trimStart();
  if (/^<(\?xml|!|\/?[a-z])/i.test(start)) throw new FileRefused('file-type', { found: 'markup' });
  if (/^\[\s*[[{"\]]/.test(start)) throw new FileRefused('file-type', { found: 'json' });
  if (!start.startsWith('{')) return 'csv';
  // A document over many lines; an object a line starts and ends on it.
  if (/^\{\s*[\r\n]/.test(start)) throw new FileRefused('file-type', { found: 'json' });
  return 'ndjson';
}

/** A cell as CSV writes it. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row of CSV with its line end; one of nothing but empty cells is an empty line, which keeps its number. */
export function csvLine(cells: readonly string[]): string {
  return cells.some((cell) => cell !== '') ? `${cells.map(csvCell).join(',')}\n` : '\n';
}
