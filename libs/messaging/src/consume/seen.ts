import type { ServiceName } from '@avtala/contracts';
import { sendAll, textArray, uuidArray } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { BURIED, lockSql, unique } from '../erasing/tombstones.js';
import type { LaneEvent, Mode } from './lane.js';

/** An event's key among those of several topics. */
export const keyOf = ({ topic, key }: LaneEvent): string => `${topic} ${key}`;

/** What the group knew of a batch's events before it. */
export interface Seen {
  /** Ids that came for the first time; now in the inbox. null: all of them. */
  readonly fresh: Set<string> | null;
  /** Keys that are held, as {@link keyOf} writes them: their events wait, too. */
  readonly heldKeys: Set<string>;
  /** Somewhere in the group an event waits for another one (NotYet). */
  readonly someWait: boolean;
  /** Leads and engagements among theirs that have a tombstone. */
  readonly buried: Set<string>;
}

const KNOWN = `array(SELECT DISTINCT topic || ' ' || key FROM held WHERE grp = $1 AND topic = any($3) AND key = any($4)) AS held,
       EXISTS (SELECT FROM held WHERE grp = $1 AND first_at IS NOT NULL AND due_at < 'infinity') AS waiting,
       array(${BURIED('$5', '$6')}) AS buried`;

const MARK: Readonly<Record<Mode, string>> = {
  // Fails when one was seen before, and the batch runs again with its events apart: rare, and to be ready for it costs a third of each row.
  together: `WITH i AS (INSERT INTO inbox (grp, event_id) SELECT $1, unnest($2::uuid[])) SELECT NULL AS fresh, ${KNOWN}`,
  apart: `WITH i AS (INSERT INTO inbox (grp, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id)
     SELECT array(SELECT event_id::text FROM i) AS fresh, ${KNOWN}`,
};

/**
 * Enters a batch in the inbox and says what is new, what is held, and who is buried: after waiting for whoever buries somebody in the
 * batch's engagements, since that statement is sent before it in the same message, and each has a snapshot of its own.
 * They come after the claim's statement: in one with it their snapshot is older than the lane's lock, and a key held by the
 * lane's former owner would be overtaken (messaging.md §4). */
export async function markSeen(
  tx: EntityManager,
  group: ServiceName,
  events: readonly LaneEvent[],
  lock: 'shared' | 'alone',
  mode: Mode,
): Promise<Seen> {
  const ids = events.map((e) => e.eventId);
  const engagements = unique(events.map((e) => e.engagementId));
  const keys = unique(events.map((e) => e.key));
  const topics = unique(events.map((e) => e.topic));
  const leads = unique(events.map((e) => e.leadId));
  const answers = await sendAll(tx, [
    ...lockSql(engagements, lock),
    {
      sql: MARK[mode],
      parameters: [group, uuidArray(ids), textArray(topics), textArray(keys), uuidArray(leads), uuidArray(engagements)],
    },
  ]);
  const { fresh, held, waiting, buried } = answers.at(-1)!.rows[0] as unknown as Marks;
  return { fresh: fresh && new Set(fresh), heldKeys: new Set(held), someWait: waiting, buried: new Set(buried) };
}

interface Marks {
  readonly fresh: string[] | null;
  readonly held: string[];
  readonly waiting: boolean;
  readonly buried: string[];
}
