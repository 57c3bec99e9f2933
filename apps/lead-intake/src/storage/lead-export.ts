import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { LeadFilter } from './lead-list.js';

export interface ExportRow {
  id: string;
  engagement_id: string;
  filter: LeadFilter;
  fields: string[];
  asked_by: string;
  expired: boolean;
}

/** @param seconds how long it may be fetched; real time */
export async function insertExport(
  tx: EntityManager,
  e: {
    id: string;
    engagementId: string;
    filter: LeadFilter;
    fields: readonly string[];
    reason: string;
    askedBy: string;
    askedAt: string;
  },
  seconds: number,
): Promise<Date> {
  // Those that nobody can fetch any more go when the next one comes.
  await tx.query(
    `DELETE FROM lead_export WHERE engagement_id = $1 AND expires_at < clock_timestamp() - interval '1 day'`,
    [e.engagementId],
  );
  const [row] = await rows<{ expires_at: Date }>(
    tx,
    `INSERT INTO lead_export (id, engagement_id, filter, fields, reason, asked_by, asked_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8::float8 * interval '1 second') RETURNING expires_at`,
    [e.id, e.engagementId, JSON.stringify(e.filter), e.fields, e.reason, e.askedBy, e.askedAt, seconds],
  );
  return row!.expires_at;
}

export async function findExport(
  tx: EntityManager,
  id: string,
): Promise<(ExportRow & { expires_at: Date }) | undefined> {
  const found = await rows<ExportRow & { expires_at: Date }>(
    tx,
    'SELECT *, expires_at < clock_timestamp() AS expired FROM lead_export WHERE id = $1',
    [id],
  );
  return found[0];
}
