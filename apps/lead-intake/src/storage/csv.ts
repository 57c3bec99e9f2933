import { CsvScanner, type CsvRow } from './csv-scanner.js';

export type { CsvRow } from './csv-scanner.js';

/**
 * The rows of a CSV file (RFC 4180, UTF-8 with or without BOM), as they come: for each piece of the file the rows that end in it.
 * @param from where `bytes` starts in the file
 * @throws FileRefused csv-quotes, csv-row-too-long
 */
export async function* csvPieces(
  bytes: AsyncIterable<Buffer>,
  delimiter: string,
  from: { offset: number; row: number } = { offset: 0, row: 0 },
): AsyncGenerator<CsvRow[]> {
  const scanner = new CsvScanner(delimiter, from);
  for await (const piece of bytes) {
    const rows = scanner.push(piece);
    if (rows.length) yield rows;
  }
  const rows = scanner.end();
  if (rows.length) yield rows;
}
