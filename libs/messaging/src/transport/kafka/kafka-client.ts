import { log } from '@avtala/observability';
import { Kafka, logLevel, type Admin, type LogEntry } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { LANES } from '../../topics.js';

/** How long the broker keeps a topic's records. The inbox remembers longer (upkeep/prune.ts). */
const RETENTION_MS = 7 * 24 * 3600 * 1000;

/** @param brokers host:port */
export function kafkaClient(clientId: string, brokers: readonly string[]): Kafka {
  silenceNegativeTimeouts();
  return new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 8 },
    logLevel: logLevel.ERROR,
    logCreator: () => report,
  });
}

/** kafkajs's own lines in our log: what it says may hold addresses, so only where it came from is kept. A fresh broker's
 * coordinator that is still loading is an ERROR line to kafkajs and retried. */
function report({ namespace, level }: LogEntry): void {
  if (level <= logLevel.ERROR) log.warn('kafka.client', { library: 'kafkajs', context: namespace });
}

/** Creates the topics that are missing, with one partition a lane, and waits until the broker serves them.
 * @throws Error a topic exists with another number of partitions: its keys would lie in other lanes */
export async function ensureTopics(admin: Admin, topics: readonly string[]): Promise<void> {
  for (const until = Date.now() + SERVED_MS; ; await delay(200)) {
    try {
      await createMissing(admin, topics);
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
      for (const { name, partitions } of found)
        if (partitions.length !== LANES)
          throw new Error(`Topic ${name} has ${partitions.length} partitions, not ${LANES}`);
      return;
    } catch (error) {
      // A topic somebody has just created is unknown to the broker, or without a leader, for a moment.
      if (!SETTLING.has(typeOf(error)) || Date.now() > until) throw error;
    }
  }
}

async function createMissing(admin: Admin, topics: readonly string[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter((t) => !existing.has(t));
  if (!missing.length) return;
  try {
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map((topic) => ({
        topic,
        numPartitions: LANES,
        configEntries: [{ name: 'retention.ms', value: String(RETENTION_MS) }],
      })),
    });
  } catch (error) {
    const { errors = [] } = error as { errors?: unknown[] };
    if (!(errors.length ? errors : [error]).every((e) => typeOf(e) === 'TOPIC_ALREADY_EXISTS')) throw error;
  }
}

const SERVED_MS = 30_000;
const SETTLING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

function typeOf(error: unknown): string {
  return String((error as { type?: unknown }).type);
}

let silenced = false;

/** kafkajs 2.2.4 sets a timer with a negative delay now and then, harmlessly; Node would print a warning about it. */
function silenceNegativeTimeouts(): void {
  if (silenced) return;
  silenced = true;
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== 'TimeoutNegativeWarning') emit(...args);
  };
}
