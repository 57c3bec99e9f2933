// jest's globalSetup: one PostgreSQL for the whole run, without fsync, in a directory of its own on a free port, so that
// runs beside each other do not meet. Publishes its superuser's URL as AVTALA_TEST_PG; a URL given from outside is used as it is.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSource } from './from-source.mjs';

export default async function setup() {
  process.env.AVTALA_TEST_RUN = randomUUID(); // template databases of an earlier run do not count
  const running = (globalThis.__avtalaServers = []);
  running.push(await postgres());
  running.push(await kafkaOnDemand());
}

async function postgres() {
  if (process.env.AVTALA_TEST_PG) return async () => undefined;
  const { removeAfterUs } = await fromSource('libs/database/test/remove-after-us.ts');
  const { startCluster } = await fromSource('libs/database/src/embedded.ts');
  const dir = join(tmpdir(), `avtala-test-pg-${process.pid}-${randomUUID().slice(0, 8)}`);
  const cluster = await startCluster({ dir, unsafeFast: true });
  process.env.AVTALA_TEST_PG = cluster.url;
  const removed = removeAfterUs(cluster.dir); // also when this run is killed
  return async () => {
    await cluster.stop();
    await removed();
  };
}

/** One Kafka broker for the whole run, started when a test asks for it at AVTALA_TEST_KAFKA: it costs five seconds. */
async function kafkaOnDemand() {
  const dir = join(tmpdir(), `avtala-test-kafka-${process.pid}-${randomUUID().slice(0, 8)}`);
  let starting;
  const start = async () => {
    try {
      const { startBroker } = await fromSource('libs/messaging/src/transport/kafka/broker.ts');
      return await startBroker({ dir });
    } catch (error) {
      console.error(`Kafka tests are skipped: ${error.message}`);
      return { problem: error.message, stop: async () => undefined };
    }
  };
  const door = createServer(async (_request, response) => {
    const { brokers, problem } = await (starting ??= start());
    response.end(JSON.stringify({ brokers, problem }));
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
  process.env.AVTALA_TEST_KAFKA = `http://127.0.0.1:${door.address().port}`;
  return async () => {
    door.close();
    await (await starting)?.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
