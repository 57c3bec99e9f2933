import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const site = join(import.meta.dirname, '../../apps/booker-web/dist/site');
const kB = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(site, file)), { level: 9 }).length, 0) / 1000;

interface Chunk {
  readonly file: string;
  readonly src?: string;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}
const manifest = JSON.parse(readFileSync(join(site, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
const page = readFileSync(join(site, 'index.html'), 'utf8');
const named = new Set([...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file]) => file!));

/** What is fetched before a chunk runs: itself and what it imports, with style sheets. */
function loadedFor(name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name]!;
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const sheet of chunk.css ?? []) seen.add(sheet);
  for (const other of chunk.imports ?? []) loadedFor(other, seen);
  return seen;
}
const ofKind = (files: Iterable<string>, ending: string) => [...files].filter((f) => f.endsWith(ending));
/** What the page itself names, and what that imports. */
const first = new Set(named);
for (const [name, chunk] of Object.entries(manifest))
  if (named.has(chunk.file)) for (const f of loadedFor(name)) first.add(f);

it('the first load is at most 250 kB of script, 45 kB of style and one font (gzip)', () => {
  const [script, style] = [kB(ofKind(first, '.js')), kB(ofKind(first, '.css'))];
  console.log(`first load: ${script.toFixed(1)} kB of script, ${style.toFixed(1)} kB of style`);
  expect(script).toBeLessThanOrEqual(250);
  expect(style).toBeLessThanOrEqual(45);
  const fonts = readdirSync(join(site, 'assets')).filter((f) => f.endsWith('.woff2'));
  expect(fonts.map((f) => Math.round(readFileSync(join(site, 'assets', f)).length / 1000))).toEqual([48]);
});

/** Meetings has a week's grid. */
const MORE: Readonly<Record<string, number>> = { meetings: 75 };

it.each(
  Object.entries(manifest)
    .filter(([, c]) => c.isDynamicEntry && c.src?.startsWith('src/'))
    .map(([name, c]) => ({ name, screen: c.src!.split('/')[1]!, file: c.src! })),
)('$file adds at most its budget', ({ name, screen }) => {
  const more = [...loadedFor(name)].filter((f) => !first.has(f));
  expect(kB(ofKind(more, '.js'))).toBeLessThanOrEqual(MORE[screen] ?? 60);
});
