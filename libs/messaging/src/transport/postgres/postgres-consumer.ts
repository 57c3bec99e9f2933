import { rows, withCommit, type Statement } from '@avtala/database';
import { BatchRunner } from '../../consume/batch-runner.js';
import { HeldRetry } from '../../consume/held-retry.js';
import { APART, atOnce, MANY, TOGETHER, type Lane, type LaneEvent, type Mode } from '../../consume/lane.js';
import { processBatch } from '../../consume/process-batch.js';
import { Loop } from '../../loop.js';
import { schemaOf } from '../../topics.js';
import { ensureCursors } from '../cursors.js';
import type { Consumer, Surroundings } from '../transport.js';
import { type Claim, claimedOf, claimSql, isBehind, moveCursorsSql, readableTopics } from './lane-reader.js';
import { onLog } from './log-bell.js';

/** Lanes a transaction takes: what it costs besides its events is then paid for four times as many. Half of a topic's, so that another process finds
 * some, too. */
const AT_ONCE = 4;
/** Behind the relay's ring; it also finds logs of owners that are migrated later. */
const POLL_MS = 500;

/** Reads lanes of the owners' logs, one transaction a batch. Any number of these, in any processes, may share the lanes; more than two at a time find work only
 * where there is more than one topic. */
export class PostgresConsumer implements Consumer {
  readonly #topics: string[];
  readonly #schemas: Set<string>;
  readonly #workers: Loop[];
  readonly #held: HeldRetry;
  readonly #runner: BatchRunner;
  #endListening: (() => Promise<void>) | undefined;
  #readable: string[] = [];
  /** Events read at once: more where those before showed that they can all be taken. */
  #reads = TOGETHER;

  /** @param workers lanes at work at the same time in this process; more than one helps only where handlers wait */
  constructor(
    private readonly s: Surroundings,
    workers = 1,
  ) {
    this.#topics = s.handlers.topics(s.topics);
    this.#schemas = new Set(this.#topics.map((t) => schemaOf(s.topics.ownerOf(t))));
    this.#held = new HeldRetry(s);
    this.#runner = new BatchRunner(s.db, s.service, s.progress, () => this.#held.wake());
    this.#workers = Array.from({ length: workers }, () => new Loop('lanes', (rung) => this.#step(rung)));
  }

  async start(): Promise<void> {
    await ensureCursors(this.s.db, this.s.service, this.#topics);
    this.#endListening = await onLog(this.s.db.urls.worker, (schema) => {
      if (this.#schemas.has(schema)) for (const worker of this.#workers) worker.bell.ring();
    });
    for (const worker of this.#workers) worker.start();
    this.#held.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#workers.map((w) => w.stop()), this.#held.stop()]);
    await this.#endListening?.();
  }

  async behind(): Promise<boolean> {
    return this.s.db.asWorker(async (tx) => {
      const topics = await readableTopics(tx, this.s.topics, this.#topics);
      const found = await rows(
        tx,
        `SELECT FROM cursor c WHERE grp = $1 AND ${isBehind(this.s.topics, topics)} LIMIT 1`,
        [this.s.service],
      );
      return found.length > 0;
    });
  }

  /** @param rung there is something, most likely; else looks first, which is cheaper */
  async #step(rung: boolean): Promise<number> {
    await this.#learnTopics();
    if (!this.#readable.length || (!rung && !(await this.#someLaneBehind()))) return POLL_MS;
    const { service: group, topics: names, handlers } = this.s;
    const reads = this.#reads;
    const limitOf = (mode: Mode) => (mode === 'together' ? reads : APART);
    let before: Lane | undefined;
    let more = false;
    const result = await this.#runner.run(
      (mode) =>
        claimSql(names, {
          group,
          topics: this.#readable,
          types: handlers.types,
          lanes: mode === 'together' ? AT_ONCE : 1,
          limit: limitOf(mode),
          again: mode === 'apart' ? before : undefined,
        }),
      async (tx, mode, found) => {
        const claimed = claimedOf(found, limitOf(mode));
        if (!claimed.length) return undefined;
        before = anyOf(claimed);
        const taken = mode === 'together' ? this.#taken(claimed) : claimed.flatMap((lane) => lane.events);
        const batch = await processBatch(tx, group, taken, handlers, mode);
        withCommit(tx, moveCursorsSql(group, claimed, taken), {
          ...this.#behindSql(),
          answered: (lanes) => (more = lanes.length > 0), // asked on the way: another claim would be two round trips
        });
        return batch;
      },
    );
    return result && more ? 0 : POLL_MS;
  }

  #taken(claimed: readonly Claim[]): readonly LaneEvent[] {
    const takesMany = (type: string) => this.s.handlers.takesMany(type);
    const events = claimed.flatMap((lane) => lane.events);
    if (!events.every((e) => takesMany(e.type))) this.#reads = TOGETHER;
    else if (!claimed.every((lane) => lane.isAll)) this.#reads = MANY;
    return atOnce(events, takesMany);
  }

  async #learnTopics(): Promise<void> {
    if (this.#readable.length < this.#topics.length)
      this.#readable = await this.s.db.asWorker((tx) => readableTopics(tx, this.s.topics, this.#topics));
  }

  async #someLaneBehind(): Promise<boolean> {
    const { sql, parameters } = this.#behindSql();
    return (await this.s.db.glance(sql, parameters)).length > 0;
  }

  #behindSql(): Statement {
    const sql = `SELECT FROM cursor c WHERE grp = $1 AND ${isBehind(this.s.topics, this.#readable)} LIMIT 1`;
    return { sql, parameters: [this.s.service] };
  }
}

/** The lane to run apart should the batch fail. At random: nobody knows whose event it will have been, and one chosen by a rule may never be it. */
function anyOf(claimed: readonly Claim[]): Lane | undefined {
  const withEvents = claimed.filter((lane) => lane.events.length);
  return withEvents[Math.floor(Math.random() * withEvents.length)];
}
