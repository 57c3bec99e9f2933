import { affected, type Db } from '@avtala/database';
import { log } from '@avtala/observability';
import { consumersPassed } from './consumers.js';

/** Real time. A new consumer can read this far back; longer keeps more. */
const LOG_DAYS = 7;
/** Longer than a broker keeps a topic, plus a week: whatever can still be delivered twice is remembered. */
const INBOX_DAYS = 15;
const CHUNK = 10_000;
const PERIOD_MS = 3_600_000;

/** Deletes log rows that every consumer has passed and that are old, and old inbox rows, in chunks.
 * @returns rows deleted */
export async function prune(
  db: Db,
  days = { log: LOG_DAYS, inbox: INBOX_DAYS },
): Promise<{ log: number; inbox: number }> {
  const total = { log: 0, inbox: 0 };
  const passed = await db.asWorker((tx) => consumersPassed(tx, db.schema));
  for (const { lane, pos } of passed)
    total.log += await inChunks(
      db,
      `DELETE FROM log WHERE lane = $1 AND pos = any(array(SELECT pos FROM log WHERE lane = $1 AND pos <= $2
         AND logged_at < now() - $3 * interval '1 day' ORDER BY pos LIMIT ${CHUNK}))`,
      [lane, pos, days.log],
    );
  total.inbox = await inChunks(
    db,
    `DELETE FROM inbox USING (SELECT grp, event_id FROM inbox WHERE at < now() - $1 * interval '1 day' LIMIT ${CHUNK}) old
     WHERE inbox.grp = old.grp AND inbox.event_id = old.event_id`,
    [days.inbox],
  );
  return total;
}

async function inChunks(db: Db, sql: string, parameters: unknown[]): Promise<number> {
  for (let total = 0; ;) {
    const n = await db.asWorker((tx) => affected(tx, sql, parameters));
    total += n;
    if (n < CHUNK) return total;
  }
}

/** Prunes every hour (real time) while the service runs. */
export class Pruner {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly db: Db) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running
        .then(() => prune(this.db))
        .then(
          (rows) => log.info('messaging.pruned', { schema: this.db.schema, counts: rows }),
          (error: unknown) => log.warn('messaging.prune-failed', { schema: this.db.schema }, error),
        );
    }, PERIOD_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
