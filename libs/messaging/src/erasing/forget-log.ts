import type { Db } from '@avtala/database';
import { rows } from '@avtala/database';
import { consumersPassed } from '../upkeep/consumers.js';
import { sagaTypes } from './tombstones.js';

/**
 * Takes a lead, or a whole engagement, out of this service's own outbox, log, held and due rows; the erasure saga's own events
 * excepted, which are the proof. A log row goes once every consumer has passed it, so nothing is taken from under a reader.
 * Runs as the worker role, in a transaction of its own; call it after the lead's other rows are gone, and again while it
 * returns more than 0. (On Kafka a topic forgets by its retention time; what it holds are ids.)
 * @returns rows still there
 */
export async function forgetLog(db: Db, of: { engagementId: string; leadId?: string }): Promise<number> {
  const lead = of.leadId ?? null;
  const match = `engagement_id = $1 AND ($2::uuid IS NULL OR lead_id = $2)`;
  return db.asWorker(async (tx) => {
    const passed = await consumersPassed(tx, db.schema);
    await tx.query(
      `DELETE FROM log USING unnest($4::smallint[], $5::bigint[]) AS p(lane, pos)
       WHERE log.lane = p.lane AND log.pos <= p.pos AND ${match} AND type <> ALL ($3)`,
      [of.engagementId, lead, sagaTypes(), passed.map((p) => p.lane), passed.map((p) => p.pos)],
    );
    await tx.query(`DELETE FROM held WHERE ${match} AND type <> ALL ($3)`, [of.engagementId, lead, sagaTypes()]);
    await tx.query(
      `DELETE FROM due WHERE ${match} AND lead_id IS NOT NULL AND (lease_until IS NULL OR lease_until < now()) AND parked`,
      [of.engagementId, lead],
    );
    const left = await rows<{ n: number }>(
      tx,
      `SELECT ((SELECT count(*) FROM outbox WHERE ${match} AND type <> ALL ($3))
        + (SELECT count(*) FROM log WHERE ${match} AND type <> ALL ($3))
        + (SELECT count(*) FROM held WHERE ${match} AND type <> ALL ($3)))::int AS n`,
      [of.engagementId, lead, sagaTypes()],
    );
    return left[0]!.n;
  });
}
