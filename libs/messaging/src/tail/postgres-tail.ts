import type { Db } from '@avtala/database';
import { Loop } from '../loop.js';
import { LANES, schemaOf, type Topics } from '../topics.js';
import { onLog } from '../transport/postgres/log-bell.js';
import { readableTopics } from '../transport/postgres/lane-reader.js';
import type { TailWish } from './log-tails.js';
import { isRecent, tailLane, type Tail, type TailLane, type TailEvent, type TailReceiver } from './tail.js';

/** Behind the relay's ring; it also finds logs of owners that are migrated later. */
const POLL_MS = 500;
/** Rows of a lane in one look. */
const CHUNK = 500;

type TailRow = Omit<TailEvent, 'pos'> & { topic: string; lane: number; pos: string };

/**
 * Follows the owners' logs by their places. Within a lane `pos` is the order of commits, since the relay that draws it holds a lock until its
 * commit is seen (outbox/postgres-relay.ts): what a look has not found behind the last place it will never be asked for again.
 */
export class PostgresTail implements Tail {
  readonly #loop: Loop;
  readonly #schemas: Set<string>;
  #endListening: (() => Promise<void>) | undefined;
  readonly #after = new Map<string, number>();
  readonly #readable: string[] = [];
  #lookedAt = 0;
  #stopped = false;

  constructor(
    private readonly db: Db,
    private readonly topics: Topics,
    private readonly wish: TailWish,
    private readonly receiver: TailReceiver,
  ) {
    this.#schemas = new Set(wish.topics.map((t) => this.#schemaOf(t)));
    this.#loop = new Loop('log-tail', () => this.#step());
  }

  async start(): Promise<void> {
    await this.#begin();
    this.#endListening = await onLog(this.db.urls.worker, (schema) => {
      if (this.#schemas.has(schema)) this.#loop.bell.ring();
    });
    if (this.#stopped) await this.#endListening();
    else this.#loop.start();
  }

  isUpToDate(): boolean {
    return isRecent(this.#lookedAt);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop.stop();
    await this.#endListening?.();
  }

  async #step(): Promise<number> {
    if (this.#readable.length < this.wish.topics.length) await this.#begin();
    if (!this.#readable.length) return POLL_MS;
    const found = await this.db.glance<TailRow>(this.#readSql(), [
      this.wish.types,
      ...this.#readable.map((topic) => lanes.map((lane) => this.#after.get(this.#lane(topic, lane).key)!)),
    ]);
    this.#lookedAt = Date.now();
    const byLane = Map.groupBy(found, ({ topic, lane }) => this.#lane(topic, lane).key);
    for (const [key, rows] of byLane) {
      const { topic, lane } = rows[0]!;
      const upTo = Number(rows.at(-1)!.pos);
      this.#after.set(key, upTo);
      const events = rows.filter((row) => row.payload !== null).map((row) => ({ ...row, pos: Number(row.pos) }));
      this.receiver.brings({ lane: this.#lane(topic, lane), events, upTo });
    }
    return [...byLane.values()].some((rows) => rows.length === CHUNK) ? 0 : POLL_MS;
  }

  /** Finds where the lanes of logs that can be read now begin. */
  async #begin(): Promise<void> {
    const missing = this.wish.topics.filter((t) => !this.#readable.includes(t));
    const readable = await this.db.asWorker((tx) => readableTopics(tx, this.topics, missing));
    for (const topic of readable) {
      const log = `${this.#schemaOf(topic)}.log`;
      const found = await this.db.glance<{ lane: number; after: string; top: string }>(
        `SELECT l.lane, coalesce((SELECT max(pos) FROM ${log} WHERE lane = l.lane), 0) AS top,
           coalesce((SELECT pos FROM ${log} WHERE lane = l.lane ORDER BY pos DESC OFFSET $1 LIMIT 1), 0) AS after
         FROM generate_series(0, ${LANES - 1}) AS l(lane)`,
        [this.wish.back],
      );
      for (const { lane, after, top } of found) {
        this.#after.set(this.#lane(topic, lane).key, Number(after));
        this.receiver.begins(this.#lane(topic, lane), Number(after), Number(top));
      }
      this.#readable.push(topic);
    }
  }

  #readSql(): string {
    const each = this.#readable.map(
      (
        topic,
        i,
      ) => `SELECT '${topic}' AS topic, a.lane, e.* FROM unnest($${i + 2}::bigint[]) WITH ORDINALITY AS p(pos, n)
      CROSS JOIN LATERAL (SELECT (p.n - 1)::smallint AS lane) a
      CROSS JOIN LATERAL (
        SELECT pos, event_id AS "eventId", key, type, CASE WHEN type = any($1) THEN payload END AS payload,
          engagement_id AS "engagementId", lead_id AS "leadId", at::text AS at
        FROM ${this.#schemaOf(topic)}.log WHERE log.lane = a.lane AND log.pos > p.pos ORDER BY log.pos LIMIT ${CHUNK}) e`,
    );
    return `${each.join(' UNION ALL ')} ORDER BY pos`;
  }

  #lane(topic: string, lane: number): TailLane {
    return tailLane(this.topics, topic, lane);
  }

  #schemaOf(topic: string): string {
    return schemaOf(this.topics.ownerOf(topic));
  }
}

const lanes = Array.from({ length: LANES }, (_, lane) => lane);
