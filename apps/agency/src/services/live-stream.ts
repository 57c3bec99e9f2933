import type { Principal, Role } from '@avtala/access';
import type { ServiceName } from '@avtala/contracts';
import { idsOf, shownTo } from '../domain/live-changes.js';
import type { Places } from '../domain/live-places.js';
import type { LiveSession } from '../storage/live-sessions.js';

/** An event of the log as it is kept for those who come back. */
export interface Heard {
  readonly owner: ServiceName;
  readonly lane: number;
  readonly place: number;
  readonly type: string;
  readonly engagementId: string;
  readonly leadId: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly at: string;
  /** Events of this type and engagement it stands for. */
  readonly count: number;
  /** Real time, milliseconds. */
  readonly heardAt: number;
}

/** Where a stream is written. */
export interface Outlet {
  write(text: string): void;
  /** Bytes that were written and have not left yet. */
  waiting(): number;
  end(): void;
  /** At once, without what still waits. */
  cut(): void;
}

/** A tab that does not take what it is sent is cut, and comes back when it does: what is kept for it must not grow. */
const MOST_WAITING = 256 * 1024;

/** One tab: who it is, what it may be shown, and up to where it has heard. */
export class LiveStream {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
  private engagements: ReadonlySet<string> | 'all';
  readonly openedAt = Date.now();
  private state: 'opening' | 'open' | 'closed' = 'opening';

  constructor(
    caller: Principal,
    public places: Places,
    private readonly outlet: Outlet,
  ) {
    this.userId = caller.userId;
    this.sessionId = caller.sessionId;
    this.role = caller.role;
    this.engagements = seesAll(caller.role) ? 'all' : new Set(caller.engagementIds);
  }

  /** From now on it is told what lies after those places. */
  open(places: Places): void {
    this.places = places;
    if (this.state === 'opening') this.state = 'open';
  }

  /** Says what of it may be shown; what was heard before is passed over. */
  tell(heard: Heard): void {
    const { owner, lane, place } = heard;
    if (this.state !== 'open' || place <= this.places.get(owner, lane)) return;
    this.places.raise(owner, lane, place);
    if (this.engagements !== 'all' && !this.engagements.has(heard.engagementId)) return;
    for (const shown of shownTo(this.role, heard.type)) {
      const { kind, state } = shown;
      const count = heard.count > 1 ? { count: heard.count } : {};
      const about = { kind, state, engagementId: heard.engagementId, ...idsOf(shown, heard.facts), ...count };
      this.say('change', { ...about, at: heard.at });
    }
  }

  /** @param name of the server-sent event. Each carries the id from which another stream goes on */
  say(name: 'ready' | 'change' | 'reset' | 'beat', data: object): void {
    if (this.state !== 'open') return;
    this.outlet.write(`id: ${this.places.toString()}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    if (this.outlet.waiting() <= MOST_WAITING) return;
    this.state = 'closed';
    this.outlet.cut();
  }

  /** Takes an engagement away before anything else is told. */
  leave(engagementId: string): void {
    if (this.engagements === 'all' || !this.engagements.has(engagementId)) return;
    this.engagements = new Set([...this.engagements].filter((id) => id !== engagementId));
    this.say('reset', { reason: 'access' });
  }

  /** Goes on with what the session may see now; ends with it, or with another role. */
  judge(now: LiveSession | undefined): void {
    if (!now || now.role !== this.role) return this.end();
    const before = this.engagements;
    if (before === 'all') return;
    const after = new Set(now.engagementIds);
    if (before.size === after.size && [...after].every((id) => before.has(id))) return;
    this.engagements = after;
    this.say('reset', { reason: 'access' });
  }

  end(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.outlet.end();
  }
}

const seesAll = (role: Role): boolean => role === 'admin' || role === 'dpo';
