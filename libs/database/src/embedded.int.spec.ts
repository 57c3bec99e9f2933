import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { removeAfterUs } from '../test/remove-after-us.js';
import { startCluster, type Cluster } from './embedded.js';

let root: string;
let removed: () => Promise<void>;
const running = new Set<Cluster>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'avtala-embedded-'));
  await chmod(root, 0o755);
  removed = removeAfterUs(root);
});
afterAll(async () => {
  for (const cluster of running) await cluster.stop();
  await removed();
});

async function start(dir: string, o: { port?: number; unsafeFast?: boolean } = { unsafeFast: true }) {
  const cluster = await startCluster({ dir, ...o });
  running.add(cluster);
  return cluster;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** Starts the cluster in a process of its own and kills that process as the kernel would. */
async function startedByAProcessThatIsKilled(dir: string): Promise<{ url: string; pid: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../test/start-and-wait.mjs'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  await once(child, 'exit');
  return JSON.parse(said.toString());
}

describe('a cluster of our own', () => {
  it('survives a SIGKILL of the process that started it, and the next start adopts it', async () => {
    const dir = join(root, 'adopted');
    const before = await startedByAProcessThatIsKilled(dir);
    const after = await start(dir);
    expect(after).toMatchObject({ adopted: true, pid: before.pid, url: before.url });
    expect(await ask(after.url, 'SELECT 1')).toEqual([1]);

    await after.stop();
    await expect(ask(after.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(existsSync(join(dir, 'data', 'postmaster.pid'))).toBe(false);
  });

  it('starts again when only the number in postmaster.pid is alive, and keeps data and password', async () => {
    const dir = join(root, 'stale');
    const first = await start(dir);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    const pidFile = await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8');
    await first.stop();
    await writeFile(join(dir, 'data', 'postmaster.pid'), pidFile.replace(/^\d+/, String(process.pid)));

    const second = await start(dir);
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'SELECT n FROM kept')).toEqual([7]);
  });

  it('comes back after its postmaster was killed', async () => {
    const first = await start(join(root, 'killed'));
    await ask(first.url, 'SELECT 1');
    process.kill(first.pid, 'SIGKILL');
    const second = await start(join(root, 'killed'));
    expect(second).toMatchObject({ adopted: false });
    expect(await ask(second.url, 'SELECT 1')).toEqual([1]);
  });

  it('is one cluster for two who start it at the same time', async () => {
    const [a, b] = await Promise.all([start(join(root, 'both')), start(join(root, 'both'))]);
    expect(a!.pid).toBe(b!.pid);
    expect(a!.url).toBe(b!.url);
    expect((await readdir(join(root, 'both'))).sort()).toEqual(['data', 'password', 'startup.log']);
  });

  it('writes safely and logs no values, as defaults', async () => {
    const cluster = await start(join(root, 'durable'), {});
    const settings =
      `fsync, synchronous_commit, full_page_writes, jit, logging_collector, log_statement, log_min_error_statement,
      log_parameter_max_length_on_error, log_error_verbosity, max_connections, listen_addresses`.split(/,\s+/);
    const values = await Promise.all(settings.map((name) => ask(cluster.url, `SHOW ${name}`)));
    expect(Object.fromEntries(settings.map((name, i) => [name, values[i]![0]]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      jit: 'off',
      logging_collector: 'on',
      log_statement: 'none',
      log_min_error_statement: 'panic',
      log_parameter_max_length_on_error: '0',
      log_error_verbosity: 'terse',
      max_connections: '200',
      listen_addresses: '127.0.0.1',
    });

    const canary = 'canary@person.example';
    await ask(cluster.url, 'CREATE TABLE person (email text UNIQUE)');
    await ask(cluster.url, `INSERT INTO person VALUES ('${canary}')`);
    await expect(ask(cluster.url, `INSERT INTO person VALUES ('${canary}')`)).rejects.toThrow('duplicate key');
    await expect(ask(cluster.url, `SELECT '${canary}'::text, 1 / 0`)).rejects.toThrow('division');
    const logs = join(root, 'durable', 'data', 'log');
    const text = await Promise.all((await readdir(logs)).map((f) => readFile(join(logs, f), 'utf8')));
    expect(text.join('')).toContain('duplicate key');
    expect(text.join('')).not.toContain(canary);
  });

  it('keeps its password to itself', async () => {
    const cluster = await start(join(root, 'both'));
    expect((await stat(join(root, 'both', 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'both', 'data'))).mode & 0o777).toBe(0o700);
    const url = new URL(cluster.url);
    url.password = 'guess';
    await expect(ask(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('says why it did not start', async () => {
    const taken = await start(join(root, 'both'));
    const failed = startCluster({ dir: join(root, 'blocked'), port: taken.port, unsafeFast: true });
    await expect(failed).rejects.toThrow(/could not bind .* Address already in use/);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('moves under /var/lib/avtala when a closed home keeps the system user out', async () => {
    const home = join(root, 'home');
    await mkdir(home, { mode: 0o700 });
    const cluster = await start(join(home, 'clone', 'postgres'));
    expect(cluster.moved).toBe(true);
    expect(cluster.dir).toMatch(/^\/var\/lib\/avtala\/[0-9a-f]{12}\/postgres$/);
    expect(existsSync(join(home, 'clone', 'postgres'))).toBe(false);
    expect(await ask(cluster.url, 'SELECT 1')).toEqual([1]);
    await cluster.stop();
    await rm(join(cluster.dir, '..'), { recursive: true });
  });
});
