import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { BulkAct, BulkCause } from '../domain/bulk.js';
import type { LeadRow } from './lead.js';
import { FROM, ROW } from './lead.js';

export interface BulkRow {
  id: string;
  engagement_id: string;
  act: BulkAct;
  reason: string;
  asked_by: object;
  asked_at: Date;
  done_at: Date | null;
}

export async function insertBulk(
  tx: EntityManager,
  b: { id: string; engagementId: string; act: BulkAct; reason: string; askedBy: object; askedAt: string },
  items: readonly { leadId: string; cause: BulkCause | null }[],
): Promise<void> {
  await tx.query(
    'INSERT INTO bulk_act (id, engagement_id, act, reason, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6)',
    [b.id, b.engagementId, b.act, b.reason, JSON.stringify(b.askedBy), b.askedAt],
  );
  await tx.query(
    `INSERT INTO bulk_item (engagement_id, bulk_id, lead_id, state, cause)
     SELECT $1, $2, n.lead_id, CASE WHEN n.cause IS NULL THEN 'waiting' ELSE 'untouched' END, n.cause
     FROM unnest($3::uuid[], $4::text[]) AS n (lead_id, cause)`,
    [b.engagementId, b.id, items.map((i) => i.leadId), items.map((i) => i.cause)],
  );
}

export async function findBulk(tx: EntityManager, id: string): Promise<BulkRow | undefined> {
  return (await rows<BulkRow>(tx, 'SELECT * FROM bulk_act WHERE id = $1', [id]))[0];
}

/** How far it is: one line for each state and cause. */
export async function bulkCounts(
  tx: EntityManager,
  bulkId: string,
): Promise<{ state: 'waiting' | 'done' | 'untouched'; cause: BulkCause | null; n: number }[]> {
  return rows(
    tx,
    'SELECT state, cause, count(*)::int AS n FROM bulk_item WHERE bulk_id = $1 GROUP BY state, cause ORDER BY state, cause',
    [bulkId],
  );
}

export async function waitingItems(tx: EntityManager, bulkId: string, most: number): Promise<string[]> {
  const found = await rows<{ lead_id: string }>(
    tx,
    `SELECT lead_id FROM bulk_item WHERE bulk_id = $1 AND state = 'waiting' ORDER BY lead_id LIMIT $2`,
    [bulkId, most],
  );
  return found.map((row) => row.lead_id);
}

/** Leads of one engagement, locked in the order of their ids. */
export async function lockLeads(tx: EntityManager, engagementId: string, ids: readonly string[]): Promise<LeadRow[]> {
  return rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM} WHERE l.engagement_id = $1 AND l.id = ANY ($2) ORDER BY l.id FOR UPDATE OF l`,
    [engagementId, ids],
  );
}

export async function settleItems(
  tx: EntityManager,
  bulkId: string,
  items: readonly { leadId: string; cause: BulkCause | null }[],
): Promise<void> {
  await tx.query(
    `UPDATE bulk_item SET state = CASE WHEN n.cause IS NULL THEN 'done' ELSE 'untouched' END, cause = n.cause
     FROM unnest($2::uuid[], $3::text[]) AS n (lead_id, cause) WHERE bulk_item.bulk_id = $1 AND bulk_item.lead_id = n.lead_id`,
    [bulkId, items.map((i) => i.leadId), items.map((i) => i.cause)],
  );
}

export async function endBulk(tx: EntityManager, bulkId: string, at: string): Promise<void> {
  await tx.query('UPDATE bulk_act SET done_at = $2 WHERE id = $1', [bulkId, at]);
}
