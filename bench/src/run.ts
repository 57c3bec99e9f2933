import 'reflect-metadata';
import { startCluster, type Cluster } from '@avtala/database';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './harness.js';

/** Runs one benchmark in a process of its own (`run.js NAME`), so that no other one's heap or compiled code meets it. Last line: its results as JSON. */
const dir = await mkdtemp(join(tmpdir(), 'avtala-bench-'));
const clusters = new Map<string, Promise<Cluster>>();
let failed = false;
try {
  const bench = ((await import(`./${process.argv[2]}.bench.js`)) as { default: Bench }).default;
  const results = await bench.run({
    dir,
    cluster: (name = 'data') => {
      if (!clusters.has(name)) clusters.set(name, startCluster({ dir: join(dir, name) }));
      return clusters.get(name)!;
    },
    log: (line) => console.error(`  ${line}`),
  });
  console.log(JSON.stringify(results));
} catch (error) {
  console.error(error);
  failed = true;
} finally {
  for (const cluster of clusters.values()) {
    const { stop, dir: where } = await cluster;
    await stop();
    await rm(where, { recursive: true, force: true });
  }
  await rm(dir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
