import { rows, sqlState } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { AlreadyThere } from './new-leads.js';

export const HASH_BYTES = 32;

/** Hashes of a row, in the order in which they lie behind each other. */
export const HASH_SLOTS = {
  email: 0,
  merge: 1,
  phone: 2,
  namePhone: 3,
  row: 4,
  noEmail: 5,
  noEmailLoose: 6,
  noPhone: 7,
  noNamePhone: 8,
} as const;
export const HASHES_PER_ROW = 9;
const FIRST_NO = HASH_SLOTS.noEmail;
/** What a "no" is stored as, by the slot behind the first. */
export const NO_KINDS = ['email', 'email-loose', 'phone', 'name-phone'] as const;

/** Tokens of a row are told by where they begin and how many they are (at most eight) in one number. */
export const tokenSpan = (from: number, count: number): number => from * 16 + count;

/** People of a chunk of a file, column by column as PostgreSQL reads them in binary. */
export interface ChunkColumns {
  readonly count: number;
  /** `uuid[]` */
  readonly ids: Uint8Array;
  /** `bytea[]` */
  readonly sealed: Uint8Array;
  /** `HASHES_PER_ROW` of each row, one behind the other. What a person does not have is zeros, which no HMAC is. */
  readonly hashes: Uint8Array;
  /** `int[]`: tokens of all rows, and the span of each. */
  readonly tokens: Uint8Array;
  readonly spans: Uint8Array;
}

/** Hash of row `i`; null where the person has none. */
export function hashOf({ hashes }: Pick<ChunkColumns, 'hashes'>, i: number, slot: number): Buffer | null {
  const hash = Buffer.from(hashes.buffer, hashes.byteOffset + (i * HASHES_PER_ROW + slot) * HASH_BYTES, HASH_BYTES);
  return hash.equals(NOTHING) ? null : hash;
}

/** Hashes of row `i` by which a "no" is looked up (B5). */
export function noesOf(chunk: Pick<ChunkColumns, 'hashes'>, i: number): { kind: string; hash: Buffer }[] {
  return NO_KINDS.flatMap((kind, n) => {
    const hash = hashOf(chunk, i, FIRST_NO + n);
    return hash ? [{ kind, hash }] : [];
  });
}

const NOTHING = Buffer.alloc(HASH_BYTES);
const NOTHING_SQL = `'\\x${NOTHING.toString('hex')}'::bytea`;

/** SQL of a hash of row `i` (from 1). */
const cut = (parameter: string, i: string, slot: number | string): string =>
  `substring(${parameter}::bytea FROM ((${i} - 1)::int * ${HASHES_PER_ROW} + ${slot}) * ${HASH_BYTES} + 1 FOR ${HASH_BYTES})`;
const stored = (slot: number): string => `nullif(${cut('$7', 'n.i', slot)}, ${NOTHING_SQL})`;

/** The bytes themselves, which the driver then sends as they are. */
const binary = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * Which rows of a chunk meet something that is there: a "no", a lead with their e-mail or name with phone, or themselves from an earlier run.
 * What they meet is for the caller to find out, row by row; in most chunks nobody meets anything.
 * LATERAL with LIMIT: with `= ANY` the planner, which has no statistics of hashes, compares every row with every hash. OFFSET 0: under row-level security
 * a condition with a function that is not leakproof, as the cutting is, is never an index condition.
 * @returns numbers of rows from 0
 */
export async function rowsThatMeet(tx: EntityManager, engagementId: string, chunk: ChunkColumns): Promise<Set<number>> {
  const hashes = (slot: number): string =>
    `(SELECT i, ${cut('$2', 'i', slot)} AS hash FROM generate_series(1, $3::int) AS i OFFSET 0) h`;
  const among = (table: string, condition: string, slot: number): string =>
    `SELECT h.i FROM ${hashes(slot)} CROSS JOIN LATERAL (SELECT FROM ${table} WHERE ${condition} LIMIT 1) s`;
  const noes = NO_KINDS.map((_, n) => among('suppression', 'hash = h.hash', FIRST_NO + n));
  const found = await rows<{ i: number }>(
    tx,
    [
      ...noes,
      among('lead', 'engagement_id = $1 AND merge_bidx = h.hash', HASH_SLOTS.merge),
      among('lead', 'engagement_id = $1 AND name_phone_bidx = h.hash', HASH_SLOTS.namePhone),
      among('import_row', 'engagement_id = $1 AND hash = h.hash', HASH_SLOTS.row),
    ].join(' UNION ALL '),
    [engagementId, binary(chunk.hashes), chunk.count],
  );
  return new Set(found.map(({ i }) => i - 1));
}

/**
 * Stores people who meet nobody as leads, says where those live, and remembers their rows, by which a rerun recognises them.
 * @param except numbers of rows from 0
 * @throws AlreadyThere when they do meet somebody: run the transaction again
 */
export async function insertChunk(
  tx: EntityManager,
  engagementId: string,
  provenance: { id: string; obtainedAt: string },
  callableAt: string,
  chunk: ChunkColumns,
  except: readonly number[],
): Promise<void> {
  try {
    await tx.query(INSERT, [
      engagementId,
      provenance.id,
      provenance.obtainedAt,
      callableAt,
      binary(chunk.ids),
      binary(chunk.sealed),
      binary(chunk.hashes),
      binary(chunk.tokens),
      binary(chunk.spans),
      except.map((i) => i + 1),
    ]);
  } catch (error) {
    if (sqlState(error) === '23505') throw new AlreadyThere('One of these people is there already', { cause: error });
    throw error;
  }
}

const OTHERS = 'n.i <> ALL ($10::bigint[])';
const INSERT = `
WITH home AS (INSERT INTO lead_home (lead_id, engagement_id)
  SELECT n.id, $1 FROM unnest($5::uuid[]) WITH ORDINALITY AS n (id, i) WHERE ${OTHERS}),
taken AS (INSERT INTO import_row (engagement_id, hash, lead_id)
  SELECT $1, ${cut('$7', 'n.i', HASH_SLOTS.row)}, n.id FROM unnest($5::uuid[]) WITH ORDINALITY AS n (id, i) WHERE ${OTHERS})
INSERT INTO lead (engagement_id, provenance_id, obtained_at, callable_at, id, sealed, email_bidx, merge_bidx, phone_bidx, name_phone_bidx, name_tokens)
SELECT $1, $2, $3, $4, n.id, n.sealed, ${stored(HASH_SLOTS.email)}, ${stored(HASH_SLOTS.merge)}, ${stored(HASH_SLOTS.phone)},
  ${stored(HASH_SLOTS.namePhone)}, ($8::int[])[n.span / 16 + 1 : n.span / 16 + n.span % 16]
FROM unnest($5::uuid[], $6::bytea[], $9::int[]) WITH ORDINALITY AS n (id, sealed, span, i) WHERE ${OTHERS}`;
