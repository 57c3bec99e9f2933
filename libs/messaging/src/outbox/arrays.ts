/** Arrays of thousands of values as PostgreSQL reads them: as JavaScript arrays the driver searches each value for quotes, twice. */

const TEXT = 25;
const HEADER_BYTES = 20;

/** `text[]` in binary (array_recv): a Buffer is sent as it is. */
export function textArray(values: readonly string[]): Buffer {
  let length = HEADER_BYTES;
  for (const value of values) length += 4 + Buffer.byteLength(value);
  const array = Buffer.allocUnsafe(length);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(0, 4); // holds no nulls
  array.writeInt32BE(TEXT, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16); // first subscript
  let at = HEADER_BYTES;
  for (const value of values) {
    const bytes = array.write(value, at + 4);
    array.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return array;
}

/** `uuid[]` as text: ids need no quotes. */
export function uuidArray(ids: readonly (string | null)[]): string {
  return `{${ids.map((id) => id ?? 'NULL').join(',')}}`;
}
