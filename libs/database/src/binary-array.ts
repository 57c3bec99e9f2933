/** Arrays as PostgreSQL reads them in binary (array_recv): given a Buffer, the driver sends it as it is. As a JavaScript array of Buffers it would
 * write each of a chunk's thousands of hashes as hex text, which cost more than all of their HMACs. */

const BYTEA = 17;
const TEXT = 25;
const INT4 = 23;
const HEADER_BYTES = 20;

/** `bytea[]` of these values. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  let length = HEADER_BYTES;
  for (const value of values) length += 4 + (value?.length ?? 0);
  const array = header(BYTEA, values.length, length);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at);
    if (!value) continue;
    array.set(value, at);
    at += value.length;
  }
  return array;
}

/** `text[]` of these values. As a JavaScript array each would be quoted, and read letter by letter. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let length = HEADER_BYTES;
  for (const value of values) length += 4 + (value === null ? 0 : value.length * 3); // at most three bytes for each unit
  const array = header(TEXT, values.length, length);
  let at = HEADER_BYTES;
  for (const value of values) {
    const written = value === null ? -1 : array.write(value, at + 4);
    array.writeInt32BE(written, at);
    at += 4 + Math.max(0, written);
  }
  return array.subarray(0, at);
}

/** `int[]` of these values. */
export function intArray(values: ArrayLike<number>): Buffer {
  const array = header(INT4, values.length, HEADER_BYTES + values.length * 8);
  for (let i = 0, at = HEADER_BYTES; i < values.length; i++) {
    at = array.writeInt32BE(4, at);
    at = array.writeInt32BE(values[i]!, at);
  }
  return array;
}

/** `uuid[]`, as text: ids are text with us. */
export function uuidArray(ids: readonly (string | null)[]): string {
  return `{${ids.map((id) => id ?? 'NULL').join(',')}}`;
}

function header(type: number, count: number, length: number): Buffer {
  const array = Buffer.allocUnsafe(length);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(1, 4); // may hold nulls
  array.writeInt32BE(type, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16); // first subscript
  return array;
}
