import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const VERSION = '26.7.3';
const START_MS = 240_000;
const STOP_MS = 20_000;
const ADMIN = { username: 'admin', password: 'sandbox-only' };
const run = promisify(execFile);

/** What a Keycloak of ours needs is not here; the message says in one line what to install. */
export class KeycloakUnavailable extends Error {
  override readonly name = 'KeycloakUnavailable';
}

export interface Keycloak {
  readonly url: string;
  /** Its own administration, below /admin/realms. @returns the body, or the Location of what was made */
  admin(method: string, path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** A real Keycloak on Java 17 from Maven Central (169 MB, once, kept under the user's cache directory), loopback only, in memory, at most 512 MB
 * of heap. It ends when this process ends, however that ends. With KEYCLOAK_URL set, that server is used.
 * @throws KeycloakUnavailable no Java or no Maven */
export async function startKeycloak(): Promise<Keycloak> {
  const given = process.env.KEYCLOAK_URL;
  if (given) return { url: given, admin: administration(given), stop: async () => undefined };
  const home = await distribution();
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'avtala-keycloak-'));
  const logFile = join(dir, 'keycloak.log');
  await writeFile(logFile, '');
  // The shell's input is a pipe from us: when we are gone, killed included, it ends, and the shell stops the server.
  const shell = spawn(
    'sh',
    [
      '-c',
      GUARD,
      'avtala-keycloak',
      logFile,
      join(home, 'bin', 'kc.sh'),
      'start',
      '--optimized',
      '--http-enabled=true',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
      '--hostname-strict=false',
      '--cache=local',
    ],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {
        ...process.env,
        JAVA_OPTS,
        KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
        KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
      },
    },
  );
  const ended = new Promise<void>((done) => shell.once('exit', () => done()));
  const stop = async () => {
    shell.stdin.end();
    await Promise.race([ended, delay(STOP_MS, undefined, { ref: false })]);
    await rm(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + START_MS; ; await delay(250)) {
    const text = await readFile(logFile, 'utf8');
    if (text.includes(`Listening on: ${url}`)) return { url, admin: administration(url), stop };
    if (Date.now() > until || shell.exitCode !== null) {
      await stop();
      throw new Error(`Keycloak did not start. It printed:\n${text.slice(-3000)}`);
    }
  }
}

const JAVA_OPTS =
  '-Xms64m -Xmx512m -XX:MaxMetaspaceSize=256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError -Dfile.encoding=UTF-8';
const GUARD = `log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & server=$!
read -r line; kill -TERM "$server" 2>/dev/null; wait "$server"`;

/** Fetched and prepared once: preparing takes as long as starting. */
async function distribution(): Promise<string> {
  await checkJava();
  const cache = join(homedir(), '.cache', 'avtala', 'keycloak');
  const home = join(cache, `keycloak-${VERSION}`);
  if (existsSync(join(home, '.prepared'))) return home;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, '.fetching-'));
  try {
    const archive = `org.keycloak:keycloak-quarkus-dist:${VERSION}:tar.gz`;
    await run('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${archive}`, `-DoutputDirectory=${work}`], {
      cwd: work,
    }).catch(() => {
      throw new KeycloakUnavailable('they need Maven once (apt install maven), or KEYCLOAK_URL');
    });
    const [file] = (await readdir(work)).filter((f) => f.endsWith('.tar.gz'));
    await run('tar', ['xzf', file!], { cwd: work });
    const fresh = join(work, `keycloak-${VERSION}`);
    await run(join(fresh, 'bin', 'kc.sh'), ['build', '--db=dev-mem'], { env: { ...process.env, JAVA_OPTS } });
    await writeFile(join(fresh, '.prepared'), '');
    // Whoever prepared one at the same time and was faster has the same.
    await rename(fresh, home).catch((error: unknown) => {
      if (!existsSync(join(home, '.prepared'))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return home;
}

async function checkJava(): Promise<void> {
  const version = await run('java', ['-version']).then(
    (r) => Number(/version "(\d+)/.exec(r.stderr + r.stdout)?.[1]),
    () => 0,
  );
  if (!(version >= 17))
    throw new KeycloakUnavailable('they need Java 17 (apt install openjdk-17-jre-headless maven), or KEYCLOAK_URL');
}

function administration(url: string): Keycloak['admin'] {
  let token: Promise<string> | undefined;
  return async (method, path, body) => {
    token ??= signedIn(url);
    const response = await fetch(`${url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak: ${method} ${path} answered ${response.status} ${text}`);
    return text ? (JSON.parse(text) as unknown) : response.headers.get('location');
  };
}

async function signedIn(url: string): Promise<string> {
  const response = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
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
