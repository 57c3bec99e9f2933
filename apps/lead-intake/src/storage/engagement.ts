import { affected, rows, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/** What lead-intake knows of an engagement. */
export interface Engagement {
  id: string;
  client_id: string;
  time_zone: string;
  assessed: boolean;
  controller: string | null;
  started_at: Date;
  ended_at: Date | null;
  erasing: string | null;
  pepper_version: number;
  /** Who may act in it; null: not heard yet. */
  member_ids: string[] | null;
}

/** @param lock `share`: it may not end, be erased or get a new pepper before this transaction is over */
export async function findEngagement(
  tx: EntityManager,
  id: string,
  lock?: 'share' | 'update',
): Promise<Engagement | undefined> {
  const locking = lock ? `FOR ${lock}` : '';
  return (await rows<Engagement>(tx, `SELECT * FROM engagement WHERE id = $1 ${locking}`, [id]))[0];
}

/** `findEngagement` with lock `share`, to be sent ahead of the work. */
export function sharedEngagement(id: string): Statement {
  return {
    name: 'shared-engagement',
    sql: `SELECT id, client_id, time_zone, assessed, controller, started_at, ended_at, erasing, pepper_version, member_ids
      FROM engagement WHERE id = $1 FOR SHARE`,
    parameters: [id],
  };
}

/** Of these engagements, the ones that are not being erased: what belongs to the others is as good as gone. */
export async function standingEngagements(tx: EntityManager, ids: readonly string[]): Promise<Engagement[]> {
  return rows<Engagement>(tx, 'SELECT * FROM engagement WHERE erasing IS NULL AND id = ANY ($1) ORDER BY id', [ids]);
}

/** Of these engagements, the ones that run at `now`. */
export async function runningEngagements(
  tx: EntityManager,
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<Engagement[]> {
  return rows<Engagement>(tx, `SELECT * FROM engagement WHERE ${RUNNING} AND id = ANY ($2)`, [now.toString(), ids]);
}

/** Every engagement that runs: where a "no" must be carried to. Ids and versions, no person. Shared until the transaction ends, so that none
 * of them gets a new pepper, or is ordered to be erased, between this look and the work that follows from it. */
export async function allRunningEngagements(tx: EntityManager, now: Temporal.Instant): Promise<Engagement[]> {
  return rows<Engagement>(tx, `SELECT * FROM engagement WHERE ${RUNNING} ORDER BY id FOR SHARE`, [now.toString()]);
}

/** A "no" on its way into this engagement, found by the present pepper only. */
export async function noUnderWay(tx: EntityManager, engagementId: string): Promise<boolean> {
  const found = await rows(
    tx,
    `SELECT 1 FROM due WHERE kind = 'carry-no' AND engagement_id = $1 AND NOT parked LIMIT 1`,
    [engagementId],
  );
  return found.length > 0;
}

const RUNNING = 'erasing IS NULL AND (ended_at IS NULL OR ended_at > $1)';

export interface EngagementSnapshot {
  engagementId: string;
  clientId: string;
  version: number;
  timeZone: string;
  assessed: boolean;
  controller?: string;
  memberIds: readonly string[];
}

/** Highest version wins; a snapshot of a started engagement arrives once more when it is redelivered. */
export async function writeEngagement(
  tx: EntityManager,
  e: EngagementSnapshot,
  startedAt: string | null,
): Promise<boolean> {
  const values = [e.engagementId, e.clientId, e.version, e.timeZone, e.assessed, e.controller ?? null, e.memberIds];
  if (startedAt === null) {
    const changed = await affected(
      tx,
      `UPDATE engagement SET client_id = $2, version = $3, time_zone = $4, assessed = $5, controller = coalesce($6, controller), member_ids = $7
       WHERE id = $1 AND version < $3`,
      values,
    );
    return changed > 0 || (await findEngagement(tx, e.engagementId)) !== undefined;
  }
  await tx.query(
    `INSERT INTO engagement (id, client_id, version, time_zone, assessed, controller, member_ids, started_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
    [...values, startedAt],
  );
  return true;
}
