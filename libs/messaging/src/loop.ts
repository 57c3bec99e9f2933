import { log } from '@avtala/observability';
import { Bell } from './bell.js';

/**
 * Runs a step again and again until stopped. A step says how long to rest after it in milliseconds, 0 = not at all;
 * a ring ends the rest, and the step is told of it (`rung`; also at the start and after no rest at all). A step that throws is logged and tried again after a pause that grows to 5 s: whatever it was
 * about to do is still in the database.
 */
export class Loop {
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(
    private readonly name: string,
    private readonly step: (rung: boolean) => Promise<number>,
    readonly bell = new Bell(),
  ) {}

  start(): void {
    this.#stopping = false;
    this.#running ??= this.#run();
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Waits for the step under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.bell.ring();
    await this.#running;
    this.#running = undefined;
  }

  async #run(): Promise<void> {
    let failures = 0;
    let rung = true;
    while (!this.#stopping) {
      let rest: number;
      try {
        rest = await this.step(rung);
        failures = 0;
      } catch (error) {
        if (this.#stopping) return;
        failures += 1;
        log.warn('messaging.step-failed', { step: this.name, attempt: failures }, error);
        rest = Math.min(50 * 2 ** failures, 5000);
      }
      rung = rest > 0 && !this.#stopping ? await this.bell.sleep(rest) : true;
    }
  }
}
