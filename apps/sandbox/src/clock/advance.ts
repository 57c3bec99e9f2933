import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../web.js';
import type { Participants, Standing } from './participants.js';
import type { TestClock } from './test-clock.js';

const MINUTE = 60_000;

/** Moves the clock through every due moment up to a target, letting everybody finish at each (protocols.md §6). */
export class Advance {
  private running = false;
  private stopped = false;

  /** @param stallMs real time without any change after which those still busy are named
   * @param pauseMs between two rounds of asking while everybody is idle; five times that while somebody works */
  constructor(
    private readonly clock: TestClock,
    private readonly participants: Participants,
    private readonly stallMs = 60_000,
    private readonly pauseMs = 15,
  ) {}

  /** @returns the moment reached and how many stops at due moments it took
   * @throws Refusal 409 when another run is under way or the target lies behind us, 504 naming who makes no progress */
  async to(target: number): Promise<{ now: string; steps: number }> {
    if (this.running) throw refusal(409, 'clock-moving', 'The clock is being moved already');
    const iso = new Date(target).toISOString();
    const again = iso === this.clock.lastTarget;
    if (target < this.clock.now() && !again) throw refusal(409, 'clock-backwards', 'Time goes forward only');
    this.running = true;
    try {
      await this.clock.aimAt(iso);
      return { steps: await this.through(target), now: this.clock.iso() };
    } finally {
      this.running = false;
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private async through(target: number): Promise<number> {
    let steps = 0;
    // What was under way when the last run was killed is finished first: its due moment has already been reached.
    let next = await this.quiet();
    while (this.clock.now() < target) {
      const due = next !== null && next <= target;
      if (due) steps += 1;
      await this.clock.moveTo(due ? Math.min(target, endOfMinute(next as number)) : target);
      next = await this.quiet();
    }
    return steps;
  }

  /** Waits until nobody is busy and two rounds in a row got the same answers. @returns the least due moment, all of them ahead */
  private async quiet(): Promise<number | null> {
    let last = '';
    let changedAt = Date.now();
    for (;;) {
      if (this.stopped) throw refusal(503, 'stopping', 'The sandbox is stopping');
      const standings = await this.participants.askAll(this.clock.offsetMs);
      const now = this.clock.now();
      // Somebody whose due moment has passed has not noticed yet.
      const busy = standings.filter((s) => s.busy || (s.next !== null && s.next <= now));
      const seen = JSON.stringify(standings.map((s) => [s.name, s.busy, s.seen]));
      if (seen === last && busy.length === 0) return least(standings);
      if (seen !== last) changedAt = Date.now();
      else if (Date.now() - changedAt > this.stallMs) throw this.stalled(busy);
      last = seen;
      await sleep(busy.length === 0 ? this.pauseMs : this.pauseMs * 5);
    }
  }

  private stalled(busy: Standing[]): Refusal {
    const waitingFor = busy.map((s) => s.name);
    return new Refusal({
      status: 504,
      body: {
        code: 'clock-stalled',
        message: `No progress for ${this.stallMs / 1000} s; waiting for ${waitingFor.join(', ')}`,
        waitingFor,
        now: this.clock.iso(),
      },
    });
  }
}

function endOfMinute(moment: number): number {
  return Math.floor(moment / MINUTE) * MINUTE + MINUTE - 1;
}

function least(standings: Standing[]): number | null {
  const all = standings.flatMap((s) => (s.next === null ? [] : [s.next]));
  return all.length === 0 ? null : Math.min(...all);
}

function refusal(status: number, code: string, message: string): Refusal {
  return new Refusal({ status, body: { code, message } });
}
