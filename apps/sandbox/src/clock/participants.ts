import { join } from 'node:path';
import { JsonFile } from '../files.js';

/** What a participant says of itself: its earliest due moment, and whether it still works on something.
 * `seen` is its whole answer: two equal ones in a row mean that nothing moved in between. */
export interface Standing {
  name: string;
  next: number | null;
  /** A word for what is due then, the participant's own. */
  what: string | null;
  busy: boolean;
  seen: string;
}

/** A stand-in of this process that has due moments of its own. */
export interface LocalParticipant {
  name: string;
  due(): Promise<{ next: string | null; what?: string; busy: boolean }>;
}

const ASK_TIMEOUT_MS = 5_000;

/** Who shares the clock. The list is stored: a service that is being killed and started again is waited for, not forgotten. */
export class Participants {
  private constructor(
    private readonly file: JsonFile<Record<string, string>>,
    private readonly local: readonly LocalParticipant[],
  ) {}

  static async open(dir: string, local: readonly LocalParticipant[]): Promise<Participants> {
    return new Participants(await JsonFile.open<Record<string, string>>(join(dir, 'participants.json'), {}), local);
  }

  list(): { name: string; dueUrl: string }[] {
    return Object.entries(this.file.value).map(([name, dueUrl]) => ({ name, dueUrl }));
  }

  async register(name: string, dueUrl: string): Promise<void> {
    this.file.value = { ...this.file.value, [name]: dueUrl };
    await this.file.save();
  }

  async leave(name: string): Promise<void> {
    const { [name]: _left, ...rest } = this.file.value;
    this.file.value = rest;
    await this.file.save();
  }

  /** Tells everybody the offset and asks how they stand. Whoever does not answer counts as busy. */
  askAll(offsetMs: number): Promise<Standing[]> {
    return Promise.all([
      ...this.local.map(async (p) => standing(p.name, await p.due())),
      ...this.list().map((p) => ask(p.name, p.dueUrl, offsetMs)),
    ]);
  }
}

async function ask(name: string, dueUrl: string, offsetMs: number): Promise<Standing> {
  try {
    const response = await fetch(dueUrl, {
      headers: { 'avtala-clock-offset': String(offsetMs), accept: 'application/json' },
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return standing(name, await response.json());
  } catch {
    return { name, next: null, what: null, busy: true, seen: 'no answer' };
  }
}

function standing(name: string, answer: unknown): Standing {
  const { next, what, busy } = (answer ?? {}) as { next?: unknown; what?: unknown; busy?: unknown };
  const at = typeof next === 'string' ? Date.parse(next) : null;
  if (typeof busy !== 'boolean' || Number.isNaN(at))
    return { name, next: null, what: null, busy: true, seen: 'unreadable answer' };
  return { name, next: at, what: typeof what === 'string' ? what : null, busy, seen: JSON.stringify(answer) };
}
