import { freePort } from '@avtala/all-in-one';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start` on a data directory of its own. */
export interface Installation {
  readonly url: string;
  /** From the command until a request was answered, in ms: the build and npm's own start are in it. */
  readonly startedInMs: number;
  /** Of the process with every service in it. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** @throws Error when it has not answered within two minutes */
export async function npmStart(dataDir: string): Promise<Installation> {
  const port = await freePort(20_500);
  const began = performance.now();
  const child = spawn('npm', ['start', '--silent'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), AVTALA_DATA_DIR: dataDir, AVTALA_ANNOUNCE: 'json' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}/health/ready`))) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
    if (performance.now() - began > 120_000) throw new Error('npm start did not answer within two minutes');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const startedInMs = performance.now() - began;
  const pid = await listener(child.pid!);
  return {
    url,
    startedInMs,
    pid,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      // npm may be gone first; the services still hold the data directory until they have stopped.
      while (await lives(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

async function lives(pid: number): Promise<boolean> {
  return access(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (r) => r.ok,
    () => false,
  );
}

/** npm runs us below a shell: the process with the services is the last of the line. */
async function listener(pid: number): Promise<number> {
  for (let at = pid; ;) {
    const children = (await readFile(`/proc/${at}/task/${at}/children`, 'utf8')).trim().split(' ').filter(Boolean);
    const command = await readFile(`/proc/${at}/cmdline`, 'utf8');
    if (command.includes('all-in-one') && command.startsWith(process.execPath)) return at;
    if (command.includes('start.js') && !command.startsWith('sh')) return at;
    if (!children.length) throw new Error('npm start has no process with the services');
    at = Number(children[0]);
  }
}
