// The whole of the tests: lint with boundaries, types, unused code, formatting, unit under three host time zones, integration, end to end.
// `--only libs/messaging` runs lint, types, unit and integration of one project.
import { jest, run } from './jest.mjs';

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const zones = only ? ['America/New_York'] : ['UTC', 'America/New_York', 'Asia/Kolkata'];
const total = { passed: 0, failed: 0, skipped: 0 };
const add = (r) => Object.keys(total).forEach((k) => (total[k] += r[k]));
const check = async (label, command, args) => {
  console.log(`\n— ${label}`);
  add((await run(command, args)) === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
};

await run(process.execPath, ['tools/build.mjs']);
if (only) {
  const project = only.split('/').at(-1);
  await check('lint and types', 'nx', ['run-many', '-t', 'lint', 'typecheck', '-p', project]);
} else {
  await check('lint, boundaries included', 'nx', [
    'run-many',
    '-t',
    'lint',
    '--parallel=2',
    '--output-style=stream',
    ...(process.env.CI ? ['--skip-nx-cache'] : []), // nothing remembered from another checkout
  ]);
  // One program over everything: 17 s, where a tsc for each project reads the libraries' sources again (2 min).
  await check('types', 'tsc', ['-p', 'tsconfig.json']);
  // With the browser's types, which the rest must not see.
  for (const settings of [
    'apps/booker-web/tsconfig.json',
    'apps/booker-web/tsconfig.spec.json',
    'e2e/web/tsconfig.json',
  ])
    await check(`types by ${settings}`, 'tsc', ['-p', settings]);
  await check('formatting', 'prettier', ['--check', '.', '--log-level=warn']);
  for (const [what, tool] of [
    ['docs/events.md', 'tools/events-doc.mjs'],
    ['openapi.json of each service', 'tools/openapi/main.mjs'],
    ['the api-client', 'tools/api-client.mjs'],
    ['docs/asyncapi.json', 'tools/asyncapi.mjs'],
  ])
    await check(`${what} is what the code says`, process.execPath, [tool, '--check']);
  await check('unused code', 'knip', ['--no-progress', '--no-config-hints']);
}
for (const tz of zones) add(await jest('unit', { under: only, label: `unit under TZ=${tz}`, env: { TZ: tz } }));
add(await jest('int', { under: only, label: 'integration' }));
if (!only) add(await jest('e2e', { label: 'end to end', workers: 1 }));

console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed ? 1 : 0);
