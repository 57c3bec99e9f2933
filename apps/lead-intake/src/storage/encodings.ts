import { isAscii, isUtf8 } from 'node:buffer';
import { FileRefused } from '../domain/errors.js';

/** Windows-1252 at 0x80–0x9F; 0 = not assigned. Written out: the runtime's decoder of that name answers C1 control characters there. */
const HIGH_1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
  0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];
const UTF8_OF_1252 = Array.from({ length: 256 }, (_, byte) => {
  const point = byte >= 0x80 && byte <= 0x9f ? HIGH_1252[byte - 0x80]! : byte;
  return point === 0 ? null : Buffer.from(String.fromCodePoint(point));
});

/**
 * A text file as UTF-8 without byte order mark, whatever usual encoding it is in: UTF-8, UTF-16 (both orders, with and without mark), Windows-1252.
 * Without a mark the bytes decide: text that is no UTF-8 at its first character beyond ASCII is Windows-1252, which takes no looking ahead,
 * since both write ASCII alike.
 * @throws FileRefused csv-encoding: no text, two encodings in one file, or UTF-32
 */
export async function* utf8Of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const reading = chunks[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  let ended = false;
  while (first.length < 4 && !ended) {
    const { value, done } = await reading.next();
    if (done) ended = true;
    else first = Buffer.concat([first, value]);
  }
  const rest = async function* (start: Buffer): AsyncGenerator<Buffer> {
    if (start.length) yield start;
    for (let next = await reading.next(); !next.done; next = await reading.next()) yield next.value;
  };
  try {
    const { encoding, mark } = encodingOf(first);
    const from = rest(first.subarray(mark));
    yield* encoding === 'utf-8' ? utf8Or1252(from) : utf16(from, encoding);
  } finally {
    await reading.return?.();
  }
}

function encodingOf(first: Buffer): { encoding: 'utf-8' | 'utf-16le' | 'utf-16be'; mark: number } {
  const [a, b, c, d] = first;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', mark: 3 };
  const utf32 = (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff);
  if (utf32) throw new FileRefused('csv-encoding');
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', mark: 2 };
  // A header starts with letters: in UTF-16 every other byte of it is 0.
  if (a && b === 0 && c && d === 0) return { encoding: 'utf-16le', mark: 0 };
  if (a === 0 && b && c === 0 && d) return { encoding: 'utf-16be', mark: 0 };
  return { encoding: 'utf-8', mark: 0 };
}

async function* utf16(chunks: AsyncIterable<Buffer>, encoding: 'utf-16le' | 'utf-16be'): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const decode = (bytes?: Buffer): Buffer => {
    try {
      const text = bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
      if (!text.includes('\0')) return Buffer.from(text);
    } catch (error) {
      throw new FileRefused('csv-encoding', {}, { cause: error });
    }
    throw new FileRefused('csv-encoding');
  };
  for await (const bytes of chunks) yield decode(bytes);
  yield decode();
}

async function* utf8Or1252(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  /** `ascii`: nothing has told yet. */
  let known = 'ascii' as 'ascii' | 'utf-8' | '1252';
  let cut: Buffer = Buffer.alloc(0); // a character whose bytes have not all come
  const read = (bytes: Buffer): Buffer => {
    if (bytes.includes(0)) throw new FileRefused('csv-encoding');
    if (known === '1252') return from1252(bytes);
    if (isAscii(bytes)) return bytes;
    if (isUtf8(bytes)) {
      known = 'utf-8';
      return bytes;
    }
    if (known === 'utf-8' || startsAsUtf8(bytes)) throw new FileRefused('csv-encoding');
    known = '1252';
    return from1252(bytes);
  };
  for await (const chunk of chunks) {
    const bytes = cut.length ? Buffer.concat([cut, chunk]) : chunk;
    const whole = known === '1252' ? bytes.length : bytes.length - cutOff(bytes);
    cut = bytes.subarray(whole);
    if (whole) yield read(bytes.subarray(0, whole));
  }
  if (cut.length) yield read(cut);
}

/** How many bytes at the end may begin a character of UTF-8 that goes on in the next piece: 0–3. */
function cutOff(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Whether the first character beyond ASCII is one of UTF-8. */
function startsAsUtf8(bytes: Buffer): boolean {
  const at = bytes.findIndex((byte) => byte >= 0x80);
  return [2, 3, 4].some((length) => at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)));
}

function from1252(bytes: Buffer): Buffer {
  if (isAscii(bytes)) return bytes;
  const read = Buffer.allocUnsafe(bytes.length * 3);
  let length = 0;
  for (const byte of bytes) {
    if (byte < 0x80) {
      read[length++] = byte;
      continue;
    }
    const utf8 = UTF8_OF_1252[byte];
    if (!utf8) throw new FileRefused('csv-encoding');
    for (const b of utf8) read[length++] = b;
  }
  return read.subarray(0, length);
}
