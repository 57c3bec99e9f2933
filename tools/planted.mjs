// The test of the tests: takes one protection after the other out of a copy of the project, by a patch in tools/planted/, and runs the
// test that is said to guard it. That test must then fail. A patch that no longer applies, or a test that is not there, counts as not failed.
//   npm run planted -- [--only NAME] [--json]
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { root } from './jest.mjs';

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const json = process.argv.includes('--json');
const patches = readdirSync(join(root, 'tools/planted')).filter(
  (f) => f.endsWith('.patch') && (!only || f === `${only}.patch`),
);

/** A patch begins with lines `# protection:`, `# test:` (a file) and `# named:` (the test's full name or a part of it). */
function headOf(file) {
  const text = readFileSync(join(root, 'tools/planted', file), 'utf8');
  const field = (name) => new RegExp(`^# ${name}: (.+)$`, 'm').exec(text)?.[1]?.trim();
  return { protection: field('protection'), test: field('test'), named: field('named') };
}

function copyProject() {
  const copy = mkdtempSync(join(tmpdir(), 'avtala-planted-')); // not below the project: jest ignores .data/
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  for (const file of files.split('\n').filter((f) => f && existsSync(join(root, f)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  // Packages of ours must resolve to the copy; everybody else's come from where they are.
  mkdirSync(join(copy, 'node_modules/@avtala'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@avtala') symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  }
  for (const group of ['libs', 'apps']) {
    for (const name of readdirSync(join(copy, group))) {
      const pkg = join(copy, group, name, 'package.json');
      if (existsSync(pkg))
        symlinkSync(join(copy, group, name), join(copy, 'node_modules', JSON.parse(readFileSync(pkg, 'utf8')).name));
    }
  }
  return copy;
}

function failsWithout(copy, file, { test, named }) {
  const patch = join(root, 'tools/planted', file);
  const git = (...args) =>
    spawnSync('git', ['apply', '--unsafe-paths', `--directory=${copy}`, ...args, patch], {
      cwd: '/',
      encoding: 'utf8',
    });
  const applied = git('-p1');
  if (applied.status !== 0)
    return { failed: false, why: `the patch does not apply: ${applied.stderr.trim().split('\n')[0]}` };
  try {
    const out = join(copy, 'planted-result.json');
    rmSync(out, { force: true });
    const escaped = named.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    spawnSync(process.execPath, ['tools/build.mjs'], { cwd: copy, stdio: 'ignore' });
    spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        join(root, 'node_modules/jest/bin/jest.js'),
        '--config',
        join(copy, 'jest.config.mjs'),
        '--forceExit',
        '--runInBand',
        '--json',
        `--outputFile=${out}`,
        '-t',
        escaped,
        '--runTestsByPath',
        join(copy, test),
      ],
      {
        cwd: copy,
        stdio: 'ignore',
        timeout: 300_000,
        env: {
          ...process.env,
          AVTALA_TESTS: /\.int\.spec\.ts$/.test(test) ? 'int' : /\.e2e\.ts$/.test(test) ? 'e2e' : 'unit',
        },
      },
    );
    const report = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : undefined;
    const tests = (report?.testResults ?? [])
      .flatMap((r) => r.assertionResults)
      .filter((a) => a.fullName.includes(named));
    if (tests.length === 0) return { failed: false, why: 'no test of that name ran' };
    return { failed: tests.some((t) => t.status === 'failed') };
  } finally {
    git('-p1', '-R');
  }
}

const copy = copyProject();
const planted = [];
try {
  for (const file of patches) {
    const name = basename(file, '.patch');
    const head = headOf(file);
    const result =
      head.test && head.named
        ? failsWithout(copy, file, head)
        : { failed: false, why: 'the patch does not name its test' };
    planted.push({ name, test: `${head.test} › ${head.named}`, failed: result.failed });
    console.error(
      `${result.failed ? '✓' : '✗'} without ${head.protection ?? name}: ${result.failed ? 'its test fails, as it must' : (result.why ?? 'its test still passes')}`,
    );
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
if (json) console.log(JSON.stringify({ planted }));
process.exit(planted.length > 0 && planted.every((p) => p.failed) ? 0 : 1);
