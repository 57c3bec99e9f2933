import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { FROM, ROW, type LeadRow } from './lead.js';

/** Ids of leads that have one token of each of these lists, those with all of `whole` first. Read beside the policy: docs/adr/0016. */
export async function leadsByName(
  tx: EntityManager,
  engagementId: string,
  words: readonly (readonly number[])[],
  whole: readonly number[],
  most: number,
): Promise<string[]> {
  const [first, second = first, third = second] = words;
  const found = await rows<{ id: string }>(
    tx,
    'SELECT id FROM leads_by_name(ARRAY[$1::uuid], $2::int[], $3::int[], $4::int[], $5::int[], $6)',
    [engagementId, first, second, third, whole, most],
  );
  return found.map((row) => row.id);
}

/** Leads of one engagement by a blind index. */
export async function leadsByIndex(
  tx: EntityManager,
  engagementId: string,
  by: { email: Buffer; merge: Buffer } | { phone: Buffer },
  most: number,
): Promise<LeadRow[]> {
  // The mailbox has a unique index; of its spellings the strict one is meant.
  const { where, values } =
    'phone' in by
      ? { where: 'l.phone_bidx = $3', values: [by.phone] }
      : { where: 'l.merge_bidx = $3 AND l.email_bidx = $4', values: [by.merge, by.email] };
  return rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM} WHERE l.engagement_id = $1 AND ${where} ORDER BY l.id DESC LIMIT $2`,
    [engagementId, most, ...values],
  );
}

/** Leads whose tokens were never computed, locked. */
export async function lockWithoutTokens(
  tx: EntityManager,
  engagementId: string,
  most: number,
): Promise<{ id: string; sealed: Buffer }[]> {
  return rows(
    tx,
    'SELECT id, sealed FROM lead WHERE engagement_id = $1 AND name_tokens IS NULL ORDER BY id LIMIT $2 FOR UPDATE',
    [engagementId, most],
  );
}

export async function writeTokens(
  tx: EntityManager,
  engagementId: string,
  leads: readonly { id: string; tokens: readonly number[] }[],
): Promise<void> {
  if (!leads.length) return;
  // Arrays of different lengths do not nest: as text each, cut apart there.
  await tx.query(
    `UPDATE lead SET name_tokens = n.tokens::int[] FROM unnest($2::uuid[], $3::text[]) AS n (id, tokens)
     WHERE lead.engagement_id = $1 AND lead.id = n.id`,
    [engagementId, leads.map((l) => l.id), leads.map((l) => `{${l.tokens.join(',')}}`)],
  );
}
