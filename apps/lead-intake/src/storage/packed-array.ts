/** Arrays as PostgreSQL reads them in binary, as libs/database has them, in memory of their own that passes to another thread. */

const [BYTEA, UUID, INT4] = [17, 2950, 23];
const HEADER_BYTES = 20;

function header(array: Buffer, type: number, count: number): void {
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(0, 4); // holds no nulls
  array.writeInt32BE(type, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16); // first subscript
}

/** `bytea[]`, value by value. */
export class ByteaArray {
  private array: Buffer;
  private at = HEADER_BYTES;

  /** @param expected bytes of all values with four for each; makes room when they are more */
  constructor(count: number, expected: number) {
    this.array = Buffer.allocUnsafeSlow(HEADER_BYTES + expected);
    header(this.array, BYTEA, count);
  }

  /** @param write puts `length` bytes there */
  add(length: number, write: (to: Buffer, at: number) => void): void {
    const end = this.at + 4 + length;
    if (end > this.array.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, this.array.length * 2));
      this.array.copy(larger, 0, 0, this.at);
      this.array = larger;
    }
    write(this.array, this.array.writeInt32BE(length, this.at));
    this.at = end;
  }

  done(): Buffer {
    return this.array.subarray(0, this.at);
  }
}

/** A value of a `bytea[]` without nulls, by number from 0. */
export function valuesOf(array: Uint8Array): Buffer[] {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.length);
  const values: Buffer[] = [];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    values.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return values;
}

/** `uuid[]` */
export function uuidArrayOf(ids: readonly string[]): Buffer {
  const array = Buffer.allocUnsafeSlow(HEADER_BYTES + ids.length * 20);
  header(array, UUID, ids.length);
  let at = HEADER_BYTES;
  for (const id of ids) {
    at = array.writeInt32BE(16, at);
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) i++;
      array[at++] = (digit(id.charCodeAt(i)) << 4) | digit(id.charCodeAt(i + 1));
    }
  }
  return array;
}

const digit = (unit: number): number => (unit < 0x40 ? unit - 0x30 : (unit | 0x20) - 0x57);

/** `int[]` */
export function intArrayOf(values: ArrayLike<number>): Buffer {
  const array = Buffer.allocUnsafeSlow(HEADER_BYTES + values.length * 8);
  header(array, INT4, values.length);
  for (let i = 0, at = HEADER_BYTES; i < values.length; i++)
    at = array.writeInt32BE(values[i]!, array.writeInt32BE(4, at));
  return array;
}
