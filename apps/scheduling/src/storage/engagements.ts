import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface EngagementCopy {
  startedAt: Temporal.Instant | null;
  endedAt: Temporal.Instant | null;
}

/** Newest snapshot wins; `startedAt` only with the start. @returns whether the engagement is known now */
export async function keepEngagement(
  tx: EntityManager,
  e: {
    engagementId: string;
    clientId: string;
    version: number;
    timeZone: string;
    retentionMonths: number;
    startedAt?: string;
  },
): Promise<void> {
  await tx.query(
    `insert into engagement (engagement_id, client_id, version, time_zone, retention_months, started_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (engagement_id) do update
       set version = greatest(engagement.version, excluded.version),
           time_zone = case when excluded.version > engagement.version then excluded.time_zone else engagement.time_zone end,
           retention_months = case when excluded.version >= engagement.version then excluded.retention_months else engagement.retention_months end,
           started_at = coalesce(excluded.started_at, engagement.started_at)`,
    [e.engagementId, e.clientId, e.version, e.timeZone, e.retentionMonths, e.startedAt ?? null],
  );
}

/** @returns false when the engagement is not known yet */
export async function endEngagement(tx: EntityManager, engagementId: string, endedAt: string): Promise<boolean> {
  const found = await rows(
    tx,
    `with ended as (update engagement set ended_at = $2 where engagement_id = $1 returning 1) select * from ended`,
    [engagementId, endedAt],
  );
  return found.length > 0;
}

/** Reads the engagement and keeps it as it is until the end of the transaction: its end, and an order to erase it, wait or are seen. */
export async function shareEngagement(tx: EntityManager, engagementId: string): Promise<EngagementCopy | undefined> {
  const [row] = await rows<{ started_at: Date | null; ended_at: Date | null }>(
    tx,
    'select started_at, ended_at from engagement where engagement_id = $1 for share',
    [engagementId],
  );
  return row && { startedAt: instantOrNull(row.started_at), endedAt: instantOrNull(row.ended_at) };
}

/** X of A7: whole months after the end; null when no snapshot said so yet. */
export async function retentionOf(tx: EntityManager, engagementId: string): Promise<number | null> {
  const [row] = await rows<{ n: number | null }>(
    tx,
    'select retention_months as n from engagement where engagement_id = $1',
    [engagementId],
  );
  return row?.n ?? null;
}

/** Waits for every booking under way in the engagement. */
export async function lockEngagement(tx: EntityManager, engagementId: string): Promise<void> {
  await tx.query('select 1 from engagement where engagement_id = $1 for update', [engagementId]);
}

const instantOrNull = (date: Date | null): Temporal.Instant | null =>
  date && Temporal.Instant.fromEpochMilliseconds(date.getTime());
