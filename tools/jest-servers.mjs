// jest's globalSetup: one PostgreSQL for the whole run, without fsync, in a directory of its own on a free port, so that
// runs beside each other do not meet. Publishes its superuser's URL as AVTALA_TEST_PG; a URL given from outside is used as it is.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSource } from './from-source.mjs';

export default async function setup() {
  process.env.AVTALA_TEST_RUN = randomUUID(); // template databases of an earlier run do not count
  const running = (globalThis.__avtalaServers = []);
  running.push(await postgres());
  // A Kafka broker, when tests need one, is started here: push a function that stops it.
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
