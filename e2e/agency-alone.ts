import { Process, type sandboxSignIns } from '@avtala/all-in-one';
import { createDatabase, dropDatabase } from '@avtala/database';
import { TEST_ROLE_SECRET, testServerUrl } from '@avtala/test-kit';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';

type Staff = Awaited<ReturnType<typeof sandboxSignIns>>[number];

export interface AgencyAlone {
  /** As a browser reaches it: passkeys need a name, not an address. */
  readonly url: string;
  readonly staff: readonly Staff[];
  /** Its data directory. */
  readonly dir: string;
  sql<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  stop(): Promise<void>;
}

/** Agency and the sandbox as `npm start` runs them, without the other services, in a process of its own on databases of this test's PostgreSQL. */
export async function startAgencyAlone(environment: Record<string, string> = {}): Promise<AgencyAlone> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const dir = await mkdtemp(join(tmpdir(), 'avtala-agency-alone-'));
  undo.push(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, 'secrets'), { mode: 0o700 });
  await writeFile(join(dir, 'secrets', 'roles.secret'), TEST_ROLE_SECRET, { mode: 0o600 });
  const names = ['data', 'keys'].map((kind) => `${kind}_${randomBytes(6).toString('hex')}`);
  const [dataUrl, keysUrl] = await Promise.all(names.map((name) => createDatabase(testServerUrl(), name)));
  undo.push(async () => {
    for (const name of names) await dropDatabase(testServerUrl(), name);
  });
  const pool = new pg.Pool({ connectionString: dataUrl!, max: 2 }).on('error', () => undefined);
  undo.push(() => pool.end());
  const logFile = join(dir, 'system.log');
  const child = new Process(
    resolve('apps/all-in-one/dist/start.js'),
    {
      NODE_ENV: 'development',
      AVTALA_SERVICES: 'agency',
      AVTALA_SEED: 'off',
      AVTALA_DATA_DIR: dir,
      AVTALA_DATABASE_URL: dataUrl!,
      AVTALA_KEYS_URL: keysUrl!,
      AVTALA_ANNOUNCE: 'json',
      PORT: '0',
      ...environment,
    },
    logFile,
  );
  undo.push(() => child.stop());
  try {
    const { port } = new URL((await child.start(90_000))['address'] as string);
    const staff = JSON.parse(await readFile(join(dir, 'sandbox-staff.json'), 'utf8')) as Staff[];
    return {
      url: `http://localhost:${port}`,
      staff,
      dir,
      sql: async (text, values = []) => (await pool.query(text, values)).rows as never,
      stop,
    };
  } catch (error) {
    const printed = await readFile(logFile, 'utf8').catch(() => '');
    await stop();
    throw new Error(`Agency could not be started. It printed:\n${printed.slice(-4000)}`, { cause: error });
  }
}
