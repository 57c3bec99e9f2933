// Builds the console with Vite, only when what it is made of has changed: the second `npm start` loads no bundler at all.
import { createHash } from 'node:crypto';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const INPUTS = ['apps/booker-web', 'libs/api-client', 'libs/screening', 'package-lock.json', 'tools/build-web.mjs'];

/** @returns {Promise<boolean>} whether it was built anew */
export async function buildWeb(root) {
  const dist = join(root, 'apps/booker-web/dist');
  const stamp = await stampOf(root);
  if ((await readFile(join(dist, 'stamp'), 'utf8').catch(() => '')) === stamp) return false;
  console.error('Building the console (once; a few seconds)…');
  const { build } = await import('vite');
  // Made beside and then moved: a process that serves the last one never finds half of the next.
  process.env.AVTALA_WEB_OUT = 'dist/next';
  process.env.NODE_ENV = 'production';
  await build({ configFile: join(root, 'apps/booker-web/vite.config.mjs'), logLevel: 'warn' });
  await rm(join(dist, 'site'), { recursive: true, force: true });
  await rename(join(dist, 'next'), join(dist, 'site'));
  await writeFile(join(dist, 'stamp'), stamp);
  return true;
}

async function stampOf(root) {
  const files = (await Promise.all(INPUTS.map((input) => filesOf(join(root, input))))).flat().sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file.slice(root.length))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

async function filesOf(path) {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [path];
  const kept = entries.filter((e) => e.name !== 'dist' && e.name !== 'node_modules' && !/\.spec\.tsx?$/.test(e.name));
  return (
    await Promise.all(kept.map((e) => (e.isDirectory() ? filesOf(join(path, e.name)) : [join(path, e.name)])))
  ).flat();
}
