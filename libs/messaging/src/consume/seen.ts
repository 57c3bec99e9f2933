import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Lane, LaneEvent } from './lane.js';

/** What the group knew of a batch's events before it. */
export interface Seen {
  /** Ids that came for the first time; now in the inbox. */
  readonly fresh: Set<string>;
  /** Keys that are held: their events wait, too. */
  readonly heldKeys: Set<string>;
  /** Somewhere in the group an event waits for another one (NotYet). */
  readonly someWait: boolean;
}

/**
 * Enters a batch in the inbox and says what is new and what is held.
 * A statement of its own, after the claim: in one statement its snapshot is older than the lane's lock, and a key held by the
 * lane's former owner would be overtaken (messaging.md §4).
 */
export async function markSeen(tx: EntityManager, lane: Lane, events: readonly LaneEvent[]): Promise<Seen> {
  const [seen] = await rows<{ fresh: string[]; held: string[]; waiting: boolean }>(
    tx,
    `WITH i AS (INSERT INTO inbox (grp, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id)
     SELECT array(SELECT event_id::text FROM i) AS fresh,
       array(SELECT DISTINCT key FROM held WHERE grp = $1 AND topic = $3 AND key = any($4)) AS held,
       EXISTS (SELECT FROM held WHERE grp = $1 AND first_at IS NOT NULL AND due_at < 'infinity') AS waiting`,
    [lane.group, events.map((e) => e.eventId), lane.topic, [...new Set(events.map((e) => e.key))]],
  );
  return { fresh: new Set(seen!.fresh), heldKeys: new Set(seen!.held), someWait: seen!.waiting };
}
