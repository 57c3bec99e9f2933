import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/** Something that was given up on and waits for a person: an event, or a row of due work. Without its payload. */
export interface Parked {
  /** The event's id, or the due row's. */
  readonly id: string;
  readonly source: 'event' | 'due';
  /** Type of the event, kind of the work. */
  readonly type: string;
  readonly key: string;
  readonly engagementId: string | null;
  readonly leadId: string | null;
  readonly attempts: number;
  /** A code and names of fields, never a value. */
  readonly error: string | null;
  /** Real time, ISO; null for due work. */
  readonly heldAt: Date | null;
  /** How many events of the key wait behind it. */
  readonly waiting: number;
}

/**
 * What is parked in this service, by id. Pages: pass the last id as `after`.
 * @param engagementIds only these, and what belongs to no engagement is left out; undefined = everything
 */
export async function listParked(
  tx: EntityManager,
  page: { limit: number; after?: string; engagementIds?: readonly string[] },
): Promise<Parked[]> {
  return rows<Parked & object>(
    tx,
    `SELECT * FROM (
       SELECT h.event_id AS id, 'event' AS source, type, key, engagement_id AS "engagementId", lead_id AS "leadId", attempts,
         error, held_at AS "heldAt", (SELECT count(*)::int FROM held w WHERE w.grp = h.grp AND w.topic = h.topic
           AND w.key = h.key AND w.pos > h.pos) AS waiting
       FROM held h WHERE due_at = 'infinity'
       UNION ALL
       SELECT id, 'due', kind, key, engagement_id, lead_id, tries, error, NULL, 0 FROM due WHERE parked) p
     WHERE ($2::uuid IS NULL OR id > $2) AND ($3::uuid[] IS NULL OR "engagementId" = any($3))
     ORDER BY id LIMIT $1`,
    [page.limit, page.after ?? null, page.engagementIds ?? null],
  );
}

/** Tries it once more, from the start. @returns whether there was such a parked thing */
export async function replayParked(tx: EntityManager, id: string, engagementIds?: readonly string[]): Promise<boolean> {
  const event = await affected(
    tx,
    `UPDATE held SET due_at = '-infinity', attempts = 0, first_at = NULL WHERE event_id = $1 AND due_at = 'infinity' AND ${ALLOWED}`,
    [id, engagementIds ?? null],
  );
  const due = await affected(
    tx,
    `UPDATE due SET parked = false, tries = 0, failures = 0, not_before = '-infinity' WHERE id = $1 AND parked AND ${ALLOWED}`,
    [id, engagementIds ?? null],
  );
  return event + due > 0;
}

/**
 * Gives it up for good; the next of its key is tried then. Waits for the lane, so that nobody is at work on the key.
 * The caller writes its audit entry in the same transaction.
 * @returns what was given up, or undefined when there was no such parked thing
 */
export async function skipParked(
  tx: EntityManager,
  id: string,
  engagementIds?: readonly string[],
): Promise<Pick<Parked, 'source' | 'type' | 'key' | 'engagementId' | 'leadId'> | undefined> {
  await tx.query(
    `SELECT FROM cursor c JOIN held h USING (grp, topic, lane) WHERE h.event_id = $1 AND h.due_at = 'infinity' FOR UPDATE OF c`,
    [id],
  );
  const gone = await rows<Pick<Parked, 'source' | 'type' | 'key' | 'engagementId' | 'leadId'> & object>(
    tx,
    `WITH event AS (DELETE FROM held WHERE event_id = $1 AND due_at = 'infinity' AND ${ALLOWED} RETURNING *),
       work AS (DELETE FROM due WHERE id = $1 AND parked AND ${ALLOWED} RETURNING *)
     SELECT 'event' AS source, type, key, engagement_id AS "engagementId", lead_id AS "leadId" FROM event
     UNION ALL SELECT 'due', kind, key, engagement_id, lead_id FROM work`,
    [id, engagementIds ?? null],
  );
  return gone[0];
}

const ALLOWED = '($2::uuid[] IS NULL OR engagement_id = any($2))';
