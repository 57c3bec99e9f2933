import { Missing } from '@avtala/contracts';
import { Db, noEngagement } from '@avtala/database';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import {
  codeOf,
  HOST_CALENDAR,
  type CalendarAccess,
  type CalendarChanges,
  type HostCalendar,
} from '../outbound/host-calendar.js';
import { applyItems, keepFailure, keepRead, lockState, statesOf } from '../storage/calendar-cache.js';
import type { ConnectionRow } from '../storage/hosts.js';
import { Calendars } from './calendars.js';
import { HostChanges } from './host-changes.js';

/** What is long over is not kept, nor asked for. */
const BACK_HOURS = 24;

/** Brings what is kept of a host's calendar to what the vendor says now. */
@Injectable()
export class CalendarReader {
  readonly #running = new Map<string, Promise<void>>();

  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly calendars: Calendars,
    private readonly hostChanges: HostChanges,
    @Inject(HOST_CALENDAR) private readonly calendar: HostCalendar,
  ) {}

  /** Reads what changed, or everything. Those who ask for the same calendar together share one reading.
   * @throws what the vendor answered: RetryLater, CalendarRefused, …; its code is kept as the connection's health */
  read(connection: ConnectionRow, deadlineMs: number): Promise<void> {
    const running = this.#running.get(connection.id);
    if (running) return running;
    const reading = this.#read(connection, deadlineMs).finally(() => this.#running.delete(connection.id));
    this.#running.set(connection.id, reading);
    return reading;
  }

  async #read(connection: ConnectionRow, deadlineMs: number): Promise<void> {
    try {
      const access = (await this.calendars.accessOf([connection])).get(connection.id);
      if (!access) throw new Missing('calendar key');
      await this.#bring(access, deadlineMs);
    } catch (error) {
      const code = codeOf(error);
      // The vendor's words are never kept; an error of our own has none.
      log.warn('calendar.unreadable', { connectionId: connection.id, code }, code === 'unexpected' ? error : undefined);
      await this.db.withScope(noEngagement, (tx) => keepFailure(tx, connection.id, code));
      throw error;
    }
  }

  async #bring(access: CalendarAccess, deadlineMs: number): Promise<void> {
    const { connectionId } = access;
    const before = await this.db.withScope(noEngagement, (tx) => statesOf(tx, [connectionId]));
    const known = before.get(connectionId);
    const readAt = this.clock.now();
    const from = readAt.subtract({ hours: BACK_HOURS });
    const changes = await this.calendar.changes(access, known?.token ?? null, from, deadlineMs);
    // Before the token moves on: if we die in between, the same changes come again.
    await this.hostChanges.notice(connectionId, changes);
    await this.db.withScope(noEngagement, async (tx) => {
      const state = await lockState(tx, connectionId);
      if (!state) throw new Missing('calendar connection');
      // Somebody else was faster and may be further on: what we read could be older than what stands there.
      if (state.token !== (known?.token ?? null) || state.version !== (known?.version ?? 0)) return;
      const changed = await this.#apply(tx, connectionId, changes);
      await keepRead(tx, { connectionId, token: changes.token, readAt, changed });
    });
  }

  #apply(tx: Parameters<typeof applyItems>[0], connectionId: string, changes: CalendarChanges): Promise<boolean> {
    const last = new Map(changes.items.map((i) => [i.id, i])); // one that changed twice counts as it was last
    const kept = [...last.values()].flatMap((i) =>
      i.entries ? [{ item: i.id, entries: i.entries, replaces: i.replaces ?? null }] : [],
    );
    const gone = [...last.values()].filter((i) => !i.entries).map((i) => i.id);
    return applyItems(tx, connectionId, kept, gone, changes.full);
  }
}
