import { log } from '@avtala/observability';
import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { ensureTopics } from '../transport/kafka/kafka-client.js';
import { fromWire } from '../transport/kafka/wire.js';
import { LANES, type Topics } from '../topics.js';
import type { TailWish } from './log-tails.js';
import { isRecent, tailLane, type Tail, type TailReceiver } from './tail.js';

const SESSION_MS = 10_000;

/**
 * Follows the topics in a group of its own with one member, which therefore gets every partition; kafkajs reads in groups only. Its place is in
 * memory: whenever it has joined, the first time or after a lost session, it goes back to where it has come. Nothing is committed, which would be
 * a round trip for each partition. The group is deleted at the end; one whose process was killed is forgotten by the broker after its retention.
 */
export class KafkaTail implements Tail {
  readonly #group: string;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #after = new Map<string, number>();
  readonly #joined = Promise.withResolvers<void>();
  #stopping = false;
  #lookedAt = 0;

  constructor(
    kafka: Kafka,
    private readonly topics: Topics,
    group: string,
    private readonly wish: TailWish,
    private readonly receiver: TailReceiver,
  ) {
    this.#group = `${group}.tail.${randomUUID()}`;
    this.#admin = kafka.admin();
    this.#consumer = kafka.consumer({
      groupId: this.#group,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: SESSION_MS / 3,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 20, restartOnFailure: async () => !this.#stopping },
    });
    this.#consumer.on(this.#consumer.events.FETCH, () => (this.#lookedAt = Date.now()));
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) =>
      log.error('kafka.tail-crashed', { state: payload.restart ? 'restarts' : 'stopped' }, payload.error),
    );
  }

  async start(): Promise<void> {
    await this.#admin.connect();
    await ensureTopics(this.#admin, this.wish.topics);
    for (const topic of this.wish.topics) await this.#begin(topic);
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.wish.topics], fromBeginning: false });
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, () => this.#goBack());
    // Resolves also when joining has failed and is tried again, as it is while a new group's coordinator is being found.
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => Promise.resolve(this.#bring(payload)),
    });
    await this.#joined.promise;
  }

  isUpToDate(): boolean {
    return isRecent(this.#lookedAt);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#joined.resolve();
    await this.#consumer.disconnect();
    await this.#admin
      .deleteGroups([this.#group])
      .catch((error: unknown) => log.warn('kafka.tail-not-forgotten', {}, error));
    await this.#admin.disconnect();
  }

  async #begin(topic: string): Promise<void> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    for (const { partition, low, high } of offsets) {
      const from = Math.max(Number(low), Number(high) - this.wish.back);
      const lane = tailLane(this.topics, topic, partition);
      this.#after.set(lane.key, from); // places count from 1: the record at offset `from` has the place after it
      this.receiver.begins(lane, from, Number(high));
    }
  }

  #goBack(): void {
    for (const topic of this.wish.topics)
      for (let partition = 0; partition < LANES; partition++) this.#seek(topic, partition);
    this.#joined.resolve();
  }

  #seek(topic: string, partition: number): void {
    const after = this.#after.get(tailLane(this.topics, topic, partition).key)!;
    this.#consumer.seek({ topic, partition, offset: String(after) });
  }

  #bring({ batch, isStale, resolveOffset }: EachBatchPayload): void {
    const lane = tailLane(this.topics, batch.topic, batch.partition);
    const after = this.#after.get(lane.key);
    if (after === undefined || isStale() || this.#stopping) return;
    // Offsets have no gaps here: what lies ahead was fetched before we went back.
    const first = batch.messages[0];
    if (first && Number(first.offset) > after) return this.#seek(batch.topic, batch.partition);
    if (batch.messages.length) resolveOffset(batch.lastOffset());
    const fresh = batch.messages.filter((m) => Number(m.offset) >= after);
    if (!fresh.length) return;
    const upTo = Number(fresh.at(-1)!.offset) + 1;
    this.#after.set(lane.key, upTo);
    const events = fresh
      .map((m) => {
        const event = fromWire({ topic: batch.topic, lane: batch.partition, pos: m.offset }, m);
        return { ...event, pos: Number(m.offset) + 1 };
      })
      .filter((e) => e.problem === undefined && this.wish.types.includes(e.type));
    this.receiver.brings({ lane, events, upTo });
  }
}
