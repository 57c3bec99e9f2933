import { CsvError, parse, type Options } from 'csv-parse';
import { Readable } from 'node:stream';
import { FileRefused } from '../domain/errors.js';

export interface CsvRow {
  cells: string[];
  /** Place in the file from 1, empty lines and the header included, as a spreadsheet counts. */
  row: number;
  /** Bytes of the file up to and including this row. */
  endOffset: number;
}

/** `;` or `,`: whichever the header has more of, outside quotation marks. */
export function delimiterOf(head: string): ';' | ',' {
  const header = head.replaceAll(/"[^"]*"/g, '').split(/\r?\n|\r/, 1)[0] ?? '';
  return header.split(';').length > header.split(',').length ? ';' : ',';
}

/**
 * The rows of a CSV file (RFC 4180, UTF-8 with or without BOM), as a stream.
 * @param from where `bytes` starts in the file
 * @throws FileRefused csv-quotes, csv-row-too-long
 */
export async function* csvRows(
  bytes: AsyncIterable<Buffer>,
  delimiter: string,
  from: { offset: number; row: number } = { offset: 0, row: 0 },
): AsyncGenerator<CsvRow> {
  const options: Options = {
    bom: from.offset === 0,
    delimiter,
    info: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 100_000,
  };
  const source = Readable.from(bytes);
  const parser = source.pipe(parse(options));
  source.on('error', (error) => parser.destroy(error)); // pipe() does not carry errors
  try {
    for await (const found of parser as AsyncIterable<{
      record: string[];
      info: { bytes: number; records: number; empty_lines: number };
    }>) {
      const { record, info } = found;
      yield {
        cells: record,
        row: from.row + info.records + info.empty_lines,
        endOffset: from.offset + info.bytes,
      };
    }
  } catch (error) {
    throw error instanceof CsvError ? refusal(error, from.row) : error;
  } finally {
    source.destroy();
  }
}

/** csv-parse quotes cells in its messages: only the place is kept. */
function refusal(error: CsvError, before: number): FileRefused {
  const at = error as { records?: number; empty_lines?: number };
  const row = before + (at.records ?? 0) + (at.empty_lines ?? 0) + 1;
  return new FileRefused(error.code === 'CSV_MAX_RECORD_SIZE' ? 'csv-row-too-long' : 'csv-quotes', { row });
}
