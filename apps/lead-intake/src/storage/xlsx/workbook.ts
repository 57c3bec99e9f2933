import { posix } from 'node:path';
import { FileRefused } from '../../domain/errors.js';
import { csvLine, MOST_COLUMNS } from '../file-format.js';
import { Archive, type ReadRange } from './archive.js';
import { dateText, isDateFormat, numberText } from './cell-text.js';
import { SharedStrings } from './shared-strings.js';
import { lookAt, readXml } from './xml.js';

/** Excel's own limit. */
const MOST_ROWS = 1_048_576;
const LONGEST_ROW = 100_000;
const WORKBOOK = 'xl/workbook.xml';

/**
 * The first visible sheet of an XLSX workbook as CSV. Dates come as ISO text, numbers as digits, formulas as the value they last had. Rows without
 * cells are empty lines, so that a row keeps the number that Excel shows. Memory: the workbook's distinct texts (at most 64 MB), nothing else.
 * @param bytes length of the file
 * @throws FileRefused file-type (a ZIP that is no workbook), xls-or-encrypted, xlsx-unreadable, xlsx-too-large, too-many-columns
 */
export async function* csvOfXlsx(range: ReadRange, bytes: number): AsyncGenerator<Buffer> {
  const archive = await Archive.open(range, bytes);
  try {
    if (!archive.has('[Content_Types].xml') || !archive.has(WORKBOOK))
      throw new FileRefused('file-type', { found: 'zip' });
    const { sheet, since1904 } = await readWorkbook(archive);
    const dateStyles = archive.has('xl/styles.xml') ? await readStyles(archive) : [];
    const strings = archive.has('xl/sharedStrings.xml')
      ? await SharedStrings.read(archive.read('xl/sharedStrings.xml'))
      : null;
    const rows = new SheetRows((raw, type, style) => {
      if (type === 's') return strings ? strings.at(Number(raw)) : '';
      if (type === 'b') return raw === '1' ? 'true' : 'false';
      if (type === 'e') return ''; // #N/A
      if (type === 'n') return dateStyles[style] ? dateText(raw, since1904) : numberText(raw);
      return raw; // str, inlineStr, and d, which is ISO text
    });
    yield* readXml(archive.read(sheet), rows);
  } finally {
    archive.close();
  }
}

async function readWorkbook(archive: Archive): Promise<{ sheet: string; since1904: boolean }> {
  const sheets: { relation: string; hidden: boolean }[] = [];
  let since1904 = false;
  await lookAt(archive.read(WORKBOOK), {
    open(name, a) {
      if (name === 'workbookPr') since1904 = a.date1904 === '1' || a.date1904 === 'true';
      // r:id and id have one local name; only the first is there.
      if (name === 'sheet' && sheets.length < 1000)
        sheets.push({ relation: a.id ?? '', hidden: (a.state ?? 'visible') !== 'visible' });
    },
  });
  const targets = new Map<string, string>();
  await lookAt(archive.read('xl/_rels/workbook.xml.rels'), {
    open(name, a) {
      if (name === 'Relationship' && a.Type?.endsWith('/worksheet') && a.TargetMode !== 'External')
        targets.set(a.Id ?? '', posix.join('/xl', a.Target?.startsWith('/') ? `..${a.Target}` : (a.Target ?? '')));
    },
  });
  const known = sheets.filter((s) => targets.has(s.relation)); // chart sheets are not
  const first = known.find((s) => !s.hidden) ?? known[0];
  if (!first) throw new FileRefused('xlsx-unreadable', { problem: 'no-sheet' });
  return { sheet: targets.get(first.relation)!.slice(1), since1904 };
}

/** By number of a cell's style: whether it shows a date. */
async function readStyles(archive: Archive): Promise<boolean[]> {
  const codes = new Map<number, string>();
  const styles: boolean[] = [];
  let inCells = false;
  await lookAt(archive.read('xl/styles.xml'), {
    open(name, a) {
      if (name === 'numFmt' && codes.size < 10_000) codes.set(Number(a.numFmtId), (a.formatCode ?? '').slice(0, 500));
      else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells && styles.length < 100_000) {
        const id = Number(a.numFmtId ?? 0);
        styles.push(isDateFormat(id, codes.get(id)));
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return styles;
}

/** Gathers the cells of a sheet's rows and writes them as CSV. */
class SheetRows {
  private lines = '';
  private row = 0;
  private cells: string[] = [];
  private column = -1;
  private width = 0;
  private chars = 0;
  private type = 'n';
  private style = 0;
  private value = '';
  private inValue = false;
  private phonetic = false;
  private inData = false;

  constructor(private readonly textOf: (raw: string, type: string, style: number) => string) {}

  open(name: string, a: Readonly<Record<string, string>>): void {
    if (name === 'sheetData') this.inData = true;
    if (!this.inData) return;
    if (name === 'row') this.startRow(a.r);
    else if (name === 'c') this.startCell(a);
    else if (name === 'rPh') this.phonetic = true;
    this.inValue = (name === 'v' || name === 't') && !this.phonetic;
  }

  text(piece: string): void {
    if (this.inValue) this.value += piece;
  }

  close(name: string): void {
    if (name === 'sheetData') this.inData = false;
    if (name === 'v' || name === 't') this.inValue = false;
    else if (name === 'rPh') this.phonetic = false;
    else if (name === 'c') this.endCell();
    else if (name === 'row') this.endRow();
  }

  taken(): Buffer | null {
    if (!this.lines) return null;
    const bytes = Buffer.from(this.lines);
    this.lines = '';
    return bytes;
  }

  private startRow(place: string | undefined): void {
    const row = place === undefined ? this.row + 1 : Number(place);
    if (!Number.isInteger(row) || row <= this.row || row > MOST_ROWS)
      throw new FileRefused('xlsx-unreadable', { problem: 'row-number' });
    this.lines += '\n'.repeat(row - this.row - 1);
    this.row = row;
    this.cells = [];
    this.chars = 0;
    this.column = -1;
  }

  private startCell(a: Readonly<Record<string, string>>): void {
    this.column = a.r === undefined ? this.column + 1 : columnOf(a.r);
    this.type = a.t ?? 'n';
    this.style = Number(a.s ?? 0);
    this.value = '';
  }

  private endCell(): void {
    const text = this.value && this.textOf(this.value, this.type, this.style);
    if (!text) return;
    if (this.column >= MOST_COLUMNS) throw new FileRefused('too-many-columns', { row: this.row });
    // One text can be named by every cell: what is small in the file need not be small here.
    this.chars += text.length;
    if (this.chars > LONGEST_ROW) throw new FileRefused('csv-row-too-long', { row: this.row });
    while (this.cells.length < this.column) this.cells.push('');
    this.cells[this.column] = text;
  }

  /** Empty cells at the end are not written in the file: a row is as wide as the header at least. */
  private endRow(): void {
    this.width ||= this.cells.length;
    while (this.cells.length < this.width) this.cells.push('');
    this.lines += csvLine(this.cells);
  }
}

/** `AB12` → 27 */
function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(reference)?.[0];
  if (!letters) throw new FileRefused('xlsx-unreadable', { problem: 'cell-reference' });
  return [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
