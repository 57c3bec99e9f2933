// Transpiles every workspace package's src/ into dist/ with swc (about 0.1 s), and the console with Vite; types are checked apart by tsc.
// Node's own type stripping cannot do decorators, and tsx drops the metadata Nest injects by.
import { transformFile } from '@swc/core';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forgetBuild, packages, rememberBuild, stampOf } from './build-stamp.mjs';
import { buildWeb } from './build-web.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

async function sources(dir) {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

/** Writes what changed and removes what is gone, so that a process running from dist/ meanwhile never finds it empty. */
async function buildPackage(dir) {
  const src = join(dir, 'src');
  const dist = join(dir, 'dist');
  const files = (await sources(src)).filter((f) => !/\.(spec|e2e)\.ts$/.test(f));
  const kept = new Set(
    await Promise.all(
      files.map(async (file) => {
        const target = join(dist, relative(src, file)).replace(/\.ts$/, '.js');
        const code = file.endsWith('.ts')
          ? (await transformFile(file, { configFile: join(root, '.swcrc') })).code
          : await readFile(file, 'utf8'); // templates and word lists travel along
        await mkdir(dirname(target), { recursive: true });
        if ((await readFile(target, 'utf8').catch(() => undefined)) !== code) await writeFile(target, code);
        return target;
      }),
    ),
  );
  for (const old of await sources(dist)) if (!kept.has(old)) await rm(old, { force: true });
  return files.length;
}

const stamp = stampOf();
forgetBuild();
let count = 0;
for (const dir of packages()) count += await buildPackage(dir);
if (!process.argv.includes('--no-web')) {
  await buildWeb(root);
  rememberBuild(stamp);
}
if (process.argv.includes('--verbose')) console.log(`built ${count} files`);
