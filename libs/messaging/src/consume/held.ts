import type { ServiceName } from '@avtala/contracts';
import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { backoffMs, MOST_TRIES, NOT_YET_MS, notYetMs, type Verdict } from '../retry.js';
import type { Lane, LaneEvent } from './lane.js';

/** When a held event is tried: a number of milliseconds from now (real time), when its head is gone, or never by itself. */
export type Wait = number | 'behind' | 'parked';

export interface NewHeld {
  readonly event: LaneEvent;
  readonly overtakes: boolean;
  readonly wait: Wait;
  readonly attempts: number;
  /** Missing something: counts no attempts, but the time since now. */
  readonly notYet: boolean;
  readonly error: string | null;
}

/** A held event that fails for the first time, or waits behind one (`verdict` undefined). */
export function newlyHeld(event: LaneEvent, overtakes: boolean, verdict?: Verdict): NewHeld {
  if (!verdict) return { event, overtakes, wait: 'behind', attempts: 0, notYet: false, error: null };
  const { wait, attempts } = nextTry(verdict, 0, 0);
  return { event, overtakes, wait, attempts, notYet: verdict.what === 'not-yet', error: verdict.code };
}

/** @param attempts failures counted before this one; @param waitedMs time since the first NotYet, real time */
export function nextTry(verdict: Verdict, attempts: number, waitedMs: number): { wait: Wait; attempts: number } {
  switch (verdict.what) {
    case 'transient':
      return { wait: backoffMs(1), attempts };
    case 'not-yet':
      return { wait: waitedMs >= NOT_YET_MS ? 'parked' : notYetMs(waitedMs), attempts };
    case 'later':
      return attempts + 1 >= MOST_TRIES
        ? { wait: 'parked', attempts: attempts + 1 }
        : { wait: backoffMs(attempts + 1, verdict.afterMs), attempts: attempts + 1 };
    case 'permanent':
      return { wait: 'parked', attempts: attempts + 1 };
  }
}

export async function insertHeld(tx: EntityManager, group: ServiceName, held: readonly NewHeld[]): Promise<void> {
  if (!held.length) return;
  const column = <T>(pick: (h: NewHeld) => T) => held.map(pick);
  await tx.query(
    `INSERT INTO held (grp, topic, lane, pos, event_id, key, type, payload, engagement_id, lead_id, at, overtakes, attempts,
       due_at, first_at, error)
     SELECT $1, topic, lane, pos, event_id, key, type, payload::jsonb, engagement_id, lead_id, at, overtakes, attempts,
       ${dueAt('wait')}, CASE WHEN not_yet THEN clock_timestamp() END, error
     FROM unnest($2::text[], $3::smallint[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::uuid[], $11::timestamptz[],
       $12::boolean[], $13::int[], $14::text[], $15::boolean[], $16::text[])
       AS h(topic, lane, pos, event_id, key, type, payload, engagement_id, lead_id, at, overtakes, attempts, wait, not_yet, error)`,
    [
      group,
      column((h) => h.event.topic),
      column((h) => h.event.lane),
      column((h) => h.event.pos),
      column((h) => h.event.eventId),
      column((h) => h.event.key),
      column((h) => h.event.type),
      column((h) => JSON.stringify(h.event.payload)),
      column((h) => h.event.engagementId),
      column((h) => h.event.leadId),
      column((h) => h.event.at),
      column((h) => h.overtakes),
      column((h) => h.attempts),
      column((h) => String(h.wait)),
      column((h) => h.notYet),
      column((h) => h.error),
    ],
  );
}

/** A held event with what is known of its tries. */
export interface Head {
  readonly event: LaneEvent;
  readonly attempts: number;
  /** Milliseconds since its first NotYet; 0 when it had none. */
  readonly waitedMs: number;
}

// An overtaking event does not wait behind a poisoned one here either: a "no" is never stuck (messaging.md §5).
export const IS_HEAD = `(h.overtakes OR NOT EXISTS (SELECT FROM held p
  WHERE p.grp = h.grp AND p.topic = h.topic AND p.key = h.key AND p.pos < h.pos))`;

/** Heads of this lane's held keys that are due, by their place. The caller holds the lane. */
export async function dueHeads(
  tx: EntityManager,
  group: ServiceName,
  { topic, lane }: Lane,
  limit: number,
): Promise<Head[]> {
  const found = await rows<LaneEvent & { attempts: number; waitedMs: number }>(
    tx,
    `SELECT topic, lane, pos, event_id AS "eventId", key, type, payload, engagement_id AS "engagementId", lead_id AS "leadId", at::text, attempts,
       coalesce(extract(epoch FROM clock_timestamp() - first_at) * 1000, 0)::float8 AS "waitedMs"
     FROM held h WHERE grp = $1 AND topic = $2 AND lane = $3 AND due_at <= clock_timestamp() AND ${IS_HEAD}
     ORDER BY h.pos LIMIT $4`,
    [group, topic, lane, limit],
  );
  return found.map(({ attempts, waitedMs, ...event }) => ({ event, attempts, waitedMs }));
}

export async function dropHeld(tx: EntityManager, group: ServiceName, { topic, lane, pos }: LaneEvent): Promise<void> {
  await tx.query('DELETE FROM held WHERE grp = $1 AND topic = $2 AND lane = $3 AND pos = $4', [
    group,
    topic,
    lane,
    pos,
  ]);
}

export async function holdLonger(tx: EntityManager, group: ServiceName, head: Head, verdict: Verdict): Promise<Wait> {
  const { wait, attempts } = nextTry(verdict, head.attempts, head.waitedMs);
  await tx.query(
    `UPDATE held SET attempts = $5, due_at = ${dueAt('$6')}, error = $7,
       first_at = CASE WHEN $8 THEN coalesce(first_at, clock_timestamp()) ELSE first_at END
     WHERE grp = $1 AND topic = $2 AND lane = $3 AND pos = $4`,
    [
      group,
      head.event.topic,
      head.event.lane,
      head.event.pos,
      attempts,
      String(wait),
      verdict.code,
      verdict.what === 'not-yet',
    ],
  );
  return wait;
}

/**
 * Makes events due at once that wait for another one (NotYet), when something of their key or engagement was committed.
 * In a transaction of its own, after that commit: inside it, two lanes could wait for each other's rows.
 */
export async function nudge(tx: EntityManager, group: string, keys: readonly string[]): Promise<number> {
  const found = await rows(
    tx,
    `UPDATE held SET due_at = '-infinity' WHERE (grp, topic, lane, pos) IN (
       SELECT grp, topic, lane, pos FROM held WHERE grp = $1 AND first_at IS NOT NULL
         AND due_at > clock_timestamp() AND due_at < 'infinity' AND (key = any($2) OR engagement_id::text = any($2))
       ORDER BY grp, topic, lane, pos FOR UPDATE) RETURNING pos`,
    [group, keys],
  );
  return found.length;
}

function dueAt(wait: string): string {
  return `CASE ${wait}::text WHEN 'parked' THEN 'infinity'::timestamptz WHEN 'behind' THEN '-infinity'
    ELSE clock_timestamp() + ${wait}::text::float8 * interval '1 ms' END`;
}
