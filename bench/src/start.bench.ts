import { join } from 'node:path';
import { median, type Bench } from './harness.js';
import { npmStart } from './installation.js';

const TARGET_MS = 3000;

/** `npm start` to the first answered request, on an installation that has been started before. */
export default {
  name: 'start',
  async run({ dir, log }) {
    const data = join(dir, 'data');
    const first = await npmStart(data);
    await first.stop();
    log(`first start ${Math.round(first.startedInMs)} ms`);
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const again = await npmStart(data);
      await again.stop();
      times.push(again.startedInMs);
      log(`start ${Math.round(again.startedInMs)} ms`);
    }
    const ours = Math.round(median(times));
    return [
      {
        name: 'start',
        ours,
        reference: null,
        unit: 'ms',
        ratio: null,
        target: `≤ ${TARGET_MS} ms`,
        holds: ours <= TARGET_MS,
        detail: { firstStartMs: Math.round(first.startedInMs), rounds: times.map(Math.round) },
      },
    ];
  },
} satisfies Bench;
