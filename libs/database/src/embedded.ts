import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chown, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { binaries, reachableDir, systemUser, type RunAs } from './embedded-binaries.js';
import { livePostmaster, removeStalePidFile, stopPostmaster, whenReady, type Postmaster } from './postmaster.js';

/** A running PostgreSQL of our own. */
export interface Cluster {
  /** Superuser URL of the database `postgres`: for `provision`, never for a service. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where it really is: `data/`, `password`, `startup.log`; the server's log is in `data/log`. */
  readonly dir: string;
  /** The directory asked for was not reachable for the system user PostgreSQL runs as; `dir` is elsewhere. Say so to the user. */
  readonly moved: boolean;
  /** It was running already, e.g. after a SIGKILL of our process; then it keeps the port and settings it has. */
  readonly adopted: boolean;
  /** Clean shutdown; resolves when the server is gone. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Tests only: no fsync, so a crash of the machine destroys the data. */
  readonly unsafeFast?: boolean;
  /** Further server settings, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

const ADMIN = 'avtala_admin';

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  shared_preload_libraries: '',
  // To a file of its own: a pipe to us would die with us. One file a weekday, overwritten a week later.
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgresql-%a.log',
  log_truncate_on_rotation: 'on',
  // No values in the server's log: no statements, no parameters, no DETAIL ("Key (email)=(…) already exists").
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
};

const UNSAFE_FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  checkpoint_timeout: '1h',
  io_method: 'sync',
};

/**
 * Starts PostgreSQL 18 in this directory, initialising it the first time, or adopts the one that already runs there.
 * The server is detached: it outlives a SIGKILL of ours, and the next start adopts it (protocols.md §9).
 * Safe to call from two processes at once: both get the same server.
 */
export async function startCluster(o: ClusterOptions): Promise<Cluster> {
  const user = systemUser();
  const { dir, moved } = await reachableDir(o.dir, user);
  const data = join(dir, 'data');
  const bin = await binaries(user);
  const password = await passwordIn(dir);
  if (!existsSync(data)) await initialise(bin, dir, password, user);

  const { server, adopted } = await adoptOrStart(bin, dir, user, o);
  return {
    url: `postgres://${ADMIN}:${password}@127.0.0.1:${server.port}/postgres`,
    port: server.port,
    pid: server.pid,
    dir,
    moved,
    adopted,
    stop: () => stopPostmaster(data, server.pid),
  };
}

async function adoptOrStart(
  bin: string,
  dir: string,
  user: RunAs,
  o: ClusterOptions,
): Promise<{ server: Postmaster; adopted: boolean }> {
  const data = join(dir, 'data');
  // Again: another process may be starting it too, one may be ending, a free port may be taken in between, and
  // backends of a killed postmaster need a moment to notice.
  for (let attempt = 1; attempt <= 5; attempt++, await delay(250 * attempt)) {
    if (livePostmaster(data)) {
      const server = await whenReady(data, () => livePostmaster(data) !== undefined);
      if (server) return { server, adopted: true };
    }
    await removeStalePidFile(data);
    const server = await launch(bin, dir, user, o);
    if (server) return { server, adopted: false };
  }
  throw new Error(`PostgreSQL did not start in ${dir}: ${await lastWords(dir)}`);
}

async function lastWords(dir: string): Promise<string> {
  const logs = join(dir, 'data', 'log');
  const files = (await readdir(logs).catch(() => [])).map((name) => join(logs, name));
  const texts = await Promise.all([join(dir, 'startup.log'), ...files].map((f) => readFile(f, 'utf8').catch(() => '')));
  const lines = texts.join('').match(/^.*(?:FATAL|PANIC|WARNING|LOG:.*could not).*$/gm) ?? [];
  return [...new Set(lines.map((line) => line.replace(/^.*?\] /, '')))].slice(-5).join(' | ') || 'it said nothing';
}

async function launch(bin: string, dir: string, user: RunAs, o: ClusterOptions): Promise<Postmaster | undefined> {
  const data = join(dir, 'data');
  const port = o.port ?? (await freePort());
  const settings = { ...SETTINGS, ...(o.unsafeFast ? UNSAFE_FAST : {}), ...o.settings, port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const output = openSync(join(dir, 'startup.log'), 'w', 0o600);
  let ended = false;
  try {
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...flags], {
      ...user,
      detached: true, // a group of its own: Ctrl-C in our terminal is for us, and we stop it in order
      stdio: ['ignore', output, output],
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      cwd: '/',
    });
    child.on('error', () => (ended = true)).on('exit', () => (ended = true));
    child.unref();
    const server = await whenReady(data, () => !ended);
    return server?.pid === child.pid ? server : undefined; // not ours: the next round adopts it
  } finally {
    closeSync(output);
  }
}

/** Complete or absent: built beside and renamed, so that a kill in between leaves no half a database. */
async function initialise(bin: string, dir: string, password: string, user: RunAs): Promise<void> {
  const mark = randomBytes(4).toString('hex');
  const fresh = join(dir, `data.new-${mark}`);
  const secret = join(dir, `initial-password-${mark}`);
  try {
    await mkdir(fresh, { mode: 0o700 });
    await writeFile(secret, password, { mode: 0o600 });
    if (user.uid !== undefined && user.gid !== undefined)
      for (const path of [fresh, secret]) await chown(path, user.uid, user.gid);
    await initdb(bin, fresh, secret, user);
    await rename(fresh, join(dir, 'data')).catch((error: unknown) => {
      if (!existsSync(join(dir, 'data'))) throw error; // else another process was quicker
    });
  } finally {
    await rm(secret, { force: true });
    await rm(fresh, { recursive: true, force: true });
  }
}

function initdb(bin: string, data: string, passwordFile: string, user: RunAs): Promise<void> {
  const args = ['-D', data, '-U', ADMIN, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'];
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
  return new Promise((resolve, reject) => {
    const child = spawn(join(bin, 'initdb'), args, {
      ...user,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      cwd: '/',
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`initdb failed: ${said.trim()}`))));
  });
}

/** The superuser's password, made once; the first of two processes wins. */
async function passwordIn(dir: string): Promise<string> {
  const file = join(dir, 'password');
  if (!existsSync(file)) {
    const fresh = `${file}.${randomBytes(4).toString('hex')}`;
    await writeFile(fresh, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(fresh);
  }
  return (await readFile(file, 'utf8')).trim();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
