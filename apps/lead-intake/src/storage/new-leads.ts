import { byteaArray, intArray, packedArray, sqlState, uuidArray, type Packed, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { LeadIndexes } from './lead.js';

export const HASH_BYTES = 32;

/** Leads to be stored, column by column: as a chunk's worker thread packs them, or one. */
export interface NewLeads {
  readonly ids: readonly string[];
  readonly sealed: readonly Uint8Array[];
  readonly email: Packed;
  readonly merge: Packed;
  readonly phone: Packed;
  readonly namePhone: Packed;
  readonly tokens: readonly (readonly number[])[];
}

/** One lead after another, packed. */
export function packLeads(leads: readonly { id: string; sealed: Buffer; indexes: LeadIndexes }[]): NewLeads {
  const packed = (field: 'email' | 'merge' | 'phone' | 'namePhone'): Packed => ({
    bytes: packHashes(leads.map((l) => l.indexes[field])),
    width: HASH_BYTES,
  });
  return {
    ids: leads.map((l) => l.id),
    sealed: leads.map((l) => l.sealed),
    email: packed('email'),
    merge: packed('merge'),
    phone: packed('phone'),
    namePhone: packed('namePhone'),
    tokens: leads.map((l) => l.indexes.tokens),
  };
}

/** null becomes 32 zeros, which no HMAC is. */
function packHashes(hashes: readonly (Buffer | null)[]): Buffer {
  const packed = Buffer.alloc(hashes.length * HASH_BYTES);
  for (const [i, hash] of hashes.entries()) hash?.copy(packed, i * HASH_BYTES);
  return packed;
}

/** Somebody else has just stored one of these people: the unique constraints decide. The transaction is lost; a new one sees the other's row. */
export class AlreadyThere extends Error {}

/** Inserts leads and says where they live. @throws AlreadyThere */
export async function insertLeads(tx: EntityManager, ...what: Parameters<typeof leadsStatement>): Promise<void> {
  const { sql, parameters } = leadsStatement(...what);
  try {
    await tx.query(sql, parameters);
  } catch (error) {
    if (sqlState(error) === '23505') throw new AlreadyThere('One of these people is there already', { cause: error });
    throw error;
  }
}

/**
 * @param provenance of each, by number
 * @param which of them, by number
 */
export function leadsStatement(
  engagementId: string,
  provenance: (i: number) => { id: string; obtainedAt: string },
  callableAt: string,
  leads: NewLeads,
  which: readonly number[],
): Statement {
  const ids = uuidArray(which.map((i) => leads.ids[i]!));
  const tokens = which.map((i) => leads.tokens[i]!);
  const ends = running(tokens.map((t) => t.length));
  return {
    name: 'new-leads',
    sql: `WITH home AS (INSERT INTO lead_home (lead_id, engagement_id) SELECT id, $1 FROM unnest($5::uuid[]) AS n (id))
       INSERT INTO lead (engagement_id, provenance_id, obtained_at, callable_at, id, sealed, email_bidx, merge_bidx, phone_bidx, name_phone_bidx, name_tokens)
       SELECT $1, n.provenance, n.obtained, $4, n.id, n.sealed, n.email, n.merge, n.phone, n.name_phone, ($11::int[])[n.first:n.last]
       FROM unnest($2::uuid[], $3::timestamptz[], $5::uuid[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[], $12::int[], $13::int[])
         AS n (provenance, obtained, id, sealed, email, merge, phone, name_phone, first, last)`,
    parameters: [
      engagementId,
      uuidArray(which.map((i) => provenance(i).id)),
      which.map((i) => provenance(i).obtainedAt),
      callableAt,
      ids,
      byteaArray(which.map((i) => leads.sealed[i]!)),
      packedArray(leads.email, which),
      packedArray(leads.merge, which),
      packedArray(leads.phone, which),
      packedArray(leads.namePhone, which),
      intArray(tokens.flat()),
      intArray(ends.map((end, i) => end - tokens[i]!.length + 1)),
      intArray(ends),
    ],
  };
}

function running(lengths: readonly number[]): number[] {
  let sum = 0;
  return lengths.map((length) => (sum += length));
}
