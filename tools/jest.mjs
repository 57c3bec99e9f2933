// Runs jest on one kind of test and returns its counts. Used by tools/test.mjs.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command with its output shown; resolves with the exit code. */
export function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** @returns {Promise<{passed: number, failed: number, skipped: number}>} a run that ended without a report counts as one failure */
export async function jest(kind, { under = '', env = {}, label = kind, workers = 2, args = [] } = {}) {
  const out = join(root, '.test-results', `${label.replaceAll(/\W+/g, '-')}.json`);
  await mkdir(dirname(out), { recursive: true });
  await rm(out, { force: true });
  console.log(`\n— ${label}${under ? ` in ${under}` : ''}`);
  const code = await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--config',
      join(root, 'jest.config.mjs'),
      '--passWithNoTests',
      '--forceExit',
      `--maxWorkers=${workers}`,
      '--json',
      `--outputFile=${out}`,
      '--silent=false',
      '--reporters=default',
      ...args,
    ],
    { AVTALA_TESTS: kind, AVTALA_TESTS_UNDER: under, ...env },
  );
  const report = JSON.parse(await readFile(out, 'utf8').catch(() => 'null'));
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.numRuntimeErrorTestSuites; // files that did not even load count as failures
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
