import type { Hmac, KeyObject } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { FileRefused, FileTooLarge } from '../domain/errors.js';
import { csvPieces } from '../storage/csv.js';
import { utf8Of } from '../storage/encodings.js';
import {
  delimiterOf,
  DELIMITERS,
  kindOf,
  MAGIC_BYTES,
  MOST_COLUMNS,
  textKindOf,
  type Delimiter,
} from '../storage/file-format.js';
import { csvOfNdjson } from '../storage/ndjson.js';
import { rawUploadPath, readUpload, UploadWriter, uploadPath } from '../storage/upload-file.js';
import { csvOfXlsx } from '../storage/xlsx/workbook.js';

/** Largest workbook, packed. */
const XLSX_LIMIT = 20 * 1024 * 1024;
/** Enough for a header, whose separators say which kind of file this is. */
const HEADER_BYTES = 65_536;
/** What is still read of a refused upload, so that its sender hears the answer instead of a broken pipe. */
const SWALLOWED = 1024 ** 3;

/** A file's header, and where its rows start. */
export interface Head {
  delimiter: Delimiter;
  columns: string[];
  offered: number;
  /** Bytes of the stored file up to the first row. */
  firstOffset: number;
  /** Rows of the sender's file before the first one. */
  firstRow: number;
}

export interface Received {
  format: 'csv' | 'xlsx' | 'ndjson';
  head: Head;
  /** Length of what is stored. */
  bytes: number;
}

/** One workbook at a time: its texts are in memory while its rows stream by. */
let workbook: Promise<unknown> = Promise.resolve();

/**
 * Takes a file from the network to disk, sealed, and in one form: UTF-8 CSV, whatever it came as. Its kind is told by its content. Read while it
 * streams, so that a file that cannot be read is refused before anything of it is kept; memory does not grow with the file.
 * @param o.mac is given the bytes as they came
 * @param o.limit in bytes, of the file as it came; what is stored of it may be twice as long
 * @throws FileRefused, FileTooLarge
 */
export async function receiveFile(o: {
  dir: string;
  importId: string;
  key: KeyObject;
  mac: Hmac;
  limit: number;
  body: AsyncIterable<Buffer>;
}): Promise<Received> {
  const incoming = new Incoming(o.body, o.mac, o.limit);
  try {
    const { first, all } = await peeked(incoming, (bytes) => bytes.length >= MAGIC_BYTES);
    if (kindOf(first) === 'zip') return await receiveWorkbook(o, incoming, all);
    return await receiveText(o, all);
  } catch (error) {
    incoming.swallow();
    throw error;
  }
}

type Target = Parameters<typeof receiveFile>[0];

async function receiveText(o: Target, bytes: AsyncIterable<Buffer>): Promise<Received> {
  const hasLine = (start: Buffer): boolean => start.length >= HEADER_BYTES || /[\r\n]/.test(start.toString('latin1'));
  const { first, all } = await peeked(utf8Of(bytes), hasLine);
  const start = first.toString('utf8');
  const format = textKindOf(start);
  if (format === 'ndjson') {
    const { head, bytes } = await store(o, csvOfNdjson(all), ',');
    return { format, bytes, head: { ...head, firstRow: 0 } }; // its first line is a row
  }
  // Excel's own first line in a CSV file: which separator it has. Made empty, and so still counted.
  const said = /^sep=(.)(?=\r|\n)/.exec(start)?.[1];
  const delimiter = DELIMITERS.find((d) => d === said);
  return {
    format,
    ...(await store(o, delimiter ? without(all, 'sep=;'.length) : all, delimiter ?? delimiterOf(start))),
  };
}

async function receiveWorkbook(o: Target, incoming: Incoming, bytes: AsyncIterable<Buffer>): Promise<Received> {
  incoming.limit = Math.min(incoming.limit, XLSX_LIMIT);
  const path = rawUploadPath(o.dir, o.importId);
  const context = `${o.importId}:raw`;
  try {
    const raw = await UploadWriter.create(path, o.key, context);
    try {
      for await (const piece of bytes) await raw.write(piece);
      await raw.end();
    } catch (error) {
      await raw.abandon();
      throw error;
    }
    const range = (from: number, to: number) => limited(readUpload(path, o.key, context, raw.bytes, from), to - from);
    const before = workbook;
    const stored = before.then(() => store(o, csvOfXlsx(range, raw.bytes), ','));
    workbook = stored.catch(() => undefined);
    return { format: 'xlsx', ...(await stored) };
  } finally {
    await rm(path, { force: true });
  }
}

