import { log } from '@avtala/observability';
import { unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { spanOf, type Span } from '../domain/span.js';
import { codeOf, HOST_CALENDAR, type CalendarAccess, type HostCalendar } from '../outbound/host-calendar.js';
import type { ConnectionRow } from '../storage/hosts.js';

/** What a request waits for a calendar at most; a slot list that is late helps nobody. */
const BUSY_DEADLINE_MS = 3_000;
/** Bookers who press together ask the calendar once. Real time. */
const SHARED_MS = 1_000;

/** Additional data of what is sealed in calendar_connection.access. */
export const connectionAad = (id: string): string => `connection:${id}:1`;

/** Opens connections and reads when their owners are busy. */
@Injectable()
export class Calendars {
  readonly #shared = new Map<string, { at: number; answer: Promise<Span[] | 'unreadable'> }>();

  constructor(
    private readonly vault: Vault,
    @Inject(HOST_CALENDAR) private readonly calendar: HostCalendar,
  ) {}

  /** A connection whose key is gone is absent. */
  async accessOf(connections: readonly ConnectionRow[]): Promise<Map<string, CalendarAccess>> {
    if (!connections.length) return new Map();
    const keys = await this.vault.open(
      'connection',
      connections.map((c) => c.id),
      'calendar',
    );
    return new Map(
      connections.flatMap((c) => {
        const key = keys.get(c.id);
        if (!key) return [];
        const opened = unseal(key, connectionAad(c.id), c.access);
        const access = { kind: c.kind, connectionId: c.id, zone: c.zone, ...opened } as CalendarAccess;
        return [[c.id, access] as const];
      }),
    );
  }

  /** Busy times of the hosts' own calendars; a calendar that cannot be read is `unreadable`, which counts as busy. Hosts without one are absent. */
  async busy(
    connections: readonly ConnectionRow[],
    from: Temporal.Instant,
    to: Temporal.Instant,
  ): Promise<Map<string, Span[] | 'unreadable'>> {
    const access = await this.accessOf(connections);
    const answers = await Promise.all(
      connections.map(async (c) => {
        const opened = access.get(c.id);
        return [c.hostId, opened ? await this.#busyOf(opened, from, to) : ('unreadable' as const)] as const;
      }),
    );
    return new Map(answers);
  }

  #busyOf(access: CalendarAccess, from: Temporal.Instant, to: Temporal.Instant): Promise<Span[] | 'unreadable'> {
    const key = `${access.connectionId} ${from.toString()} ${to.toString()}`;
    const now = Date.now();
    const known = this.#shared.get(key);
    if (known && now - known.at < SHARED_MS) return known.answer;
    for (const [k, { at }] of this.#shared) if (now - at >= SHARED_MS) this.#shared.delete(k);
    const answer = this.#ask(access, from, to);
    this.#shared.set(key, { at: now, answer });
    return answer;
  }

  async #ask(access: CalendarAccess, from: Temporal.Instant, to: Temporal.Instant): Promise<Span[] | 'unreadable'> {
    try {
      const times = await this.calendar.busy(access, from, to, BUSY_DEADLINE_MS);
      return times.map((t) => spanOf(t.from, t.to));
    } catch (error) {
      log.warn('calendar.unreadable', { connectionId: access.connectionId, code: codeOf(error) });
      return 'unreadable';
    }
  }
}
