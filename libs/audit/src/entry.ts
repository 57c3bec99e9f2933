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