/** To disk, sealed; and through the CSV reader, which sees broken quotes and counts rows. */
async function store(
  o: Target,
  csv: AsyncIterable<Buffer>,
  delimiter: Delimiter,
): Promise<{ head: Head; bytes: number }> {
  const file = await UploadWriter.create(uploadPath(o.dir, o.importId), o.key, o.importId);
  const written = async function* (): AsyncGenerator<Buffer> {
    for await (const bytes of csv) {
      // What was small on its way may be large unpacked.
      if (file.bytes + bytes.length > o.limit * 2) throw new FileTooLarge(o.limit);
      await file.write(bytes);
      yield bytes;
    }
  };
  try {
    const head = await readHead(written(), delimiter);
    await file.end();
    return { head, bytes: file.bytes };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Header and number of rows of CSV in UTF-8. Memory does not grow with the file.
 * @throws FileRefused */
export async function readHead(bytes: AsyncIterable<Buffer>, delimiter: Delimiter): Promise<Head> {
  let head: Head | undefined;
  for await (const rows of csvPieces(bytes, delimiter)) {
    const [first] = rows;
    if (!first) continue;
    if (head) head.offered += rows.length;
    else {
      const { cells, row: firstRow, endOffset: firstOffset } = first;
      head = { delimiter, columns: columnsOf(cells), offered: rows.length - 1, firstOffset, firstRow };
    }
  }
  if (!head || head.columns.length === 0) throw new FileRefused('csv-empty');
  if (head.offered === 0) throw new FileRefused('no-rows');
  return head;
}

/** The headers as written; empty ones at the end are separators without a column, others get their number. */
function columnsOf(cells: string[]): string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== '');
  const columns = cells.slice(0, last + 1).map((cell, i) => (cell.trim() ? cell : `#${i + 1}`));
  if (columns.length > MOST_COLUMNS) throw new FileRefused('too-many-columns');
  const twice = columns.flatMap((column, i) => (columns.indexOf(column) === i ? [] : [i + 1]));
  if (twice.length) throw new FileRefused('column-twice', { columns: twice });
  return columns;
}

/** The request's body: counted, and hashed as it comes. Whoever stops reading it does not close it. */
class Incoming implements AsyncIterable<Buffer> {
  private readonly chunks: AsyncIterator<Buffer>;
  private bytes = 0;

  constructor(
    body: AsyncIterable<Buffer>,
    private readonly mac: Hmac,
    public limit: number,
  ) {
    this.chunks = body[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return {
      next: async () => {
        const { value, done } = await this.chunks.next();
        if (done) return { done: true, value: undefined };
        this.bytes += value.length;
        if (this.bytes > this.limit) throw new FileTooLarge(this.limit);
        this.mac.update(value);
        return { done: false, value: Buffer.from(value) };
      },
    };
  }

  /** Reads on behind the answer's back: the sender hears it at once, and is not cut off while it still sends. */
  swallow(): void {
    swallow(this.chunks, this.bytes);
  }
}

/** @see Incoming.swallow */
export function swallow(chunks: AsyncIterator<Buffer>, already: number): void {
  const reading = async () => {
    for (let bytes = already; bytes < SWALLOWED;) {
      const next = await chunks.next();
      if (next.done) return;
      bytes += next.value.length;
    }
    await chunks.return?.();
  };
  reading().catch(() => undefined); // the sender went away
}

/** The beginning, as much as is asked for or there is, and then everything. */
async function peeked(
  chunks: AsyncIterable<Buffer>,
  isEnough: (start: Buffer) => boolean,
): Promise<{ first: Buffer; all: AsyncGenerator<Buffer> }> {
  const reading = chunks[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  while (!isEnough(first)) {
    const { value, done } = await reading.next();
    if (done) break;
    first = Buffer.concat([first, value]);
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    try {
      if (first.length) yield first;
      for (let next = await reading.next(); !next.done; next = await reading.next()) yield next.value;
    } finally {
      await reading.return?.();
    }
  };
  return { first, all: all() };
}

async function* without(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    const cut = Math.min(left, chunk.length);
    left -= cut;
    yield chunk.subarray(cut);
  }
}

async function* limited(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}
