import 'reflect-metadata';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readArgs, USAGE, type DemoArgs } from './args.js';
import { Progress } from './progress.js';
import { complaints } from './report.js';
import { runDemo } from './run.js';

/** `npm run demo`: exit code 0 when every promise held, 1 when one did not, 2 when it was called wrongly. */
async function main(): Promise<number> {
  let args: DemoArgs;
  try {
    if (process.argv.includes('--help')) {
      console.log(USAGE);
      return 0;
    }
    args = readArgs(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
    await readFile(args.leads).catch((cause: unknown) => {
      throw new Error(`--leads: cannot read ${args.leads}`, { cause });
    });
    if (args.keep && (await readdir(args.keep).catch(() => [])).length)
      throw new Error(`--keep: ${args.keep} is not empty`);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }

  await mkdir(resolve('.data'), { recursive: true });
  const dir = args.keep ?? (await mkdtemp(resolve('.data', 'demo-')));
  await mkdir(dir, { recursive: true });
  if (!args.keep) await chmod(dir, 0o711); // PostgreSQL's system user must be able to pass through
  const progress = new Progress();
  let stop: () => Promise<void> = async () => undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  try {
    const report = await runDemo(args, dir, progress, (world) => (stop = world.stop));
    const wrong = complaints(report, args.kills);
    for (const sentence of wrong) progress.note(`✗ ${sentence}`);
    for (const place of report.canaries.where) progress.note(`  found in ${place}`);
    progress.note(
      wrong.length ? `${wrong.length} promises did not hold` : `every promise held, in ${report.seconds.total} s`,
    );
    if (args.json) console.log(JSON.stringify(report));
    return wrong.length ? 1 : 0;
  } finally {
    if (args.keep) progress.note(`everything that was searched is in ${dir}`);
    else await rm(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 1;
});
// Sockets of a killed peer may linger; the report is out.
setTimeout(() => process.exit(), 1000).unref();
