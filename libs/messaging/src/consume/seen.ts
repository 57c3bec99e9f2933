import { sendAll } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { buriedSql, lockSql } from '../erasing/tombstones.js';
import type { Lane, LaneEvent } from './lane.js';

/** What the group knew of a batch's events before it. */
export interface Seen {
  /** Ids that came for the first time; now in the inbox. */
  readonly fresh: Set<string>;
  /** Keys that are held: their events wait, too. */
  readonly heldKeys: Set<string>;
  /** Somewhere in the group an event waits for another one (NotYet). */
  readonly someWait: boolean;
  /** Leads and engagements among theirs that have a tombstone. */
  readonly buried: Set<string>;
}

/**
 * Enters a batch in the inbox and says what is new, what is held, and who is buried: after waiting for whoever buries somebody in the
 * batch's engagements, since three statements, each with its own snapshot, are sent in one message.
 * They come after the claim's statement: in one with it their snapshot is older than the lane's lock, and a key held by the
 * lane's former owner would be overtaken (messaging.md §4). */
export async function markSeen(
  tx: EntityManager,
  lane: Lane,
  events: readonly LaneEvent[],
  lock: 'shared' | 'alone',
): Promise<Seen> {
  const engagements = events.map((e) => e.engagementId);
  const [buried, marks] = (
    await sendAll(tx, [
      ...lockSql(engagements, lock),
      {
        sql: `WITH i AS (INSERT INTO inbox (grp, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id)
     SELECT array(SELECT event_id::text FROM i) AS fresh,
       array(SELECT DISTINCT key FROM held WHERE grp = $1 AND topic = $3 AND key = any($4)) AS held,
       EXISTS (SELECT FROM held WHERE grp = $1 AND first_at IS NOT NULL AND due_at < 'infinity') AS waiting`,
        parameters: [lane.group, events.map((e) => e.eventId), lane.topic, [...new Set(events.map((e) => e.key))]],
      },
      buriedSql(
        events.map((e) => e.leadId),
        engagements,
      ),
    ])
  )
    .map((answer) => answer.rows)
    .reverse();
  const { fresh, held, waiting } = marks![0] as unknown as { fresh: string[]; held: string[]; waiting: boolean };
  return {
    fresh: new Set(fresh),
    heldKeys: new Set(held),
    someWait: waiting,
    buried: new Set(buried!.map((row) => String(row.id))),
  };
}
