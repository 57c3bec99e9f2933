import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { BatchRunner } from '../../consume/batch-runner.js';
import { HeldRetry } from '../../consume/held-retry.js';
import { APART, TOGETHER } from '../../consume/lane.js';
import { processBatch, type BatchResult, type Mode } from '../../consume/process-batch.js';
import { Loop } from '../../loop.js';
import { schemaOf } from '../../topics.js';
import { ensureCursors } from '../cursors.js';
import type { Consumer, Surroundings } from '../transport.js';
import { claimAgain, claimLane, isBehind, moveCursor, readableTopics, readLane, type Claim } from './lane-reader.js';
import { LogBell } from './log-bell.js';

/** Behind the relay's ring; it also finds logs of owners that are migrated later. */
const POLL_MS = 500;

/** Reads lanes of the owners' logs, one transaction a batch. Any number of these, in any processes, may share the lanes. */
export class PostgresConsumer implements Consumer {
  readonly #topics: string[];
  readonly #schemas: Set<string>;
  readonly #workers: Loop[];
  readonly #held: HeldRetry;
  readonly #runner: BatchRunner;
  readonly #logBell: LogBell;
  #readable: string[] = [];

  /** @param workers lanes at work at the same time in this process; more than one helps only where handlers wait */
  constructor(
    private readonly s: Surroundings,
    workers = 1,
  ) {
    this.#topics = s.handlers.topics(s.topics);
    this.#schemas = new Set(this.#topics.map((t) => schemaOf(s.topics.ownerOf(t))));
    this.#held = new HeldRetry(s);
    this.#runner = new BatchRunner(s.db, s.service, s.progress, () => this.#held.wake());
    this.#workers = Array.from({ length: workers }, () => new Loop('lanes', () => this.#step()));
    this.#logBell = new LogBell(s.db.urls.worker, (schema) => {
      if (this.#schemas.has(schema)) for (const worker of this.#workers) worker.bell.ring();
    });
  }

  async start(): Promise<void> {
    await ensureCursors(this.s.db, this.s.service, this.#topics);
    await this.#logBell.start();
    for (const worker of this.#workers) worker.start();
    this.#held.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#workers.map((w) => w.stop()), this.#held.stop()]);
    await this.#logBell.stop();
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

  async #step(): Promise<number> {
    let claim: Claim | undefined;
    const result = await this.#runner.run(async (tx, mode) => {
      claim = claim && mode === 'apart' ? await claimAgain(tx, this.s.service, claim) : await this.#claim(tx);
      return claim && this.#batch(tx, claim, mode);
    });
    return result ? 0 : POLL_MS;
  }

  async #claim(tx: EntityManager): Promise<Claim | undefined> {
    if (this.#readable.length < this.#topics.length)
      this.#readable = await readableTopics(tx, this.s.topics, this.#topics);
    return claimLane(tx, this.s.service, isBehind(this.s.topics, this.#readable));
  }

  async #batch(tx: EntityManager, claim: Claim, mode: Mode): Promise<BatchResult> {
    const { service: group, topics, handlers } = this.s;
    const limit = mode === 'together' ? TOGETHER : APART;
    const { events, end } = await readLane(tx, topics, claim, handlers.types, limit);
    const result = await processBatch(tx, { group, topic: claim.topic, lane: claim.lane }, events, handlers, mode);
    await moveCursor(tx, group, claim, end);
    return result;
  }
}
