import type { ServiceName } from '@avtala/contracts';
import { rows } from '@avtala/database';
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

/** Takes the lock of one lane that is behind and that nobody works on. */
export async function claimLane(tx: EntityManager, group: ServiceName, behind: string): Promise<Claim | undefined> {
  const [claim] = await rows<Claim & object>(
    tx,
    `SELECT topic, lane, pos FROM cursor c WHERE grp = $1 AND ${behind} ORDER BY random() LIMIT 1 FOR UPDATE OF c SKIP LOCKED`,
    [group],
  );
  return claim;
}

/** The same lane again, after a failure; waits for whoever took it meanwhile. */
export async function claimAgain(tx: EntityManager, group: ServiceName, before: Claim): Promise<Claim> {
  const [claim] = await rows<Claim & object>(
    tx,
    'SELECT topic, lane, pos FROM cursor WHERE grp = $1 AND topic = $2 AND lane = $3 FOR UPDATE',
    [group, before.topic, before.lane],
  );
  return claim!;
}

/** The next events of these types, and the place up to which that is everything. */
export async function readLane(
  tx: EntityManager,
  names: Topics,
  claim: Claim,
  types: readonly string[],
  limit: number,
): Promise<{ events: LaneEvent[]; end: string }> {
  const log = `${schemaOf(names.ownerOf(claim.topic))}.log`;
  // One statement, so that both halves see the same rows: a gap between them would be jumped over.
  const found = await rows<{ [K in keyof LaneEvent]: LaneEvent[K] | null } & { top: string }>(
    tx,
    `SELECT e.*, t.top FROM (SELECT greatest(max(pos), $2::bigint) AS top FROM ${log} WHERE lane = $1) t LEFT JOIN LATERAL (
       SELECT pos, event_id AS "eventId", key, type, payload, engagement_id AS "engagementId", lead_id AS "leadId", at
       FROM ${log} WHERE lane = $1 AND pos > $2 AND pos <= t.top AND type = any($3) ORDER BY pos LIMIT $4) e ON true ORDER BY e.pos`,
    [claim.lane, claim.pos, types, limit],
  );
  const events = found.filter((r) => r.pos !== null) as unknown as LaneEvent[];
  return { events, end: events.length === limit ? events[limit - 1]!.pos : found[0]!.top };
}

export async function moveCursor(tx: EntityManager, group: ServiceName, claim: Claim, end: string): Promise<void> {
  await tx.query('UPDATE cursor SET pos = $4 WHERE grp = $1 AND topic = $2 AND lane = $3', [
    group,
    claim.topic,
    claim.lane,
    end,
  ]);
}
