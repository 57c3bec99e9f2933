import { byteaArray, intArray, sqlState, uuidArray, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { LeadIndexes } from './lead.js';

/** A lead to be stored. */
export interface NewLead {
  readonly id: string;
  readonly sealed: Uint8Array;
  readonly indexes: LeadIndexes;
  readonly provenance: { readonly id: string; readonly obtainedAt: string };
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

/** @param callableAt instant */
export function leadsStatement(engagementId: string, callableAt: string, leads: readonly NewLead[]): Statement {
  const tokens = leads.map((l) => l.indexes.tokens);
  const ends = running(tokens.map((t) => t.length));
  const index = (field: 'email' | 'merge' | 'phone' | 'namePhone') => byteaArray(leads.map((l) => l.indexes[field]));
  return {
    name: 'new-leads',
    sql: `WITH home AS (INSERT INTO lead_home (lead_id, engagement_id) SELECT id, $1 FROM unnest($5::uuid[]) AS n (id))
       INSERT INTO lead (engagement_id, provenance_id, obtained_at, callable_at, id, sealed, email_bidx, merge_bidx, phone_bidx, name_phone_bidx, name_tokens)
       SELECT $1, n.provenance, n.obtained, $4, n.id, n.sealed, n.email, n.merge, n.phone, n.name_phone, ($11::int[])[n.first:n.last]
       FROM unnest($2::uuid[], $3::timestamptz[], $5::uuid[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[], $12::int[], $13::int[])
         AS n (provenance, obtained, id, sealed, email, merge, phone, name_phone, first, last)`,
    parameters: [
      engagementId,
      uuidArray(leads.map((l) => l.provenance.id)),
      leads.map((l) => l.provenance.obtainedAt),
      callableAt,
      uuidArray(leads.map((l) => l.id)),
      byteaArray(leads.map((l) => l.sealed)),
      index('email'),
      index('merge'),
      index('phone'),
      index('namePhone'),
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
