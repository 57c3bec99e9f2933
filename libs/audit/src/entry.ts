/** One entry as it stands in `audit_entry`. */
export interface StoredEntry {
  readonly id: string;
  readonly instance: string;
  readonly n: number;
  /** The bytes under the MAC. */
  readonly canonical: Buffer;
}

/** What a leaf of the tree is the hash of: who holds the entry can compute it (RFC 6962 leaf hash of these bytes). */
export function leafData({ id, instance, n, canonical }: StoredEntry): Buffer {
  return Buffer.concat([Buffer.from(`${id}\n${instance}\n${n}\n`), canonical]);
}

/** Whether an entry's column has the time its bytes say: to the microsecond there, to the nanosecond here. @param column a number when it is infinite */
export function isFiledAt(said: string, column: Date | number): boolean {
  return Math.abs(Temporal.Instant.from(said).epochMilliseconds - Number(column)) <= 1;
}
