import { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { FileRefused } from '../../domain/errors.js';

/** A workbook has some dozen parts, one with many pictures some hundred. */
const MOST_ENTRIES = 2_000;
/** Unpacked, all parts together: a file of 20 MB holds about a tenth of its rows' XML. */
export const MOST_UNPACKED = 400 * 1024 * 1024;

/** Bytes of a packed file from `start` up to and not including `end`. */
export type ReadRange = (start: number, end: number) => AsyncIterable<Buffer>;

class Ranges extends RandomAccessReader {
  constructor(private readonly range: ReadRange) {
    super();
  }
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.range(start, end), { objectMode: false });
  }
}

/** A ZIP's parts, each unpacked as a stream when it is asked for, and never more than it says it holds. */
export class Archive {
  private unpacked = 0;

  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** @throws FileRefused xlsx-unreadable, xlsx-too-large, xls-or-encrypted */
  static async open(range: ReadRange, bytes: number): Promise<Archive> {
    const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true };
    const zip = await unlessBroken(fromRandomAccessReaderPromise(new Ranges(range), bytes, options));
    if (zip.entryCount > MOST_ENTRIES) throw new FileRefused('xlsx-too-large', { limitEntries: MOST_ENTRIES });
    const entries = new Map<string, Entry>();
    let announced = 0;
    const each = zip.eachEntry();
    for (let next = await unlessBroken(each.next()); !next.done; next = await unlessBroken(each.next())) {
      const entry = next.value;
      if (entry.isEncrypted()) throw new FileRefused('xls-or-encrypted');
      announced += entry.uncompressedSize;
      // Two parts of one name: which of them is read would be for the reader to choose, and another's may choose otherwise.
      if (entries.has(entry.fileName)) throw new FileRefused('xlsx-unreadable', { problem: 'part-twice' });
      entries.set(entry.fileName, entry);
    }
    if (announced > MOST_UNPACKED) throw new FileRefused('xlsx-too-large', { limitBytes: MOST_UNPACKED });
    return new Archive(zip, entries);
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** @throws FileRefused while it is read */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.entries.get(name);
    if (!entry) throw new FileRefused('xlsx-unreadable', { problem: 'part-missing' });
    const stream = await unlessBroken(this.zip.openReadStreamPromise(entry));
    try {
      for await (const bytes of stream as AsyncIterable<Buffer>) {
        // Counted here too: parts may lie over one another in the file, each honest about its size.
        this.unpacked += bytes.length;
        if (this.unpacked > MOST_UNPACKED) throw new FileRefused('xlsx-too-large', { limitBytes: MOST_UNPACKED });
        yield bytes;
      }
    } catch (error) {
      throw error instanceof FileRefused ? error : broken(error);
    } finally {
      stream.destroy();
    }
  }

  close(): void {
    this.zip.close();
  }
}

const broken = (cause: unknown): FileRefused => new FileRefused('xlsx-unreadable', { problem: 'zip' }, { cause });

/** The reader's messages name parts of the file: only that it is broken is told. */
async function unlessBroken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw broken(error);
  }
}
