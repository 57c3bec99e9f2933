// The console as its browser tests and pictures see it: everything of `npm start` in a process of its own, on databases of the tests' PostgreSQL.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './jest.mjs';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** @param {Record<string, string>} environment beside the defaults
 * @returns {Promise<{answer: () => object, stop: () => Promise<void>}>} `answer` is what e2e/web/console.ts declares as Shared
 * @throws {Error} without Chromium: the reason why the browser tests are skipped */
export async function startWebConsole(environment = {}) {
  if (!existsSync(CHROMIUM)) throw new Error('they need Chromium (apt install chromium)');
  // From dist/, which the build has just made.
  const { Process } = await import(`${root}/apps/all-in-one/dist/child-process.js`);
  const { createDatabase, dropDatabase } = await import(`${root}/libs/database/dist/index.js`);
  const { TEST_ROLE_SECRET } = await import(`${root}/libs/test-kit/dist/test-database.js`);
  const server = process.env.AVTALA_TEST_PG;
  const undo = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const dir = await mkdtemp(join(tmpdir(), 'avtala-web-'));
  undo.push(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, 'secrets'), { mode: 0o700 });
  await writeFile(join(dir, 'secrets', 'roles.secret'), TEST_ROLE_SECRET, { mode: 0o600 });
  const names = ['data', 'keys'].map((kind) => `${kind}_${randomBytes(6).toString('hex')}`);
  const [dataUrl, keysUrl] = await Promise.all(names.map((name) => createDatabase(server, name)));
  undo.push(async () => {
    for (const name of names) await dropDatabase(server, name);
  });
  const log = join(dir, 'system.log');
  const child = new Process(
    join(root, 'apps/all-in-one/dist/start.js'),
    {
      NODE_ENV: 'development',
      AVTALA_DATA_DIR: dir,
      AVTALA_DATABASE_URL: dataUrl,
      AVTALA_KEYS_URL: keysUrl,
      AVTALA_ANNOUNCE: 'json',
      AVTALA_SANDBOX_BOOKERS: '4',
      PORT: '0',
      ...environment,
    },
    log,
  );
  undo.push(() => child.stop());
  try {
    const { address, sandbox } = await child.start(120_000);
    // By name: passkeys need one, and cookies with the prefix __Host- are kept for it without TLS.
    const url = `http://localhost:${new URL(address).port}`;
    const staff = JSON.parse(await readFile(join(dir, 'sandbox-staff.json'), 'utf8'));
    const seeded = JSON.parse(await readFile(join(dir, 'sandbox-seed.json'), 'utf8'));
    return { answer: () => ({ url, sandbox, dir, log, dataUrl, staff, seeded, chromium: CHROMIUM }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
