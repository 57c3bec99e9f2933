import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { backoffMs, judge, MOST_TRIES } from '../retry.js';
import type { DueItem } from './due-work.js';

/** How long a claim holds without being renewed, real time: how soon a dead process's work is taken over. */
const LEASE_SECONDS = 15;

/** How many rows of a kind may be claimed now. */
export interface Wanted {
  readonly kind: string;
  readonly rows: number;
}

interface ClaimedRow {
  id: string;
  kind: string;
  key: string;
  engagementId: string | null;
  leadId: string | null;
  dueAt: Date;
  payload: Record<string, unknown>;
  attempts: number;
  lastTry: boolean;
  lease: string;
}

/** Takes due rows nobody works on, the longest due first. A lease that ran out means its holder died: the row is taken over. */
export async function claimDue(
  tx: EntityManager,
  wanted: readonly Wanted[],
  now: Temporal.Instant,
): Promise<DueItem[]> {
  const found = await rows<ClaimedRow & object>(
    tx,
    `UPDATE due SET lease = gen_random_uuid(), lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
     FROM (SELECT d.id FROM unnest($1::text[], $2::int[]) AS w(kind, n) CROSS JOIN LATERAL (
       SELECT id FROM due WHERE due.kind = w.kind AND NOT parked AND due_at <= $3 AND not_before <= now()
         AND (lease_until IS NULL OR lease_until < now()) ORDER BY due_at LIMIT w.n FOR UPDATE SKIP LOCKED) d) picked
     WHERE due.id = picked.id
     RETURNING due.id, kind, key, engagement_id AS "engagementId", lead_id AS "leadId", due_at AS "dueAt", payload,
       tries AS attempts, failures + 1 >= ${MOST_TRIES} AS "lastTry", lease`,
    [wanted.map((w) => w.kind), wanted.map((w) => w.rows), now.toString()],
  );
  return found
    .map((r) => ({
      ...r,
      engagementId: r.engagementId ?? '',
      dueAt: Temporal.Instant.fromEpochMilliseconds(r.dueAt.getTime()),
    }))
    .sort((a, b) => Temporal.Instant.compare(a.dueAt, b.dueAt));
}

/** Holds the claims on. @param seconds from now; never beyond what the method may take */
export async function renewLease(tx: EntityManager, items: readonly DueItem[], seconds: number): Promise<void> {
  await tx.query(
    `UPDATE due SET lease_until = clock_timestamp() + least($3::float8, ${LEASE_SECONDS}) * interval '1 second'
     FROM unnest($1::uuid[], $2::uuid[]) AS c(id, lease) WHERE due.id = c.id AND due.lease = c.lease`,
    [items.map((i) => i.id), items.map((i) => i.lease), seconds],
  );
}

/** Gives rows back that were not done: called-off ones go, the others wait for their backoff or are parked.
 * @returns how many were given back; rows that were done, or taken over by others, are not counted */
export async function giveBack(tx: EntityManager, item: DueItem, error: unknown): Promise<number> {
  const gone = await affected(tx, 'DELETE FROM due WHERE id = $1 AND lease = $2 AND cancelled', [item.id, item.lease]);
  if (gone) return gone;
  const verdict = judge(error);
  const ownFault = verdict.what === 'permanent' ? 1 : 0;
  const afterMs = verdict.what === 'later' ? verdict.afterMs : undefined;
  return affected(
    tx,
    `UPDATE due SET lease = NULL, lease_until = NULL, tries = tries + 1, failures = failures + $3,
       parked = failures + $3 >= ${MOST_TRIES}, error = $4, not_before = clock_timestamp() + $5::float8 * interval '1 ms'
     WHERE id = $1 AND lease = $2`,
    [item.id, item.lease, ownFault, verdict.code, backoffMs(item.attempts + 1, afterMs)],
  );
}

/** Which of the claimed rows are still as they were claimed: neither done, nor due again, nor taken over. */
export async function leftUndone(tx: EntityManager, items: readonly DueItem[]): Promise<DueItem[]> {
  const found = await rows<{ id: string }>(
    tx,
    'SELECT id FROM due JOIN unnest($1::uuid[], $2::uuid[]) AS c(id, lease) USING (id, lease)',
    [items.map((i) => i.id), items.map((i) => i.lease)],
  );
  const ids = new Set(found.map((r) => r.id));
  return items.filter((i) => ids.has(i.id));
}
