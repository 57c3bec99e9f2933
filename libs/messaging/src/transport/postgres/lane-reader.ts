import type { ServiceName } from '@avtala/contracts';
import { rows, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Lane, LaneEvent } from '../../consume/lane.js';
import { schemaOf, type Topics } from '../../topics.js';

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

/** Which lanes to take. */
export interface Wanted {
  readonly group: ServiceName;
  /** Topics that can be read, at least one. */
  readonly topics: readonly string[];
  readonly types: readonly string[];
  /** Lanes at most: some that are behind and that nobody works on. */
  readonly lanes: number;
  /** Events at most, of each lane an equal share. */
  readonly limit: number;
  /** This lane and no other, after a failure: waits for whoever took it meanwhile. */
  readonly again?: Lane | undefined;
}

/**
 * Takes locks of lanes and reads their next events of these types, in one statement. What a log got after its snapshot is read next time;
 * a cursor's place is the newest even when the lane's former owner moved it meanwhile, since FOR UPDATE returns the row as it locked it.
 */
export function claimSql(names: Topics, { group, topics, types, lanes, limit, again }: Wanted): Statement {
  const which = again
    ? `SELECT topic, lane, pos FROM cursor c WHERE grp = $1 AND topic = $4 AND lane = $5 FOR UPDATE`
    : // At random: the one farthest behind, if it is the one that fails, would stand before all others.
      `SELECT topic, lane, pos FROM cursor c WHERE grp = $1 AND ${isBehind(names, topics)} ORDER BY random() LIMIT $4 FOR UPDATE OF c SKIP LOCKED`;
  const reads = topics.map((topic) => {
    const log = `${schemaOf(names.ownerOf(topic))}.log`;
    // Both halves see the same rows: a gap between them would be jumped over.
    return `SELECT t.claim, e.* FROM c CROSS JOIN LATERAL (
        SELECT greatest(max(pos), c.pos) AS top, concat_ws(' ', c.lane, c.pos, greatest(max(pos), c.pos), c.topic) AS claim
        FROM ${log} WHERE lane = c.lane) t
      LEFT JOIN LATERAL (
        SELECT pos, event_id AS "eventId", key, type, payload, engagement_id AS "engagementId", lead_id AS "leadId", at::text AS at
        FROM ${log} WHERE lane = c.lane AND pos > c.pos AND pos <= t.top AND type = any($2) ORDER BY pos LIMIT (SELECT share FROM fair)) e ON true
      WHERE c.topic = '${topic}'`;
  });
  return {
    sql: `WITH c AS MATERIALIZED (${which}), fair AS MATERIALIZED (SELECT $3::int / nullif(count(*), 0) AS share FROM c)
      ${reads.join(' UNION ALL ')} ORDER BY pos`,
    parameters: [group, types, limit, ...(again ? [again.topic, again.lane] : [lanes])],
  };
}

/** `claim`: lane, cursor's place, place up to which the rows are everything, topic: as one column, since every row carries it. */
type ClaimedRow = { [K in Exclude<keyof LaneEvent, keyof Lane>]: LaneEvent[K] | null } & { claim: string };

/** A lane as it was claimed. */
export interface Claim extends Lane {
  readonly from: string;
  /** No event was left for the next time. */
  readonly isAll: boolean;
  /** Up to here its events are everything that it held. */
  readonly end: string;
  readonly events: readonly LaneEvent[];
}

/** The rows of {@link claimSql} by lane, the events of each in their order. @param limit as in {@link Wanted} */
export function claimedOf(found: object[], limit: number): Claim[] {
  const byLane = Map.groupBy(found as ClaimedRow[], (row) => row.claim);
  const share = Math.floor(limit / byLane.size);
  return Array.from(byLane, ([claim, rows]) => {
    const [lane, from, top, topic] = claim.split(' ') as [string, string, string, string];
    const place = { topic, lane: Number(lane) };
    const events = rows[0]!.pos === null ? [] : rows.map((row) => Object.assign(row, place) as unknown as LaneEvent);
    const isAll = events.length < share;
    return { ...place, from, events, isAll, end: isAll ? top : events.at(-1)!.pos };
  });
}

/** Moves the cursors behind what was taken of each lane. */
export function moveCursorsSql(group: ServiceName, claims: readonly Claim[], taken: readonly LaneEvent[]): Statement {
  const last = new Map(taken.map((e) => [e.topic + e.lane, e]));
  const to = claims.map(({ topic, lane, from, events, end }) => {
    const reached = last.get(topic + lane);
    return reached === events.at(-1) ? end : (reached?.pos ?? from);
  });
  return {
    sql: `UPDATE cursor c SET pos = m.pos FROM unnest($2::text[], $3::smallint[], $4::bigint[]) AS m(topic, lane, pos)
      WHERE c.grp = $1 AND c.topic = m.topic AND c.lane = m.lane`,
    parameters: [group, claims.map((c) => c.topic), claims.map((c) => c.lane), to],
  };
}
