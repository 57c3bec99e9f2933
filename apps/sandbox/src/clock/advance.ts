import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../web.js';
import type { Participants, Standing } from './participants.js';
import type { TestClock } from './test-clock.js';

const MINUTE = 60_000;

/** A due moment ahead of us, and what it is for. */
export interface Deadline {
  at: string;
  of: string;
  what: string | null;
}

/** How far a move has come; of the last one when none is under way. */
export interface Move {
  /** `stalled`: somebody made no progress; moving on tries again. */
  state: 'idle' | 'moving' | 'stalled';
  target: string | null;
  /** Due moments gone through. */
  steps: number;
  /** Who still works on what has become due. */
  waitingFor: string[];
}

/** Moves the clock through every due moment up to a target, letting everybody finish at each (protocols.md §6). */
export class Advance {
  private move: Move = { state: 'idle', target: null, steps: 0, waitingFor: [] };
  private stopped = false;
  private under: Promise<unknown> = Promise.resolve();

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
    const steps = await this.run(target);
    return { steps, now: this.clock.iso() };
  }

  /** The same without waiting for the end: `progress` tells how far it has come.
   * @throws Refusal 409 as `to` does */
  begin(target: number): Move {
    void this.run(target).catch((error: unknown) => {
      // A Refusal is told by `progress`; anything else too, as stalled, and here.
      if (!(error instanceof Refusal)) process.stderr.write(`sandbox: clock ${(error as Error).name}\n`);
    });
    return this.progress();
  }

  progress(): Move {
    return { ...this.move, waitingFor: [...this.move.waitingFor] };
  }

  /** The earliest due moment ahead; undefined when nothing is planned. */
  async next(): Promise<Deadline | undefined> {
    const ahead = (await this.participants.askAll(this.clock.offsetMs)).filter((s) => s.next !== null);
    const [first] = ahead.sort((a, b) => a.next! - b.next!);
    return first && { at: new Date(first.next!).toISOString(), of: first.name, what: first.what };
  }

  /** Up to and with what is due at this moment: the same minute's deadlines are one stop. */
  static endOf(deadline: Deadline): number {
    return endOfMinute(Date.parse(deadline.at));
  }

  /** Refuses before anything is awaited. */
  private run(target: number): Promise<number> {
    if (this.move.state === 'moving') throw refusal(409, 'clock-moving', 'The clock is being moved already');
    const iso = new Date(target).toISOString();
    const again = iso === this.clock.lastTarget;
    if (target < this.clock.now() && !again) throw refusal(409, 'clock-backwards', 'Time goes forward only');
    this.move = { state: 'moving', target: iso, steps: 0, waitingFor: [] };
    const going = this.go(target, iso);
    this.under = going;
    return going;
  }

  private async go(target: number, iso: string): Promise<number> {
    try {
      await this.clock.aimAt(iso);
      await this.through(target);
      this.move = { ...this.move, state: 'idle', waitingFor: [] };
      return this.move.steps;
    } catch (error) {
      this.move = { ...this.move, state: 'stalled' };
      throw error;
    }
  }

  /** Waits for the step under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.under.catch(() => undefined);
  }

  private async through(target: number): Promise<void> {
    // What was under way when the last run was killed is finished first: its due moment has already been reached.
    let next = await this.quiet();
    while (this.clock.now() < target) {
      const due = next !== null && next <= target;
      if (due) this.move.steps += 1;
      await this.clock.moveTo(due ? Math.min(target, endOfMinute(next as number)) : target);
      next = await this.quiet();
    }
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
      this.move.waitingFor = busy.map((s) => s.name);
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
