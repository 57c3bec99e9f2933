import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { ScriptStep } from '../domain/call-script.js';

export interface StoredScript {
  version: number;
  steps: ScriptStep[];
  changedAt: Date;
}

/** The newest version, or none. */
export async function findScript(tx: EntityManager, engagementId: string): Promise<StoredScript | undefined> {
  const found = await rows<StoredScript>(
    tx,
    `SELECT version, steps, changed_at AS "changedAt" FROM call_script WHERE engagement_id = $1 ORDER BY version DESC LIMIT 1`,
    [engagementId],
  );
  return found[0];
}

/** @returns false when that version exists by now: somebody else wrote it */
export async function addScript(
  tx: EntityManager,
  engagementId: string,
  script: { version: number; steps: readonly ScriptStep[] },
  by: { userId: string; at: string },
): Promise<boolean> {
  const added = await affected(
    tx,
    `INSERT INTO call_script (engagement_id, version, steps, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [engagementId, script.version, JSON.stringify(script.steps), by.userId, by.at],
  );
  return added > 0;
}
