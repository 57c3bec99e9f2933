import { FileRefused } from '../domain/errors.js';

export interface CsvRow {
  cells: string[];
  /** Place in the file from 1, empty lines and the header included, as a spreadsheet counts. */
  row: number;
  /** Bytes of the file up to and including this row and its line end. */
  endOffset: number;
}

const [QUOTE, CR, LF] = [0x22, 0x0d, 0x0a];
/** Of one row, so that a quote never closed does not bring the whole file into memory. */
const LONGEST_ROW = 100_000;

/**
 * Rows of CSV (RFC 4180, UTF-8) out of bytes that come in pieces. A row without quotation marks, which is nearly every row, is found and cut by
 * the engine's own search: 60 MB/s, where a parser that looks at each character reads 2–9. Line ends are LF, CRLF or CR; empty lines are counted
 * and left out; rows may differ in length. A quotation mark may stand at the start and end of a cell only, or doubled inside one.
 * @throws FileRefused csv-quotes, csv-row-too-long; their row is the one where it went wrong
 */
export class CsvScanner {
  private rest: Buffer = Buffer.alloc(0);
  private offset: number;
  private row: number;
  private bom: boolean;
  private readonly separator: number;

  /** @param from where the bytes start in the file: offset 0 may start with a byte order mark */
  constructor(
    private readonly delimiter: string,
    from: { offset: number; row: number },
  ) {
    this.separator = delimiter.charCodeAt(0);
    ({ offset: this.offset, row: this.row } = from);
    this.bom = from.offset === 0;
  }

  /** The rows that end in what has come so far. */
  push(bytes: Buffer): CsvRow[] {
    return this.scan(this.rest.length ? Buffer.concat([this.rest, bytes]) : bytes, false);
  }

  /** The last row, when the file does not end with a line end. */
  end(): CsvRow[] {
    return this.scan(this.rest, true);
  }

  private scan(bytes: Buffer, last: boolean): CsvRow[] {
    const found: CsvRow[] = [];
    let at = 0;
    if (this.bom && (bytes.length >= 3 || last)) {
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
      this.bom = false;
    }
    // Where the next of each is, looked up again only once it is passed: a file without any is searched once.
    const next = { [LF]: -1, [CR]: -1, [QUOTE]: -1 };
    const nextOf = (byte: number): number => {
      if (next[byte]! < at) next[byte] = indexOf(bytes, byte, at);
      return next[byte]!;
    };
    while (at < bytes.length && !this.bom) {
      const end = Math.min(nextOf(LF), nextOf(CR));
      const read =
        nextOf(QUOTE) < end ? this.quoted(bytes, at, last) : { cells: undefined, end: Math.min(end, bytes.length) };
      const after = read && lineEnd(bytes, read.end, last);
      if (read && read.end - at > LONGEST_ROW * 4) throw this.refused('csv-row-too-long');
      if (after === undefined) break; // the rest of the row is still to come
      this.row++;
      if (read!.end > at) {
        const cells = read!.cells ?? bytes.toString('utf8', at, read!.end).split(this.delimiter);
        found.push({ cells, row: this.row, endOffset: this.offset + after });
      }
      at = after;
    }
    if (bytes.length - at > LONGEST_ROW * 4) throw this.refused('csv-row-too-long');
    this.rest = bytes.subarray(at);
    this.offset += at;
    return found;
  }

  /** A row with quotation marks, from its start. @returns undefined when it is not whole yet */
  private quoted(bytes: Buffer, from: number, last: boolean): { cells: string[]; end: number } | undefined {
    const cells: string[] = [];
    for (let at = from; ; at++) {
      let cell = '';
      if (bytes[at] === QUOTE) {
        for (at++; ; at++) {
          const quote = bytes.indexOf(QUOTE, at);
          if ((quote < 0 ? bytes.length : quote) - at > LONGEST_ROW) throw this.refused('csv-row-too-long');
          if (quote < 0 || (quote + 1 === bytes.length && !last)) {
            if (last) throw this.refused('csv-quotes');
            return undefined;
          }
          cell += bytes.toString('utf8', at, quote);
          at = quote + 1;
          if (bytes[at] !== QUOTE) break;
          cell += '"';
        }
      } else {
        const start = at;
        while (at < bytes.length && !this.endsCell(bytes[at]!))
          if (bytes[at++] === QUOTE) throw this.refused('csv-quotes');
        cell = bytes.toString('utf8', start, at);
      }
      if (at >= bytes.length && !last) return undefined;
      cells.push(cell);
      if (cell.length > LONGEST_ROW) throw this.refused('csv-row-too-long');
      if (bytes[at] === this.separator) continue;
      if (at < bytes.length && !this.endsCell(bytes[at]!)) throw this.refused('csv-quotes');
      return { cells, end: at };
    }
  }

  private endsCell(byte: number): boolean {
    return byte === this.separator || byte === LF || byte === CR;
  }

  private refused(code: 'csv-quotes' | 'csv-row-too-long'): FileRefused {
    return new FileRefused(code, { row: this.row + 1 });
  }
}

function indexOf(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}

/** Behind the line end at `end`. @returns undefined when it has not come yet: a CR may be half of one */
function lineEnd(bytes: Buffer, end: number, last: boolean): number | undefined {
  if (end >= bytes.length) return last ? end : undefined;
  if (bytes[end] === LF) return end + 1;
  if (end + 1 === bytes.length && !last) return undefined;
  return bytes[end + 1] === LF ? end + 2 : end + 1;
}
