import { Db, scopeOf } from '@avtala/database';
import { log } from '@avtala/observability';
import { Inject, Injectable } from '@nestjs/common';
import {
  codeOf,
  HOST_CALENDAR,
  RECIPIENT_OF,
  type CalendarAccess,
  type HostCalendar,
} from '../outbound/host-calendar.js';
import type { EventToRead } from '../storage/erasures.js';
import { connectionsById } from '../storage/hosts.js';
import { Calendars } from './calendars.js';

/** Calls to the vendor at the same time. */
const AT_ONCE = 4;

/** Takes events out of hosts' calendars and reads back that they are gone: done means read back (architecture.md §1). */
@Injectable()
export class CalendarErasure {
  constructor(
    private readonly db: Db,
    private readonly calendars: Calendars,
    @Inject(HOST_CALENDAR) private readonly calendar: HostCalendar,
  ) {}

  /** Blanks, deletes and reads back each event. Safe to repeat.
   * @returns those that did not confirm: the vendor does not answer, or says one thing and shows another */
  async erase<T extends EventToRead>(engagementId: string, events: readonly T[]): Promise<T[]> {
    if (!events.length) return [];
    const connectionIds = [...new Set(events.map((e) => e.connectionId))];
    const connections = await this.db.withScope(scopeOf(engagementId), (tx) => connectionsById(tx, connectionIds));
    const access = await this.calendars.accessOf(connections);
    const unconfirmed: T[] = [];
    const queue = [...events];
    const work = async () => {
      for (let event = queue.shift(); event; event = queue.shift()) {
        const opened = access.get(event.connectionId);
        if (!opened || !(await this.#isGone(opened, event.eventId))) unconfirmed.push(event);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return unconfirmed;
  }

  /** How the systems that hold these events are named in a receipt. */
  async recipients(engagementId: string, events: readonly EventToRead[]): Promise<string[]> {
    if (!events.length) return [];
    const ids = [...new Set(events.map((e) => e.connectionId))];
    const found = await this.db.withScope(scopeOf(engagementId), (tx) => connectionsById(tx, ids));
    const kinds = new Map(found.map((c) => [c.id, c.kind]));
    return [...new Set(ids.map((id) => RECIPIENT_OF[kinds.get(id) ?? 'google']))].sort();
  }

  async #isGone(access: CalendarAccess, eventId: string): Promise<boolean> {
    try {
      let read = await this.calendar.read(access, eventId);
      if (read && !read.blank) {
        await this.calendar.blank(access, eventId); // a cancelled event would keep its text
        read = await this.calendar.read(access, eventId);
      }
      if (read && !read.cancelled) {
        await this.calendar.remove(access, eventId);
        read = await this.calendar.read(access, eventId);
      }
      return !read || (read.blank && read.cancelled);
    } catch (error) {
      log.warn('calendar.erasure-unconfirmed', { connectionId: access.connectionId, code: codeOf(error) });
      return false;
    }
  }
}
