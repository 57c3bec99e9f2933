import type { Ground } from '@avtala/contracts';
import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { ColumnField } from '../domain/columns.js';
import { hashAt, hashesOf, packHashes } from './packed.js';

export interface ImportRow {
  id: string;
  engagement_id: string;
  state: 'uploading' | 'waiting' | 'running' | 'paused' | 'done' | 'failed';
  failure: string | null;
  created_at: Date;
  delimiter: string;
  file_bytes: string;
  sealed_columns: Buffer;
  /** What was filled in so far; gone with the file. */
  sealed_draft: Buffer | null;
  labels: (string | null)[];
  fields: (ColumnField | '')[];
  provenance_id: string;
  ground: Ground;
  obtained_at: Date;
  offered: number;
  accepted: number;
  merged: number;
  refused: number;
  next_offset: string;
  next_row: number;
}

export async function insertImport(
  tx: EntityManager,
  i: { id: string; engagementId: string; createdBy: string; createdAt: string },
): Promise<void> {
  await tx.query('INSERT INTO import (id, engagement_id, created_by, created_at) VALUES ($1, $2, $3, $4)', [
    i.id,
    i.engagementId,
    i.createdBy,
    i.createdAt,
  ]);
}

/** The upload is whole and readable: it waits for its mapping. */
export async function settleUpload(
  tx: EntityManager,
  id: string,
  u: {
    delimiter: string;
    fileBytes: number;
    sealedColumns: Buffer;
    labels: (string | null)[];
    offered: number;
    firstOffset: number;
    firstRow: number;
  },
): Promise<void> {
  await tx.query(
    `UPDATE import SET state = 'waiting', delimiter = $2, file_bytes = $3, sealed_columns = $4, labels = $5, offered = $6,
       next_offset = $7, next_row = $8 WHERE id = $1`,
    [id, u.delimiter, u.fileBytes, u.sealedColumns, u.labels, u.offered, u.firstOffset, u.firstRow],
  );
}

/** @param lock waits for whoever works on it */
export async function findImport(tx: EntityManager, id: string, lock = false): Promise<ImportRow | undefined> {
  return (await rows<ImportRow>(tx, `SELECT * FROM import WHERE id = $1 ${lock ? 'FOR UPDATE' : ''}`, [id]))[0];
}

export async function startImport(
  tx: EntityManager,
  id: string,
  c: { fields: (ColumnField | null)[]; provenanceId: string; ground: Ground; obtainedAt: string },
): Promise<void> {
  await tx.query(
    `UPDATE import SET state = 'running', fields = $2, provenance_id = $3, ground = $4, obtained_at = $5 WHERE id = $1`,
    [id, c.fields.map((f) => f ?? ''), c.provenanceId, c.ground, c.obtainedAt],
  );
}

export interface Progress {
  accepted: number;
  merged: number;
  refused: number;
  nextOffset: number;
  nextRow: number;
}

/** Counts and place in the file, in the transaction of the rows they stand for. */
export async function advanceImport(tx: EntityManager, id: string, p: Progress): Promise<void> {
  await tx.query(
    `UPDATE import SET accepted = accepted + $2, merged = merged + $3, refused = refused + $4, next_offset = $5, next_row = $6
     WHERE id = $1`,
    [id, p.accepted, p.merged, p.refused, p.nextOffset, p.nextRow],
  );
}

/** Its end; the headers go too, since their key is destroyed. Rows a failure left unread count as refused. */
export async function endImport(tx: EntityManager, id: string, failure: string | null): Promise<boolean> {
  const ended = await affected(
    tx,
    `UPDATE import SET state = $2, failure = $3, sealed_columns = NULL, sealed_draft = NULL, refused = offered - accepted - merged
     WHERE id = $1 AND state NOT IN ('done', 'failed')`,
    [id, failure ? 'failed' : 'done', failure],
  );
  return ended > 0;
}

export async function deleteImport(tx: EntityManager, id: string): Promise<void> {
  await tx.query('DELETE FROM import WHERE id = $1', [id]);
}

/** Imports whose upload may still lie on disk. */
export async function unfinishedImports(tx: EntityManager, engagementId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    `SELECT id FROM import WHERE engagement_id = $1 AND state NOT IN ('done', 'failed')`,
    [engagementId],
  );
  return found.map((row) => row.id);
}

export interface Reject {
  row: number;
  column: string | null;
  reason: string;
}

export async function insertRejects(
  tx: EntityManager,
  engagementId: string,
  importId: string,
  rejects: readonly Reject[],
): Promise<void> {
  if (!rejects.length) return;
  await tx.query(
    `INSERT INTO reject (engagement_id, import_id, row, column_name, reason)
     SELECT $1, $2, r.* FROM unnest($3::int[], $4::text[], $5::text[]) AS r (row, column_name, reason)`,
    [engagementId, importId, rejects.map((r) => r.row), rejects.map((r) => r.column), rejects.map((r) => r.reason)],
  );
}

export async function readRejects(
  tx: EntityManager,
  importId: string,
  after: number,
  limit: number,
): Promise<Reject[]> {
  return rows<Reject>(
    tx,
    'SELECT row, column_name AS "column", reason FROM reject WHERE import_id = $1 AND row > $2 ORDER BY row LIMIT $3',
    [importId, after, limit],
  );
}

/** Rows taken in before, by keyed hash: hash in hex → lead. */
export async function knownRows(
  tx: EntityManager,
  engagementId: string,
  hashes: readonly Buffer[],
): Promise<Map<string, string>> {
  if (!hashes.length) return new Map();
  const found = await rows<{ hash: Buffer; lead_id: string }>(
    tx,
    `SELECT r.hash, r.lead_id FROM ${hashesOf('$2', 'h')}
       CROSS JOIN LATERAL (SELECT hash, lead_id FROM import_row WHERE engagement_id = $1 AND hash = h.hash LIMIT 1) r`,
    [engagementId, packHashes(hashes)],
  );
  return new Map(found.map((row) => [row.hash.toString('hex'), row.lead_id]));
}

export async function rememberRows(
  tx: EntityManager,
  engagementId: string,
  taken: readonly { hash: Buffer; leadId: string }[],
): Promise<void> {
  if (!taken.length) return;
  await tx.query(
    `INSERT INTO import_row (engagement_id, hash, lead_id)
     SELECT $1, ${hashAt('$2', 't.i')}, t.lead_id FROM unnest($3::uuid[]) WITH ORDINALITY AS t (lead_id, i) ON CONFLICT DO NOTHING`,
    [engagementId, packHashes(taken.map((t) => t.hash)), taken.map((t) => t.leadId)],
  );
}
