import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export const RADICALE_VERSION = '3.9.0';
const START_MS = 30_000;
const CALENDAR = `<?xml version="1.0" encoding="utf-8"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>NAME</D:displayname><C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>`;

/** What a local CalDAV server needs is not here; the message says in one line what to install. */
export class RadicaleUnavailable extends Error {
  override readonly name = 'RadicaleUnavailable';
}

/** A real CalDAV server on loopback, for tests and the demo. */
export interface Radicale {
  /** http://127.0.0.1:port/ */
  readonly url: string;
  readonly pid: number;
  /** Another person who may sign in. */
  addUser(username: string, password: string): Promise<void>;
  /** A calendar of theirs. @returns its address */
  addCalendar(username: string, password: string, name: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts Radicale, a CalDAV server, from PyPI: 2 s, 35 MB. The first start on a machine makes a Python environment under the user's cache directory.
 * Everybody signs in with a password of their own and sees their own calendars. It ends when this process ends, however that ends.
 * @param o.dir its users and calendars, plain files; a second start in the same directory finds them again; @param o.port default any free one
 * @throws RadicaleUnavailable no Python 3 with venv and pip
 */
export async function startRadicale(o: { dir: string; port?: number }): Promise<Radicale> {
  const dir = resolve(o.dir);
  const python = await environment();
  await mkdir(join(dir, 'collections'), { recursive: true, mode: 0o700 });
  const users = join(dir, 'users');
  await appendFile(users, '', { mode: 0o600 });
  const port = o.port ?? (await freePort());
  const config = join(dir, 'config');
  await writeFile(config, configuration(dir, users, port));
  // The shell's input is a pipe from us: when we are gone, killed included, it ends, and the shell stops the server.
  const shell = spawn('sh', ['-c', GUARD, 'avtala-radicale', python, '-m', 'radicale', '--config', config], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((done) => shell.once('exit', () => done()));
  const pid = await firstNumber(shell);
  const stop = async () => {
    shell.stdin!.end();
    await ended;
  };
  const url = `http://127.0.0.1:${port}/`;
  if (!(await answers(url))) {
    await stop();
    throw new Error('Radicale did not start');
  }
  return {
    url,
    pid,
    stop,
    addUser: (username, password) => appendFile(users, `${username}:${password}\n`),
    addCalendar: async (username, password, name) => {
      const address = `${url}${encodeURIComponent(username)}/${encodeURIComponent(name)}/`;
      const made = await fetch(address, {
        method: 'MKCALENDAR',
        headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
        body: CALENDAR.replace('NAME', name),
      });
      if (made.status !== 201) throw new Error(`Radicale made no calendar: ${made.status}`);
      return address;
    },
  };
}

const GUARD = `"$@" </dev/null >/dev/null 2>&1 & server=$!
echo "$server"; read -r line; kill -TERM "$server" 2>/dev/null; wait "$server"`;

const configuration = (dir: string, users: string, port: number): string => `[server]
hosts = 127.0.0.1:${port}
[auth]
type = htpasswd
htpasswd_filename = ${users}
htpasswd_encryption = plain
htpasswd_cache = False
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = ${join(dir, 'collections')}
[web]
type = none
[logging]
level = error
`;

/** @returns the Python of an environment that holds Radicale, made once */
async function environment(cache = join(homedir(), '.cache', 'avtala', 'radicale')): Promise<string> {
  const dir = join(cache, RADICALE_VERSION);
  const complete = join(dir, '.complete');
  if (!existsSync(complete)) {
    await mkdir(cache, { recursive: true });
    const work = await mkdtemp(join(cache, '.making-'));
    try {
      const run = promisify(execFile);
      await run('python3', ['-m', 'venv', work]);
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `radicale==${RADICALE_VERSION}`];
      await run(join(work, 'bin', 'python'), pip);
      await writeFile(join(work, '.complete'), '');
      // Whoever made one at the same time and was faster has the same.
      await rename(work, dir).catch((error: unknown) => {
        if (!existsSync(complete)) throw error;
      });
    } catch (cause) {
      const message = 'CalDAV needs Python 3 with venv and pip once (e.g. apt install python3-venv)';
      throw new RadicaleUnavailable(message, { cause });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return join(dir, 'bin', 'python');
}

/** It takes requests: an anonymous one is told to sign in. */
async function answers(url: string): Promise<boolean> {
  for (const until = Date.now() + START_MS; Date.now() < until; await delay(100)) {
    const status = await fetch(url, { method: 'PROPFIND' }).then(
      (r) => r.status,
      () => 0,
    );
    if (status) return true;
  }
  return false;
}

function firstNumber(child: ChildProcess): Promise<number> {
  return new Promise((found, failed) => {
    child.once('error', failed);
    child.stdout!.once('data', (data: Buffer) => found(Number(String(data).trim())));
  });
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });
}
