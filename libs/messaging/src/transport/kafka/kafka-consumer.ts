import { log } from '@avtala/observability';
import { rows, withCommit } from '@avtala/database';
import type { Admin, Consumer as KafkaJsConsumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { BatchRunner } from '../../consume/batch-runner.js';
import { HeldRetry } from '../../consume/held-retry.js';
import { APART, atOnce, MANY, type Lane, type LaneEvent, type Mode } from '../../consume/lane.js';
import { processBatch, type BatchResult } from '../../consume/process-batch.js';
import { ensureCursors } from '../cursors.js';
import type { Consumer, Surroundings } from '../transport.js';
import { ensureTopics } from './kafka-client.js';
import { fromWire } from './wire.js';

/** A dead process's partitions are given to others after this long; brokers allow no less by default. */
const SESSION_MS = 6_000;
/** Pause before a batch is run again that failed through no fault of its events. */
const PAUSE_MS = 200;

/**
 * Reads partitions in the manner of lanes: the same row of `cursor` is the lock, waited for, so that a process which has lost its
 * partition cannot interleave with the new owner; the offset is committed after the transaction, and a crash in between brings
 * duplicates, which the inbox drops (messaging.md §7).
 */
export class KafkaConsumer implements Consumer {
  readonly #topics: string[];
  readonly #held: HeldRetry;
  readonly #runner: BatchRunner;
  readonly #consumer: KafkaJsConsumer;
  readonly #admin: Admin;
  #stopping = false;
  #connected = false;

  constructor(
    private readonly s: Surroundings,
    kafka: Kafka,
    private readonly workers = 1,
    sessionMs = SESSION_MS,
  ) {
    this.#topics = s.handlers.topics(s.topics);
    this.#held = new HeldRetry(s);
    this.#runner = new BatchRunner(s.db, s.service, s.progress, () => this.#held.wake());
    this.#admin = kafka.admin();
    this.#consumer = kafka.consumer({
      groupId: s.topics.groupOf(s.service),
      sessionTimeout: sessionMs,
      heartbeatInterval: sessionMs / 3,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 20, restartOnFailure: async () => !this.#stopping },
    });
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) =>
      log.error(
        'kafka.consumer-crashed',
        { service: s.service, state: payload.restart ? 'restarts' : 'stopped' },
        payload.error,
      ),
    );
  }

  async start(): Promise<void> {
    await ensureCursors(this.s.db, this.s.service, this.#topics);
    this.#held.start();
    if (!this.#topics.length) return;
    await this.#admin.connect();
    this.#connected = true;
    await ensureTopics(this.#admin, this.#topics);
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: this.#topics, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.workers,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#connected) {
      this.#connected = false;
      await this.#consumer.disconnect(); // waits for the batch under way
      await this.#admin.disconnect();
    }
    await this.#held.stop();
  }

  async behind(): Promise<boolean> {
    const cursors = await this.s.db.asWorker((tx) =>
      rows<{ topic: string; lane: number; pos: string }>(tx, 'SELECT topic, lane, pos FROM cursor WHERE grp = $1', [
        this.s.service,
      ]),
    );
    const at = new Map(cursors.map((c) => [`${c.topic}/${c.lane}`, BigInt(c.pos)]));
    for (const topic of this.#topics)
      for (const { partition, low, high } of await this.#admin.fetchTopicOffsets(topic))
        if (BigInt(high) > BigInt(low) && (at.get(`${topic}/${partition}`) ?? 0n) < BigInt(high)) return true;
    return false;
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const lane: Lane = { topic, lane: partition };
    let next = 0;
    while (next < messages.length && !this.#stopping && payload.isRunning() && !payload.isStale()) {
      const taken = await this.#slice(lane, messages, next);
      if (taken === 0) {
        await delay(PAUSE_MS);
        await payload.heartbeat();
        continue;
      }
      next += taken;
      const { offset } = messages[next - 1]!;
      payload.resolveOffset(offset);
      const committed = String(BigInt(offset) + 1n);
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: committed }] }] });
      await payload.heartbeat();
    }
  }

  /** @returns how many messages are done; 0 when the database was in the way */
  async #slice(lane: Lane, messages: KafkaMessage[], from: number): Promise<number> {
    let taken = 0;
    const { service: group, handlers } = this.s;
    try {
      // Waits without skipping: until the partition's former owner has ended its batch.
      const claim = {
        sql: 'SELECT FROM cursor WHERE grp = $1 AND topic = $2 AND lane = $3 FOR UPDATE',
        parameters: [group, lane.topic, lane.lane],
      };
      const work = async (tx: EntityManager, mode: Mode): Promise<BatchResult> => {
        const ahead = messages.slice(from, from + (mode === 'together' ? MANY : APART));
        const read = ahead.map((m): LaneEvent => fromWire({ ...lane, pos: m.offset }, m));
        const events = mode === 'together' ? atOnce(read, (type) => handlers.takesMany(type)) : read;
        taken = events.length;
        const result = await processBatch(tx, group, events, handlers, mode);
        withCommit(tx, {
          sql: 'UPDATE cursor SET pos = greatest(pos, $4::bigint) WHERE grp = $1 AND topic = $2 AND lane = $3',
          parameters: [group, lane.topic, lane.lane, String(BigInt(events.at(-1)!.pos) + 1n)],
        });
        return result;
      };
      await this.#runner.run(() => claim, work);
      return taken;
    } catch (error) {
      log.warn('kafka.batch-waits', { service: group, ...lane }, error);
      return 0;
    }
  }
}
