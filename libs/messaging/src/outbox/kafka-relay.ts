import { log } from '@avtala/observability';
import type { Kafka, Producer } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Bell } from '../bell.js';
import type { Loop } from '../loop.js';
import { ensureTopics } from '../transport/kafka/kafka-client.js';
import { toWire } from '../transport/kafka/wire.js';
import type { Relay, Surroundings } from '../transport/transport.js';
import { relayLoop, type Moved } from './relay-loop.js';
import { expand, NEXT_IDS, OUTBOX_COLUMNS, type OutboxEvent, type OutboxRow } from './rows.js';

/** A send that takes longer is given up, and its rows are sent again; the inbox drops what comes twice. */
const SEND_DEADLINE_MS = 10_000;
/** Bytes to one partition in a send: below a broker's default message.max.bytes, which is for a partition's whole batch. */
const MAX_PARTITION_BYTES = 500_000;

interface Sent {
  readonly lane: number;
  readonly key: string;
  readonly value: string;
}

/**
 * Publishes the outbox to Kafka, one relay at a time: a session lock on a connection of its own, no transaction open while
 * sending, one awaited idempotent send in flight (concurrent ones came out of order), rows deleted after the acknowledgement.
 * Reading and deleting use the lock's own connection: who has lost the lock can do neither.
 */
export class KafkaRelay implements Relay {
  readonly #loop: Loop;
  readonly #topic: string;
  #client: pg.Client | undefined;
  #producer: Producer | undefined;

  constructor(
    private readonly s: Pick<Surroundings, 'db' | 'service' | 'topics' | 'progress'>,
    private readonly kafka: Kafka,
    bell: Bell,
  ) {
    this.#loop = relayLoop(() => this.#step(), bell, s.progress, { standBy: 500, longest: 50 }); // the one relay is not rung by other processes
    this.#topic = s.topics.of(s.service);
  }

  async start(): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      await ensureTopics(admin, [this.#topic]);
    } finally {
      await admin.disconnect();
    }
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#dropProducer();
    await this.#dropClient();
  }

  async #step(): Promise<Moved | undefined> {
    try {
      const client = await this.#locked();
      if (!client) return undefined;
      const taken = await client.query<OutboxRow>(
        `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE id = any(array(${NEXT_IDS})) ORDER BY outbox.id`,
      );
      if (!taken.rows.length) return { rows: 0, events: 0 };
      const events = expand(taken.rows);
      for (const messages of await this.#sends(client, events)) await this.#send(messages);
      await client.query('DELETE FROM outbox WHERE id = any($1)', [taken.rows.map((r) => r.id)]);
      return { rows: taken.rows.length, events: events.length };
    } catch (error) {
      await this.#dropClient(); // whatever it was: the next step starts with the lock
      throw error;
    }
  }

  /** The connection that holds the lock; undefined while another process relays. */
  async #locked(): Promise<pg.Client | undefined> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.s.db.urls.worker,
      application_name: 'avtala_relay',
      keepAlive: true,
    });
    client.on('error', (error) => {
      log.warn('relay.connection-lost', { service: this.s.service }, error);
      if (this.#client === client) this.#client = undefined;
    });
    try {
      await client.connect();
      const lock = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock(4711, hashtext($1)) AS held', [
        this.s.db.schema,
      ]);
      if (!lock.rows[0]!.held) {
        await client.end();
        return undefined;
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    return client;
  }

  /** The lane is computed in SQL, as on the other transport. Split so that no partition's part is too large; order is kept. */
  async #sends(client: pg.Client, events: readonly OutboxEvent[]): Promise<Sent[][]> {
    const lanes = await client.query<{ lane: number }>(
      'SELECT (hashtextextended(k, 0) & 7)::int AS lane FROM unnest($1::text[]) WITH ORDINALITY AS e(k, n) ORDER BY n',
      [events.map((e) => e.key)],
    );
    const sends: Sent[][] = [[]];
    let bytes = new Map<number, number>();
    for (const [i, event] of events.entries()) {
      const { lane } = lanes.rows[i]!;
      const value = toWire(this.s.service, event);
      const size = (bytes.get(lane) ?? 0) + Buffer.byteLength(value);
      if (size > MAX_PARTITION_BYTES && sends.at(-1)!.length) {
        sends.push([]);
        bytes = new Map();
      }
      bytes.set(lane, bytes.size ? size : Buffer.byteLength(value));
      sends.at(-1)!.push({ lane, key: event.key, value });
    }
    return sends;
  }

  async #send(messages: Sent[]): Promise<void> {
    this.#producer ??= await this.#connectProducer();
    const sending = this.#producer.send({
      topic: this.#topic,
      acks: -1,
      messages: messages.map(({ lane, key, value }) => ({ partition: lane, key, value })),
    });
    const late = new AbortController();
    try {
      await Promise.race([
        sending,
        delay(SEND_DEADLINE_MS, undefined, { signal: late.signal }).then(() => {
          throw new Error('The broker did not acknowledge in time');
        }),
      ]);
    } catch (error) {
      sending.catch(() => undefined);
      await this.#dropProducer(); // its sequence numbers are in doubt
      throw error;
    } finally {
      late.abort();
    }
  }

  async #connectProducer(): Promise<Producer> {
    const producer = this.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    await producer.connect();
    return producer;
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }

  async #dropClient(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}
