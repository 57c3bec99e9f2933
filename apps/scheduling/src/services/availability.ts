import { Db, scopeOf } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import type { HostTime } from '../domain/free-starts.js';
import { instantOf, without, type Span } from '../domain/span.js';
import { busySlots } from '../storage/bookings.js';
import { connectionsOf, findHosts } from '../storage/hosts.js';
import { Calendars } from './calendars.js';

/** A host, and when they are taken: by our meetings and by their own calendar. */
export interface HostAvailability {
  readonly hostId: string;
  readonly time: HostTime;
  readonly busy: readonly Span[];
  /** The own calendar did not answer: everything counts as busy. */
  readonly unreadable: boolean;
}

/** Reads when hosts are taken. Only a reading: the constraint decides who gets a slot. */
@Injectable()
export class Availability {
  constructor(
    private readonly db: Db,
    private readonly calendars: Calendars,
  ) {}

  /** @param within widened to whole days for the calendars, so that requests beside each other share an answer
   * @param own a meeting that is being moved: its own time is not in its way
   * @returns in the order of `hostIds`; hosts that do not serve the engagement are absent */
  async of(engagementId: string, hostIds: readonly string[], within: Span, own?: Span): Promise<HostAvailability[]> {
    const days = { from: Math.floor(within.from / 1440) * 1440, to: Math.ceil(within.to / 1440) * 1440 };
    const { hosts, slots, connections } = await this.db.withScope(scopeOf(engagementId), async (tx) => ({
      hosts: await findHosts(tx, hostIds, engagementId),
      slots: await busySlots(tx, hostIds, days),
      connections: await connectionsOf(tx, hostIds),
    }));
    const serving = new Set(hosts.map((h) => h.id));
    const calendars = await this.calendars.busy(
      connections.filter((c) => serving.has(c.hostId)),
      instantOf(days.from),
      instantOf(days.to),
    );
    return hosts.map((host) => {
      const read = calendars.get(host.id) ?? [];
      const unreadable = read === 'unreadable';
      const outside = unreadable ? [days] : own ? without(read, own) : read;
      // Of a move only the constraint knows: slots are read without their bookings, so the old one cannot be told from the others.
      return {
        hostId: host.id,
        time: { zone: host.zone, hours: host.hours },
        busy: own ? outside : [...(slots.get(host.id) ?? []), ...outside],
        unreadable,
      };
    });
  }
}
