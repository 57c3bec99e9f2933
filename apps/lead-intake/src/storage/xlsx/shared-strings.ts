import { FileRefused } from '../../domain/errors.js';
import { lookAt } from './xml.js';

const PAGE = 1024 * 1024;
/** What a workbook's texts may take of memory; they are looked up by number while its rows stream by. */
const MOST_BYTES = 64 * PAGE;
const MOST_STRINGS = 4_000_000;
const LENGTH = 4;

/** The texts of a workbook: bytes in pages, since a string object each would take several times the memory, and keep the pieces of XML it was cut from. */
export class SharedStrings {
  private readonly pages: Buffer[] = [];
  private used = PAGE;
  private starts = new Uint32Array(1024);
  private count = 0;

  static async read(xml: AsyncIterable<Buffer>): Promise<SharedStrings> {
    const strings = new SharedStrings();
    let text = '';
    let inText = false;
    let phonetic = false;
    await lookAt(xml, {
      open(name) {
        if (name === 'si') text = '';
        else if (name === 'rPh') phonetic = true;
        inText = name === 't' && !phonetic;
      },
      text(piece) {
        if (inText) text += piece;
      },
      close(name) {
        if (name === 't') inText = false;
        else if (name === 'rPh') phonetic = false;
        else if (name === 'si') strings.add(text);
      },
    });
    return strings;
  }

  private add(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > PAGE - LENGTH || this.count === MOST_STRINGS) throw new FileRefused('xlsx-too-large');
    if (this.used + LENGTH + bytes > PAGE) {
      if (this.pages.length * PAGE >= MOST_BYTES) throw new FileRefused('xlsx-too-large');
      this.pages.push(Buffer.allocUnsafe(PAGE));
      this.used = 0;
    }
    if (this.count === this.starts.length) {
      const more = new Uint32Array(this.count * 2);
      more.set(this.starts);
      this.starts = more;
    }
    this.starts[this.count++] = (this.pages.length - 1) * PAGE + this.used;
    const page = this.pages.at(-1)!;
    page.writeUInt32LE(bytes, this.used);
    page.write(text, this.used + LENGTH);
    this.used += LENGTH + bytes;
  }

  /** @throws FileRefused xlsx-unreadable: a cell names a text that is not there */
  at(index: number): string {
    if (!Number.isInteger(index) || index < 0 || index >= this.count)
      throw new FileRefused('xlsx-unreadable', { problem: 'shared-string' });
    const start = this.starts[index]!;
    const page = this.pages[Math.floor(start / PAGE)]!;
    const at = start % PAGE;
    return page.toString('utf8', at + LENGTH, at + LENGTH + page.readUInt32LE(at));
  }
}
