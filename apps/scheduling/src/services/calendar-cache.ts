import { Db, noEngagement } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { busyOf, type CalendarEntry } from '../domain/calendar-entry.js';
import type { Span } from '../domain/span.js';
import { itemsOf, statesOf, type CachedItem, type CalendarState } from '../storage/calendar-cache.js';
import type { ConnectionRow } from '../storage/hosts.js';
import { CalendarReader } from './calendar-reader.js';

/** Business time: a reading this young is taken as it is. */
const FRESH_SECONDS = 60;
/** An older one is still shown, while a new one is fetched; beyond this the calendar must answer first, or is unreadable. */
const USABLE_SECONDS = 300;
/** What a list of slots waits for a calendar at most; the booking itself asks the calendar again. */
const DEADLINE_MS = 2_500;
/** Calendars counted through at a time in this process. */
const MOST_COUNTED = 500;

export interface CachedBusy {
  spans: Span[] | 'unreadable';
  readAt: Temporal.Instant | null;
}

interface Counted {
  version: number;
  range: Span;
  spans: Span[] | 'unreadable';
}

/** When hosts' own calendars make them busy, from what is kept of them. */
@Injectable()
export class CalendarCache {
  readonly #counted = new Map<string, Counted>();

  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly reader: CalendarReader,
  ) {}

  /** @returns by host; those without a calendar are absent */
  async busy(connections: readonly ConnectionRow[], range: Span): Promise<Map<string, CachedBusy>> {
    let states = await this.#states(connections);
    const late = connections.filter((c) => !this.#isUsable(states.get(c.id)));
    if (late.length) {
      await Promise.all(late.map((c) => this.reader.read(c, DEADLINE_MS).catch(() => undefined)));
      states = await this.#states(connections);
    }
    for (const c of connections) {
      if (!late.includes(c) && this.#age(states.get(c.id)) > FRESH_SECONDS)
        this.reader.read(c, DEADLINE_MS).catch(() => undefined); // its failure is kept as the connection's health
    }
    const found = await Promise.all(
      connections.map(async (c) => {
        const state = states.get(c.id);
        const spans = this.#isUsable(state) ? await this.#spans(c.id, state!.version, range) : 'unreadable';
        return [c.hostId, { spans, readAt: state?.readAt ?? null }] as const;
      }),
    );
    return new Map(found);
  }

  #states(connections: readonly ConnectionRow[]): Promise<Map<string, CalendarState>> {
    const ids = connections.map((c) => c.id);
    return this.db.withScope(noEngagement, (tx) => statesOf(tx, ids));
  }

  #age(state: CalendarState | undefined): number {
    if (!state?.readAt) return Infinity;
    return (this.clock.now().epochMilliseconds - state.readAt.epochMilliseconds) / 1000;
  }

  // After a failure the calendar is asked again by whoever comes next: access that was taken away is not made up for by what was read before.
  #isUsable(state: CalendarState | undefined): boolean {
    return state !== undefined && state.code === null && this.#age(state) <= USABLE_SECONDS;
  }

  async #spans(connectionId: string, version: number, range: Span): Promise<Span[] | 'unreadable'> {
    const known = this.#counted.get(connectionId);
    if (known?.version === version && known.range.from <= range.from && range.to <= known.range.to) return known.spans;
    const items = await this.db.withScope(noEngagement, (tx) => itemsOf(tx, connectionId));
    // Counted over more than was asked for: the next question is about the same weeks.
    const wide = { from: range.from - 2 * 1440, to: range.to + 31 * 1440 };
    const spans = countThrough(items, wide);
    this.#counted.delete(connectionId);
    this.#counted.set(connectionId, { version, range: wide, spans });
    if (this.#counted.size > MOST_COUNTED) this.#counted.delete(this.#counted.keys().next().value!);
    return spans;
  }
}

function countThrough(items: readonly CachedItem[], range: Span): Span[] | 'unreadable' {
  const replaced = Map.groupBy(
    items.flatMap((i) => i.replaces ?? []),
    (r) => r.id,
  );
  const entries = items.flatMap((i): CalendarEntry[] => {
    const except = replaced.get(i.item)?.map((r) => r.at);
    return except ? i.entries.map((e) => ({ ...e, except: [...(e.except ?? []), ...except] })) : i.entries;
  });
  try {
    return busyOf(entries, range);
  } catch {
    return 'unreadable'; // a series that is not counted through
  }
}
