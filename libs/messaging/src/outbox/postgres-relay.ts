import { LOCKED, textArray, tryLockSql, uuidArray, withCommit, type Db, type Statement } from '@avtala/database';
import type { Bell } from '../bell.js';
import type { Loop } from '../loop.js';
import { LOG_CHANNEL } from '../transport/postgres/log-bell.js';
import type { Relay, Surroundings } from '../transport/transport.js';
import { relayLoop, type Moved } from './relay-loop.js';
import { expand, NEXT_IDS, OUTBOX_COLUMNS, type OutboxEvent, type OutboxRow } from './rows.js';

/** Whoever has the lock has it for one transaction, and may have looked before what we were rung for was committed: look again soon. */
const RESTS = { standBy: 50, longest: 500 };

/** Moves events from the outbox into the log, in one transaction, one relay at a time (messaging.md §3). */
export class PostgresRelay implements Relay {
  readonly #loop: Loop;

  constructor({ db, progress }: Pick<Surroundings, 'db' | 'progress'>, bell: Bell) {
    this.#loop = relayLoop((rung) => relayOnce(db, rung), bell, progress, RESTS);
  }

  async start(): Promise<void> {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }
}

/** The lock, and what it guards, go out together: the second statement's snapshot is taken after the first, so it sees all that the
 * relay before us committed; and without the lock, or outside a transaction, it takes nothing. */
const take = (schema: string): Statement[] => [
  tryLockSql(4711, schema),
  { sql: `DELETE FROM outbox WHERE ${LOCKED} AND id = any(array(${NEXT_IDS})) RETURNING ${OUTBOX_COLUMNS}` },
];

/** @param rung somebody said that there is something; else looks first, which is cheaper
 * @returns undefined when another relay is at work */
async function relayOnce(db: Db, rung: boolean): Promise<Moved | undefined> {
  const nothing = { rows: 0, events: 0 };
  if (!rung && !(await db.glance('SELECT FROM outbox LIMIT 1')).length) return nothing;
  return db.pipelined('worker', take(db.schema), async (tx, [lock, found]) => {
    if ((lock![0] as { locked: string }).locked !== 'true') return undefined;
    const taken = found as OutboxRow[];
    if (!taken.length) return nothing;
    const events = expand(taken);
    // Asynchronous: a consumer's durable commit flushes our earlier WAL with its own, and after a crash the rows are still in
    // the outbox. NOTIFY's lock over the whole instance is harmless with one writer (messaging.md §2).
    withCommit(tx, intoLog(events), {
      sql: `SET LOCAL synchronous_commit = off; NOTIFY ${LOG_CHANNEL}, '${db.schema}'`,
    });
    return { rows: taken.length, events: events.length };
  });
}

/** `pos` is drawn in the order of the outbox, by one writer at a time: it is also the order of commits. */
function intoLog(events: readonly OutboxEvent[]): Statement {
  return {
    sql: `INSERT INTO log (lane, event_id, key, type, payload, engagement_id, lead_id, at)
     SELECT (hashtextextended(key, 0) & 7)::smallint, event_id, key, type, payload::json, engagement_id, lead_id, at
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::timestamptz[])
       WITH ORDINALITY AS e(event_id, key, type, payload, engagement_id, lead_id, at, n) ORDER BY n`,
    parameters: [
      uuidArray(events.map((e) => e.eventId)),
      textArray(events.map((e) => e.key)),
      textArray(events.map((e) => e.type)),
      textArray(events.map((e) => e.payload)),
      uuidArray(events.map((e) => e.engagementId)),
      uuidArray(events.map((e) => e.leadId)),
      events.map((e) => e.at),
    ],
  };
}
