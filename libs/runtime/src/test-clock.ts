import type { DueState } from '@avtala/messaging';
import { OffsetClock } from '@avtala/time';
import type { Request, Response } from 'express';

/** The sandbox's clock inside this process (protocols.md §6): it tells the offset with every question for what is due. */
export class TestClock {
  readonly clock: OffsetClock;

  private constructor(
    private readonly url: string,
    offsetMs: number,
  ) {
    this.clock = new OffsetClock(offsetMs);
  }

  /** @throws Error when the sandbox does not answer: starting on real time beside a moved clock would undo deadlines */
  static async follow(url: string): Promise<TestClock> {
    const response = await fetch(`${url}/clock`, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`The test clock at ${url} answered ${response.status}`);
    const { offsetMs } = (await response.json()) as { offsetMs: number };
    return new TestClock(url, offsetMs);
  }

  async register(name: string, dueUrl: string): Promise<void> {
    const response = await fetch(`${this.url}/participants`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, dueUrl }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`The test clock refused ${name}: ${response.status}`);
  }

  /** `GET /internal/<service>/due`: takes the offset, then says what is next and whether anybody is busy. */
  handler(dueState: () => Promise<DueState>): (req: Request, res: Response) => Promise<void> {
    return async (req, res) => {
      const offset = Number(req.headers['avtala-clock-offset']);
      if (Number.isFinite(offset)) this.clock.advanceTo(offset);
      const { next, ...rest } = await dueState();
      res.json({ next: next?.toString() ?? null, ...rest });
    };
  }
}
