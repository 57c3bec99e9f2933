// `npm run bench [-- --json] [NAMES…]`: every benchmark in bench/src, one after the other, each in a process of its own. With --json the
// last line is {"results":[{"name","ours","reference","unit","ratio","target","holds"}]}. Exits 1 when a target does not hold.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const json = process.argv.includes('--json');
const asked = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const all = (await readdir(new URL('../bench/src', import.meta.url)))
  .filter((f) => f.endsWith('.bench.ts'))
  .map((f) => f.slice(0, -'.bench.ts'.length))
  .sort();
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length) {
  console.error(`No benchmark is called ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(1);
}

const node = (args, stdout) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', stdout, 'inherit'] });
    let text = '';
    child.stdout?.on('data', (chunk) => (text += chunk));
    child.once('close', (code) => resolve({ code, text }));
  });

await node(['tools/build.mjs'], 'inherit');
const results = [];
for (const name of asked.length ? asked : all) {
  console.error(`— ${name}`);
  const { code, text } = await node(
    ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', 'bench/dist/run.js', name],
    'pipe',
  );
  const figures = code === 0 ? JSON.parse(text.trim().split('\n').at(-1)) : [];
  if (code !== 0)
    results.push({ name, ours: null, reference: null, unit: '', ratio: null, target: 'runs', holds: false });
  results.push(...figures);
  for (const r of figures) {
    const side = (n) => (n === null ? '–' : n.toLocaleString('en', { maximumSignificantDigits: 4 }));
    const line = `${r.holds ? '✓' : '✗'} ${r.name}: ${side(r.ours)} ${r.unit}, reference ${side(r.reference)}, ratio ${side(r.ratio)}, target ${r.target}`;
    (json ? console.error : console.log)(line);
  }
}
if (json) console.log(JSON.stringify({ results }));
process.exit(results.every((r) => r.holds) ? 0 : 1);
