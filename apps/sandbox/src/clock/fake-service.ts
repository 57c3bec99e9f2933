import { setTimeout as sleep } from 'node:timers/promises';
import { listen, type Listening } from '../web.js';

/** A service for tests of the clock: it has due moments, and works on each for a while when the clock has passed it. */
export class FakeService {
  readonly done: { dueAt: string; at: string }[] = [];
  private busy = false;
  private server: Listening | undefined;

  /** @param due ISO moments @param workMs how long each takes; Infinity = it never gets done */
  constructor(
    private due: string[],
    private readonly workMs = 20,
    private readonly port = 0,
  ) {}

  async start(): Promise<string> {
    this.server = await listen(this.port, false, async ({ headers }) => {
      const now = new Date(Date.now() + Number(headers['avtala-clock-offset'])).toISOString();
      const [first] = this.due;
      if (first && first <= now && !this.busy) void this.work(first, now);
      return {
        status: 200,
        body: { next: this.due[0] ?? null, what: 'fake-work', busy: this.busy, handled: this.done.length },
      };
    });
    return `${this.server.url}/internal/fake/due`;
  }

  get listeningPort(): number {
    return this.server?.port ?? 0;
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  private async work(dueAt: string, at: string): Promise<void> {
    this.busy = true;
    if (this.workMs === Infinity) return;
    await sleep(this.workMs);
    this.due = this.due.slice(1);
    this.done.push({ dueAt, at });
    this.busy = false;
  }
}
