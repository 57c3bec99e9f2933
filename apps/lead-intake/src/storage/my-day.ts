import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface HourCount {
  /** 0 to 23, on the Swedish clock. */
  hour: number;
  outcome: string;
  n: number;
}

/** One person's outcomes between two instants, by hour and kind; what was taken back does not count. */
export async function outcomesByHour(
  tx: EntityManager,
  of: { engagementIds: readonly string[]; userId: string; from: string; until: string },
): Promise<HourCount[]> {
  return rows<HourCount>(
    tx,
    `SELECT extract(hour FROM at AT TIME ZONE 'Europe/Stockholm')::int AS hour, outcome, count(*)::int AS n FROM activity
     WHERE engagement_id = ANY ($1) AND user_id = $2 AND at >= $3 AND at < $4 AND undone_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2`,
    [of.engagementIds, of.userId, of.from, of.until],
  );
}

export interface LastOutcome {
  id: string;
  engagement_id: string;
  lead_id: string;
  at: Date;
  outcome: string;
}

/** One person's last outcomes since an instant, the newest first; what was taken back is left out. */
export async function lastOutcomes(
  tx: EntityManager,
  of: { engagementIds: readonly string[]; userId: string; since: string; limit: number },
): Promise<LastOutcome[]> {
  return rows<LastOutcome>(
    tx,
    `SELECT id, engagement_id, lead_id, at, outcome FROM activity
     WHERE engagement_id = ANY ($1) AND user_id = $2 AND at >= $3 AND undone_at IS NULL ORDER BY at DESC, id DESC LIMIT $4`,
    [of.engagementIds, of.userId, of.since, of.limit],
  );
}
