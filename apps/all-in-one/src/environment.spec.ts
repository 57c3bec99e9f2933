import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const namesIn = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map((m) => m[1]!));

/** Not an operator's: set by npm, by node, by our own processes for each other, or by tests. */
const INTERNAL = new Set([
  ...['NODE_ENV', 'PATH', 'INIT_CWD'],
  ...['AVTALA_ANNOUNCE', 'AVTALA_SEED', 'AVTALA_SANDBOX_BOOKERS', 'AVTALA_TEST_CLOCK'], // the demo's, for the process it starts
  ...['AVTALA_TEST_PG', 'AVTALA_TEST_RUN'], // the test run's
  ...['SANDBOX_DIR', 'HUBSPOT_SPEC_DIR'], // apps/sandbox/README.md
]);

/** Fields of configuration classes, and what is read from process.env by name. */
function variablesOfTheCode(): Set<string> {
  const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root }).filter((f) => !/\.(spec|fixture)\.ts$/.test(f));
  const found = new Set<string>();
  for (const file of files) {
    const text = read(file);
    for (const name of namesIn(text, /process\.env(?:\.|\[')([A-Z][A-Z0-9_]+)/g)) found.add(name);
    if (/(^|\/)(config|env)\.ts$/.test(file))
      for (const name of namesIn(text, /^ {2}(?:@.*\) )?([A-Z][A-Z0-9_]+)[!?]?(?::| =)/gm)) found.add(name);
  }
  return found;
}

const documented = namesIn(read('.env.example'), /^# ([A-Z][A-Z0-9_]+)=/gm);
const composeOnly = new Set(['POSTGRES_PASSWORD', 'KEYS_PASSWORD']);
const sorted = (names: Iterable<string>) => [...names].sort();

test('.env.example lists every variable that an operator can set, and no other', () => {
  const wanted = [...variablesOfTheCode()].filter((name) => !INTERNAL.has(name));
  expect(sorted(documented)).toEqual(sorted([...wanted, ...composeOnly]));
});

test('docker-compose.yml sets only what the code reads, from what .env.example lists', () => {
  const compose = read('docker-compose.yml');
  const environment = compose.slice(compose.indexOf('&env'), compose.indexOf('services:'));
  const known = variablesOfTheCode();
  expect([...namesIn(environment, /^ {4}([A-Z][A-Z0-9_]+):/gm)].filter((name) => !known.has(name))).toEqual([]);
  expect([...namesIn(compose, /\$\{([A-Z][A-Z0-9_]+)/g)].filter((name) => !documented.has(name))).toEqual([]);
});
