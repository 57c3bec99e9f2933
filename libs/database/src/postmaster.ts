import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What PostgreSQL writes into `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly dir: string;
  readonly port: number;
  /** starting, ready, standby or stopping */
  readonly status: string;
}

/** The postmaster whose file lies in this data directory, dead or alive. */
export function readPidFile(data: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined; // being written
  return { pid, dir: lines[1] ?? '', port: Number(lines[3]), status: (lines[7] ?? '').trim() };
}

/** A live PostgreSQL that names this data directory. A number that another program has by now, or a zombie, does not count. */
export function livePostmaster(data: string): Postmaster | undefined {
  const found = readPidFile(data);
  if (!found || !same(found.dir, data)) return undefined;
  return /postgres/.test(commandLine(found.pid)) ? found : undefined;
}

/**
 * Waits until the postmaster of this directory takes connections.
 * @returns undefined when there is none (any more)
 */
export async function whenReady(
  data: string,
  stillThere: () => boolean,
  timeoutMs = 60_000,
): Promise<Postmaster | undefined> {
  for (const until = Date.now() + timeoutMs; Date.now() < until; await delay(20)) {
    const found = readPidFile(data);
    if (found?.status === 'ready' && found.port) return found;
    if (!stillThere()) return undefined;
  }
  throw new Error(`PostgreSQL in ${data} was not ready within ${timeoutMs / 1000} s; see its log directory`);
}

/** Clean shutdown ("fast": sessions are ended, a checkpoint written); after 30 s without waiting for it. */
export async function stopPostmaster(data: string, pid: number): Promise<void> {
  const running = () => readPidFile(data)?.pid === pid && commandLine(pid) !== '';
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!running()) return;
    process.kill(pid, signal);
    for (const until = Date.now() + 30_000; running() && Date.now() < until;) await delay(20);
  }
}

/** Removes the file of a postmaster that is gone; PostgreSQL would refuse to start if its number has been given to another program. */
export async function removeStalePidFile(data: string): Promise<void> {
  if (readPidFile(data) && !livePostmaster(data)) await rm(join(data, 'postmaster.pid'), { force: true });
}

/** Empty when no such process runs. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    if (process.platform === 'linux') return '';
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
  }
}

function same(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}
