import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Bell } from '../bell.js';
import type { Loop } from '../loop.js';
import { LOG_CHANNEL } from '../transport/postgres/log-bell.js';
import type { Relay, Surroundings } from '../transport/transport.js';
import { relayLoop, type Moved } from './relay-loop.js';
import { expand, NEXT_IDS, OUTBOX_COLUMNS, type OutboxEvent, type OutboxRow } from './rows.js';

/** Moves events from the outbox into the log, in one transaction, one relay at a time (messaging.md §3). */
export class PostgresRelay implements Relay {
  readonly #loop: Loop;

  constructor({ db, progress }: Pick<Surroundings, 'db' | 'progress'>, bell: Bell) {
    this.#loop = relayLoop(() => db.asWorker((tx) => relayOnce(tx, db.schema)), bell, progress);
  }

  async start(): Promise<void> {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }
}

/** @returns undefined when another relay is at work */
async function relayOnce(tx: EntityManager, schema: string): Promise<Moved | undefined> {
  const [lock] = await rows<{ held: boolean | null }>(
    tx,
    'SELECT CASE WHEN EXISTS (SELECT FROM outbox) THEN pg_try_advisory_xact_lock(4711, hashtext($1)) END AS held',
    [schema],
  );
  if (lock!.held === null) return { rows: 0, events: 0 }; // nothing to do: most polls end here
  if (!lock!.held) return undefined;
  // A statement of its own, after the lock: its snapshot sees all that the relay before us committed.
  const taken = await rows<OutboxRow & object>(
    tx,
    `DELETE FROM outbox WHERE id = any(array(${NEXT_IDS})) RETURNING ${OUTBOX_COLUMNS}`,
  );
  if (!taken.length) return { rows: 0, events: 0 };
  const events = expand(taken);
  await insertLog(tx, events);
  // Asynchronous: a consumer's durable commit flushes our earlier WAL with its own, and after a crash the rows are still in
  // the outbox. NOTIFY's lock over the whole instance is harmless with one writer (messaging.md §2).
  await tx.query(`SET LOCAL synchronous_commit = off; NOTIFY ${LOG_CHANNEL}, '${schema}'`);
  return { rows: taken.length, events: events.length };
}

/** `pos` is drawn in the order of the outbox, by one writer at a time: it is also the order of commits. */
async function insertLog(tx: EntityManager, events: readonly OutboxEvent[]): Promise<void> {
  await tx.query(
    `INSERT INTO log (lane, event_id, key, type, payload, engagement_id, lead_id, at)
     SELECT (hashtextextended(key, 0) & 7)::smallint, event_id, key, type, payload::jsonb, engagement_id, lead_id, at
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::timestamptz[])
       WITH ORDINALITY AS e(event_id, key, type, payload, engagement_id, lead_id, at, n) ORDER BY n`,
    [
      events.map((e) => e.eventId),
      events.map((e) => e.key),
      events.map((e) => e.type),
      events.map((e) => e.payload),
      events.map((e) => e.engagementId),
      events.map((e) => e.leadId),
      events.map((e) => e.at),
    ],
  );
}
