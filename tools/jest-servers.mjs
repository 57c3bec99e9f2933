// jest's globalSetup: one PostgreSQL for the whole run, without fsync, in a directory of its own on a free port, so that
// runs beside each other do not meet. Publishes its superuser's URL as AVTALA_TEST_PG; a URL given from outside is used as it is.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSource } from './from-source.mjs';
import { startWebConsole } from './web-console.mjs';

export default async function setup() {
  process.env.AVTALA_TEST_RUN = randomUUID(); // template databases of an earlier run do not count
  const running = (globalThis.__avtalaServers = []);
  running.push(await postgres());
  running.push(
    await onDemand('AVTALA_TEST_KAFKA', 'Kafka', async (dir) => {
      const { startBroker } = await fromSource('libs/messaging/src/transport/kafka/broker.ts');
      const broker = await startBroker({ dir });
      return { answer: () => ({ brokers: broker.brokers }), stop: () => broker.stop() };
    }),
  );
  running.push(
    await onDemand('AVTALA_TEST_CALDAV', 'CalDAV', async (dir) => {
      const { startRadicale } = await fromSource('libs/test-kit/src/radicale.ts');
      const server = await startRadicale({ dir });
      return { answer: () => person(server), stop: () => server.stop() };
    }),
  );
  running.push(await onDemand('AVTALA_TEST_WEB', 'Browser', () => startWebConsole()));
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

/** One server of a kind for the whole run, started when a test asks for it at the variable's address: it costs seconds.
 * What this machine cannot run is said in one line, and its tests count as skipped. */
async function onDemand(variable, name, start) {
  const dir = join(tmpdir(), `avtala-test-${name.toLowerCase()}-${process.pid}-${randomUUID().slice(0, 8)}`);
  let starting;
  const attempt = async () => {
    try {
      return await start(dir);
    } catch (error) {
      console.error(`${name} tests are skipped: ${error.message}`);
      return { answer: () => ({ problem: error.message }), stop: async () => undefined };
    }
  };
  const door = createServer(async (_request, response) => {
    const server = await (starting ??= attempt());
    response.end(JSON.stringify(await server.answer()));
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
  process.env[variable] = `http://127.0.0.1:${door.address().port}`;
  return async () => {
    door.close();
    await (await starting)?.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

/** Each who asks gets a person of their own with one calendar. */
async function person(server) {
  const [username, password] = [`host-${randomUUID().slice(0, 8)}`, randomUUID()];
  await server.addUser(username, password);
  const calendarUrl = await server.addCalendar(username, password, 'work');
  return { url: server.url, username, password, calendarUrl };
}
