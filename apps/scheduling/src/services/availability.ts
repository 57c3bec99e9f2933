import { Db, scopeOf } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import type { HostTime } from '../domain/free-starts.js';
import { instantOf, without, type Span } from '../domain/span.js';
import { busySlots } from '../storage/bookings.js';
import { connectionsOf, findHosts, type HostRow } from '../storage/hosts.js';
import { CalendarCache } from './calendar-cache.js';
import { Calendars } from './calendars.js';

/** A host, and when they are taken: by our meetings and by their own calendar. */
export interface HostAvailability {
  readonly hostId: string;
  readonly time: HostTime;
  readonly busy: readonly Span[];
  /** The own calendar did not answer: everything counts as busy. */
  readonly unreadable: boolean;
  /** When the own calendar was read, of what was read before; null when it was asked just now, or there is none. */
  readonly readAt: Temporal.Instant | null;
}

/** Reads when hosts are taken. Only a reading: the constraint decides who gets a slot. */
@Injectable()
export class Availability {
  constructor(
    private readonly db: Db,
    private readonly calendars: Calendars,
    private readonly cache: CalendarCache,
  ) {}

  /** As it is now: calendars are asked. For deciding.
   * @param within widened to whole days for the calendars, so that requests beside each other share an answer
   * @param mine.meeting one that is being moved: its own time is not in its way
   * @param mine.kept a slot kept for the same lead: neither is that
   * @returns in the order of `hostIds`; hosts that do not serve the engagement are absent */
  async now(
    engagementId: string,
    hostIds: readonly string[],
    within: Span,
    mine: { meeting?: Span; kept?: { hostId: string; blocked: Span } | undefined } = {},
  ): Promise<HostAvailability[]> {
    const days = { from: Math.floor(within.from / 1440) * 1440, to: Math.ceil(within.to / 1440) * 1440 };
    const { hosts, slots, connections } = await this.#ours(engagementId, hostIds, days);
    const serving = new Set(hosts.map((h) => h.id));
    const calendars = await this.calendars.busy(
      connections.filter((c) => serving.has(c.hostId)),
      instantOf(days.from),
      instantOf(days.to),
    );
    return hosts.map((host) => {
      const read = calendars.get(host.id) ?? [];
      const unreadable = read === 'unreadable';
      const outside = unreadable ? [days] : mine.meeting ? without(read, mine.meeting) : read;
      const taken = slots.get(host.id) ?? [];
      // No other slot touches a kept one, so what it blocks can be told from the rest.
      const others = mine.kept?.hostId === host.id ? without(taken, mine.kept.blocked) : taken;
      // Of a move only the constraint knows: slots are read without their bookings, so the old one cannot be told from the others.
      return { ...factsOf(host), busy: mine.meeting ? outside : [...others, ...outside], unreadable, readAt: null };
    });
  }

  /** As it was a moment ago: calendars as they were read last. For showing.
   * @param mine what the asker holds already, and may have again */
  async lately(
    engagementId: string,
    hostIds: readonly string[],
    within: Span,
    mine?: { hostId: string; blocked: Span },
  ): Promise<HostAvailability[]> {
    const { hosts, slots, connections } = await this.#ours(engagementId, hostIds, within);
    const serving = new Set(hosts.map((h) => h.id));
    const calendars = await this.cache.busy(
      connections.filter((c) => serving.has(c.hostId)),
      within,
    );
    return hosts.map((host) => {
      const read = calendars.get(host.id);
      const unreadable = read?.spans === 'unreadable';
      const outside = read === undefined || read.spans === 'unreadable' ? [] : read.spans;
      const all = [...(slots.get(host.id) ?? []), ...outside];
      const busy = mine?.hostId === host.id ? without(all, mine.blocked) : all;
      return { ...factsOf(host), busy: unreadable ? [within] : busy, unreadable, readAt: read?.readAt ?? null };
    });
  }

  async #ours(engagementId: string, hostIds: readonly string[], within: Span) {
    return this.db.withScope(scopeOf(engagementId), async (tx) => ({
      hosts: await findHosts(tx, hostIds, engagementId),
      slots: await busySlots(tx, hostIds, within),
      connections: await connectionsOf(tx, hostIds),
    }));
  }
}

const factsOf = (host: HostRow) => ({ hostId: host.id, time: { zone: host.zone, hours: host.hours } });
