/** The beginning of a file, read here and nowhere else: so that a wrong file is seen before it is sent. What it really says, the server reads. */
export interface Preview {
  readonly format: 'csv' | 'ndjson' | 'xlsx';
  readonly columns: readonly string[];
  /** At most five. */
  readonly rows: readonly (readonly string[])[];
}

export type FileProblem = 'fileEmpty' | 'fileType' | 'fileXls' | 'fileNoRows' | 'fileLarge';

/** As lead-intake takes them (AVTALA_UPLOAD_LIMIT). */
export const UPLOAD_LIMIT = 250 * 1024 * 1024;
const BEGINNING = 64 * 1024;
const ROWS = 5;
const DELIMITERS = [';', ',', '\t', '|'];

export async function previewOf(file: File): Promise<Preview | FileProblem> {
  if (file.size === 0) return 'fileEmpty';
  if (file.size > UPLOAD_LIMIT) return 'fileLarge';
  const bytes = new Uint8Array(await file.slice(0, BEGINNING).arrayBuffer());
  const starts = (...with_: number[]) => with_.every((b, i) => bytes[i] === b);
  if (starts(0xd0, 0xcf, 0x11, 0xe0)) return 'fileXls';
  if (starts(0x50, 0x4b, 0x03, 0x04)) return { format: 'xlsx', columns: [], rows: [] };
  const text = textOf(bytes);
  if (text === undefined) return 'fileType';
  const whole = file.size <= BEGINNING;
  if (/^\s*\{/.test(text)) return ndjson(text, whole);
  const delimiter = delimiterOf(text);
  const records = csv(text, delimiter, whole);
  const [columns, ...rows] = records;
  if (!columns || columns.every((c) => !c.trim())) return 'fileEmpty';
  if (!rows.length) return whole ? 'fileNoRows' : { format: 'csv', columns, rows: [] };
  return { format: 'csv', columns, rows: rows.slice(0, ROWS) };
}

function textOf(bytes: Uint8Array): string | undefined {
  const decode = (encoding: string, fatal: boolean) => {
    try {
      // A character cut at the end of the beginning is no error.
      return new TextDecoder(encoding, { fatal }).decode(bytes, { stream: true });
    } catch {
      return undefined;
    }
  };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode('utf-16le', false);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode('utf-16be', false);
  if (bytes.includes(0)) return undefined;
  return decode('utf-8', true) ?? decode('windows-1252', false);
}

const delimiterOf = (text: string): string => {
  const first = text.slice(0, Math.max(0, text.search(/[\r\n]/)) || text.length);
  const count = (d: string) => first.split(d).length;
  return DELIMITERS.reduce((best, d) => (count(d) > count(best) ? d : best));
};

/** RFC 4180, as far as a look needs. The last record may be cut, and is left out unless the file ends there. */
function csv(text: string, delimiter: string, whole: boolean): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length && records.length <= ROWS + 1; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else quoted = false;
    } else if (c === '"' && !cell) quoted = true;
    else if (c === delimiter) {
      record.push(cell);
      cell = '';
    } else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++;
      record.push(cell);
      if (record.some(Boolean)) records.push(record);
      record = [];
      cell = '';
    } else cell += c;
  }
  if (whole && (cell || record.length)) records.push([...record, cell]);
  return records;
}

function ndjson(text: string, whole: boolean): Preview | FileProblem {
  const lines = text.split(/\r?\n/).filter((l) => l.trim());
  if (!whole) lines.pop();
  try {
    const objects = lines.slice(0, ROWS).map((l) => JSON.parse(l) as Record<string, unknown>);
    const columns = [...new Set(objects.flatMap((o) => Object.keys(o)))];
    const say = (v: unknown) => (v == null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v as string));
    return { format: 'ndjson', columns, rows: objects.map((o) => columns.map((c) => say(o[c]))) };
  } catch {
    return 'fileType';
  }
}
