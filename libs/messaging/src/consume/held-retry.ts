import { Loop } from '../loop.js';
import type { Surroundings } from '../transport/transport.js';
import { BatchRunner } from './batch-runner.js';
import { IS_HEAD } from './held.js';
import type { Lane } from './lane.js';
import { processHeld } from './process-batch.js';

/** Looks for due events this often, ms: replay, skip and backoff ring no bell. */
const POLL_MS = 250;

const LOOK = 'SELECT FROM held WHERE grp = $1 AND due_at <= clock_timestamp() LIMIT 1';
/** So often it looks for a lane that nobody works on, then waits for one: where there is much to read they are nearly all taken, always. */
const LOOKS = 4;
const CLAIM = `SELECT topic, lane FROM cursor c WHERE grp = $1 AND EXISTS (SELECT FROM held h WHERE h.grp = c.grp AND h.topic = c.topic
    AND h.lane = c.lane AND h.due_at <= clock_timestamp() AND ${IS_HEAD})
  ORDER BY random() LIMIT 1 FOR UPDATE OF c`;

/** Tries held events of a group again when they are due, on both transports, under the lock of their lane. */
export class HeldRetry {
  readonly #loop: Loop;
  readonly #runner: BatchRunner;
  #looked = 0;

  constructor(private readonly s: Surroundings) {
    this.#runner = new BatchRunner(s.db, s.service, s.progress, () => undefined);
    this.#loop = new Loop('held', () => this.#step());
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.bell.ring();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #step(): Promise<number> {
    const group = this.s.service;
    if (!(await this.s.db.glance(LOOK, [group])).length) return POLL_MS;
    const result = await this.#runner.run(
      () => ({ sql: this.#looked < LOOKS ? `${CLAIM} SKIP LOCKED` : CLAIM, parameters: [group] }),
      async (tx, _mode, [claimed]) => {
        const claim = claimed as Lane | undefined;
        return claim && processHeld(tx, group, claim, this.s.handlers);
      },
    );
    this.#looked = result ? 0 : this.#looked + 1;
    return result ? 0 : POLL_MS;
  }
}
