import type { ServiceName } from '@avtala/contracts';
import { rows, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { LaneEvent } from '../../consume/lane.js';
import { schemaOf, type Topics } from '../../topics.js';

export interface Claim {
  readonly topic: string;
  readonly lane: number;
  readonly pos: string;
}

/** Topics whose owners' logs exist and may be read; an owner may be migrated after its consumers have started. */
export async function readableTopics(tx: EntityManager, names: Topics, topics: readonly string[]): Promise<string[]> {
  const found = await rows<{ topic: string }>(
    tx,
    `SELECT topic FROM unnest($1::text[], $2::text[]) t(topic, log)
     WHERE to_regclass(log) IS NOT NULL AND has_table_privilege(to_regclass(log), 'select')`,
    [topics, topics.map((t) => `${schemaOf(names.ownerOf(t))}.log`)],
  );
  return found.map((r) => r.topic);
}

/** Lanes with something to read, as a condition on `cursor c`. */
export function isBehind(names: Topics, topics: readonly string[]): string {
  const each = topics.map((topic) => {
    const log = `${schemaOf(names.ownerOf(topic))}.log`;
    return `(c.topic = '${topic}' AND EXISTS (SELECT FROM ${log} l WHERE l.lane = c.lane AND l.pos > c.pos))`;
  });
  return `(${each.join(' OR ') || 'false'})`;
}

/** Which lane to take. */
export interface Wanted {
  readonly group: ServiceName;
  /** Topics that can be read, at least one. */
  readonly topics: readonly string[];
  readonly types: readonly string[];
  readonly limit: number;
  /** The same lane again, after a failure: waits for whoever took it meanwhile. Else one that is behind and that nobody works on. */
  readonly again?: Claim | undefined;
}

/**
 * Takes a lane's lock and reads the next events of these types, in one statement. What the log got after its snapshot is read next time;
 * the cursor's place is the newest even when the lane's former owner moved it meanwhile, since FOR UPDATE returns the row as it locked it.
 */
export function claimSql(names: Topics, { group, topics, types, limit, again }: Wanted): Statement {
  const which = again
    ? `SELECT topic, lane, pos FROM cursor c WHERE grp = $1 AND topic = $4 AND lane = $5 FOR UPDATE`
    : `SELECT topic, lane, pos FROM cursor c WHERE grp = $1 AND ${isBehind(names, topics)} ORDER BY random() LIMIT 1 FOR UPDATE OF c SKIP LOCKED`;
  const reads = topics.map((topic) => {
    const log = `${schemaOf(names.ownerOf(topic))}.log`;
    // Both halves see the same rows: a gap between them would be jumped over.
    return `SELECT t.claim, e.* FROM c CROSS JOIN LATERAL (
        SELECT greatest(max(pos), c.pos) AS top, concat_ws(' ', c.lane, c.pos, greatest(max(pos), c.pos), c.topic) AS claim
        FROM ${log} WHERE lane = c.lane) t
      LEFT JOIN LATERAL (
        SELECT pos, event_id AS "eventId", key, type, payload, engagement_id AS "engagementId", lead_id AS "leadId", at::text AS at
        FROM ${log} WHERE lane = c.lane AND pos > c.pos AND pos <= t.top AND type = any($2) ORDER BY pos LIMIT $3) e ON true
      WHERE c.topic = '${topic}'`;
  });
  return {
    sql: `WITH c AS MATERIALIZED (${which}) ${reads.join(' UNION ALL ')} ORDER BY pos`,
    parameters: [group, types, limit, ...(again ? [again.topic, again.lane] : [])],
  };
}

/** `claim`: lane, cursor's place, place up to which the rows are everything, topic: as one column, since every row carries it. */
type ClaimedRow = { [K in keyof LaneEvent]: LaneEvent[K] | null } & { claim: string };

/** The rows of {@link claimSql}: the claim, its events, and the place up to which that is everything. */
export function claimedOf(
  found: object[],
  limit: number,
): { claim: Claim; events: LaneEvent[]; end: string } | undefined {
  const [first] = found as ClaimedRow[];
  if (!first) return undefined;
  const [lane, pos, top, topic] = first.claim.split(' ') as [string, string, string, string];
  const events = (first.pos === null ? [] : found) as LaneEvent[];
  return {
    claim: { topic, lane: Number(lane), pos },
    events,
    end: events.length === limit ? events[limit - 1]!.pos : top,
  };
}

export function moveCursorSql(group: ServiceName, claim: Claim, end: string): Statement {
  return {
    sql: 'UPDATE cursor SET pos = $4 WHERE grp = $1 AND topic = $2 AND lane = $3',
    parameters: [group, claim.topic, claim.lane, end],
  };
}
