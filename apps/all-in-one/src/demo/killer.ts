import type { Process } from '../child-process.js';
import type { Traffic } from './client.js';
import type { Report } from './report.js';
import type { Seeded } from './seeded.js';

export const KILL_PHASES = ['import', 'booking', 'push-or-invite', 'erasure'] as const;
export type KillPhase = (typeof KILL_PHASES)[number];

/** How many kills fall into each phase: one each while they last, the rest by the seed. */
export function planKills(kills: number, rng: Seeded): Map<KillPhase, number> {
  const plan = new Map<KillPhase, number>(KILL_PHASES.map((p, i) => [p, i < kills ? 1 : 0]));
  for (let n = KILL_PHASES.length; n < kills; n++) {
    const phase = rng.pick(KILL_PHASES);
    plan.set(phase, plan.get(phase)! + 1);
  }
  return plan;
}

/** Ends the services without warning while they work, and starts them again. PostgreSQL and the sandbox live on, as they would. */
export class Killer {
  private readonly plan: Map<KillPhase, number>;
  private restarting: Promise<void> | undefined;

  constructor(
    kills: number,
    private readonly rng: Seeded,
    private readonly app: Process,
    traffic: Traffic,
    private readonly report: Report,
    private readonly say: (text: string) => void,
  ) {
    this.plan = planKills(kills, rng);
    traffic.onAway(async () => {
      if (this.restarting) await this.restarting;
    });
  }

  /** Runs `work`; meanwhile kills as often as the plan says for this phase, each time at the first moment after a seeded delay
   * (0 to `withinMs`) at which `busy` says that work is in flight, and how many pieces. */
  async during<T>(
    phase: KillPhase,
    work: () => Promise<T>,
    busy: () => Promise<number> | number,
    withinMs: number,
  ): Promise<T> {
    const kills = this.plan.get(phase) ?? 0;
    const before = this.report.kills.length;
    let over = false;
    const working = work().finally(() => (over = true));
    const killing = (async () => {
      for (let n = 0; n < kills && !over; n++) {
        await new Promise((r) => setTimeout(r, this.rng.int(0, withinMs)));
        let inFlight = 0;
        while (!over && (inFlight = await busy()) === 0) await new Promise((r) => setTimeout(r, 2));
        if (over) break;
        await this.kill(phase, inFlight);
      }
    })();
    // A failure of the work is told first; the killer never outlives the phase.
    const result = await working.finally(() => killing.catch(() => undefined));
    await killing;
    this.carryOver(phase, kills - (this.report.kills.length - before));
    return result;
  }

  /** A phase may be over before its second kill is due: the next one takes it, so that as many happen as were asked for. */
  private carryOver(phase: KillPhase, left: number): void {
    const next = KILL_PHASES[KILL_PHASES.indexOf(phase) + 1];
    if (next) this.plan.set(next, (this.plan.get(next) ?? 0) + left);
  }

  private async kill(phase: KillPhase, inFlight: number): Promise<void> {
    this.restarting = (async () => {
      await this.app.kill();
      this.report.kills.push({ phase, inFlight });
      this.say(`killed the services during ${phase} with ${inFlight} in flight; starting them again`);
      await this.app.start(90_000);
    })();
    await this.restarting;
    this.restarting = undefined;
  }
}
