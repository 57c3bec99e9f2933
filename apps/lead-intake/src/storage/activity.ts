import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface ActivityRow {
  id: string;
  at: Date;
  user_id: string | null;
  outcome: string;
  informed: boolean;
  callback_at: Date | null;
  sealed: Buffer | null;
}

export async function insertActivity(
  tx: EntityManager,
  a: {
    engagementId: string;
    id: string;
    leadId: string;
    at: string;
    userId: string | null;
    outcome: string;
    informed: boolean;
    callbackAt: string | null;
    sealed: Buffer | null;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO activity (engagement_id, id, lead_id, at, user_id, outcome, informed, callback_at, sealed)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [a.engagementId, a.id, a.leadId, a.at, a.userId, a.outcome, a.informed, a.callbackAt, a.sealed],
  );
}

/** The newest hundred. */
export async function activitiesOf(tx: EntityManager, engagementId: string, leadId: string): Promise<ActivityRow[]> {
  return rows<ActivityRow>(
    tx,
    'SELECT * FROM activity WHERE engagement_id = $1 AND lead_id = $2 ORDER BY at DESC, id DESC LIMIT 100',
    [engagementId, leadId],
  );
}
