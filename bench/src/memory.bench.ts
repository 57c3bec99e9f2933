import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median, type Bench } from './harness.js';
import { npmStart } from './installation.js';

const TARGET_MB = 350;

/** The process with every service in it, resident, once it is idle. Five samples over ten seconds. */
export default {
  name: 'memory',
  async run({ dir, log }) {
    const running = await npmStart(join(dir, 'data'));
    const samples: number[] = [];
    try {
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      for (let sample = 0; sample < 5; sample++) {
        samples.push(await residentMb(running.pid));
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    } finally {
      await running.stop();
    }
    log(`${samples.join(', ')} MB`);
    const ours = Math.round(median(samples));
    return [
      {
        name: 'memory',
        ours,
        reference: null,
        unit: 'MB',
        ratio: null,
        target: `≤ ${TARGET_MB} MB`,
        holds: ours <= TARGET_MB,
        detail: { samples },
      },
    ];
  },
} satisfies Bench;

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024);
}
