// jest's globalSetup: one PostgreSQL for the whole run, without fsync, in a directory of its own on a free port, so that
// runs beside each other do not meet. Publishes its superuser's URL as AVTALA_TEST_PG; a URL given from outside is used as it is.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async function setup() {
  process.env.AVTALA_TEST_RUN = randomUUID(); // template databases of an earlier run do not count
  const running = (globalThis.__avtalaServers = []);
  running.push(await postgres());
  // A Kafka broker, when tests need one, is started here: push a function that stops it.
}

async function postgres() {
  if (process.env.AVTALA_TEST_PG) return async () => undefined;
  const { startCluster } = await fromSource('../libs/database/src/embedded.ts');
  const dir = join(tmpdir(), `avtala-test-pg-${process.pid}-${randomUUID().slice(0, 8)}`);
  const cluster = await startCluster({ dir, unsafeFast: true });
  process.env.AVTALA_TEST_PG = cluster.url;
  const done = removeWhenWeAreGone(cluster);
  return async () => {
    await cluster.stop();
    await done();
  };
}

/** A run that is killed cannot tidy up: a small shell waits for our end, stops the server and removes its directory. */
function removeWhenWeAreGone({ pid, dir }) {
  const script = 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; kill -QUIT "$2" 2>/dev/null; sleep 1; rm -rf "$3"';
  const watcher = spawn('sh', ['-c', script, 'avtala-test-watch', process.pid, pid, dir].map(String), {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  watcher.unref();
  return async () => {
    watcher.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  };
}

/** Imports our TypeScript straight from src/ (dist/ may be missing or old): Node strips the types, we find the files. */
async function fromSource(path) {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const ours = specifier.startsWith('./') && context.parentURL?.includes('/libs/');
      const source = ours && new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      return source && existsSync(source) ? next(source.href, context) : next(specifier, context);
    },
  });
  try {
    return await import(new URL(path, import.meta.url).href);
  } finally {
    hooks.deregister();
  }
}
