import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { DESK_HEARD_MS, type DeskState, type InHand, type Told } from '../domain/desk-state.js';

/** Writes where a booker is; the same state again only says that they are still there, and counts on. Whoever was away for long begins
 * anew. At another engagement's desk they are no more. */
export async function tellDesk(
  tx: EntityManager,
  desk: { engagementId: string; userId: string; state: DeskState; at: Date },
): Promise<void> {
  await leaveDesks(tx, desk.userId, desk.engagementId);
  await tx.query(
    `INSERT INTO desk_state AS d (engagement_id, user_id, state, since, seen_at) VALUES ($1, $2, $3, $4, $4)
     ON CONFLICT (engagement_id, user_id) DO UPDATE SET state = excluded.state, seen_at = excluded.seen_at,
       since = CASE WHEN d.state = excluded.state AND d.seen_at > $5 THEN d.since ELSE excluded.since END`,
    [desk.engagementId, desk.userId, desk.state, desk.at, new Date(desk.at.getTime() - DESK_HEARD_MS)],
  );
}

/** @param butOf their desk of this engagement stays */
export async function leaveDesks(tx: EntityManager, userId: string, butOf?: string): Promise<void> {
  await tx.query('DELETE FROM desk_state WHERE user_id = $1 AND ($2::uuid IS NULL OR engagement_id <> $2)', [
    userId,
    butOf ?? null,
  ]);
}

/** Desks heard of since then; who was not is forgotten here. */
export async function desksHeard(tx: EntityManager, engagementIds: readonly string[], since: Date): Promise<Told[]> {
  return rows<Told>(
    tx,
    `SELECT user_id AS "userId", engagement_id AS "engagementId", state, since, seen_at AS "seenAt" FROM desk_state
     WHERE engagement_id = ANY ($1) AND seen_at >= $2`,
    [engagementIds, since],
  );
}

/** Who has a lead in hand, and since when. @param claimMs how long a claim lasts */
export async function leadsInHand(
  tx: EntityManager,
  engagementIds: readonly string[],
  realNow: Date,
  claimMs: number,
): Promise<InHand[]> {
  return rows<InHand>(
    tx,
    `SELECT claimed_by AS "userId", engagement_id AS "engagementId", max(claimed_until) - $3 * interval '1 millisecond' AS since FROM lead
     WHERE engagement_id = ANY ($1) AND claimed_until >= $2 AND NOT reserved AND claimed_by IS NOT NULL AND state = 'open' AND NOT restricted
     GROUP BY 1, 2`,
    [engagementIds, realNow, claimMs],
  );
}

/** Leads of the lists, callbacks left out, that become callable between two moments; counted up to a limit. */
export async function countComing(
  tx: EntityManager,
  engagementId: string,
  between: { now: string; until: string; limit: number },
): Promise<number> {
  const [found] = await rows<{ n: number }>(
    tx,
    `SELECT count(*)::int AS n FROM (SELECT 1 FROM lead WHERE engagement_id = $1 AND queue IN (1, 2) AND state = 'open' AND NOT restricted
       AND NOT nix_blocked AND callable_at > $2 AND callable_at <= $3 LIMIT $4) c`,
    [engagementId, between.now, between.until, between.limit],
  );
  return found!.n;
}

/** Attempts since then, by engagement; what was taken back, or never connected, was none. */
export async function attemptsSince(
  tx: EntityManager,
  engagementIds: readonly string[],
  since: string,
): Promise<Map<string, number>> {
  const found = await rows<{ id: string; n: number }>(
    tx,
    `SELECT engagement_id AS id, count(*)::int AS n FROM activity
     WHERE engagement_id = ANY ($1) AND at > $2 AND undone_at IS NULL AND outcome <> 'not-connected' GROUP BY 1`,
    [engagementIds, since],
  );
  return new Map(found.map((row) => [row.id, row.n]));
}
