/** Hashes and blobs go to PostgreSQL as one binary value and are cut apart there: as `bytea[]` the driver would write each of a chunk's
 * thousands as hex text, which cost more than all of their HMACs. */

const HASH_BYTES = 32;
const NO_HASH = Buffer.alloc(HASH_BYTES);

/** null becomes 32 zeros, which no HMAC is. */
export function packHashes(hashes: readonly (Buffer | null)[]): Buffer {
  return Buffer.concat(hashes.map((hash) => hash ?? NO_HASH));
}

/**
 * SQL of the hashes of a packed parameter as a row source `alias (hash)`, to be looked up in a LATERAL sub-query with LIMIT. With `= ANY` the
 * planner, which has no statistics of hashes, compares every row with every hash: 0.6 s for a chunk among 10,000 leads. OFFSET 0 keeps the
 * cutting out of the comparison: under row-level security a condition with a function that is not leakproof is never an index condition.
 */
export function hashesOf(parameter: string, alias: string): string {
  return `(SELECT ${cut(parameter, 'i')} AS hash FROM generate_series(1, length(${parameter}::bytea) / ${HASH_BYTES}) AS i OFFSET 0) AS ${alias}`;
}

/** SQL of hash number `ordinal` (from 1) of a packed parameter; null where null was packed. */
export function hashAt(parameter: string, ordinal: string): string {
  return `nullif(${cut(parameter, ordinal)}, '\\x${NO_HASH.toString('hex')}'::bytea)`;
}

const cut = (parameter: string, ordinal: string): string =>
  `substring(${parameter}::bytea FROM (${ordinal}::int - 1) * ${HASH_BYTES} + 1 FOR ${HASH_BYTES})`;
