import { requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import { statesOf, type CalendarState } from '../storage/calendar-cache.js';
import { connectionsById, connectionsOf, findHosts, hostsOf, listHosts } from '../storage/hosts.js';

export interface ConnectionHealth {
  id: string;
  hostId: string;
  kind: 'google' | 'caldav';
  /** `revoked`: its owner must connect it again. */
  state: 'connected' | 'unreadable' | 'revoked';
  readAt: Temporal.Instant | null;
  writtenAt: Temporal.Instant | null;
  code: string | null;
}

const REVOKED = new Set(['google-access-withdrawn', 'google-401', 'caldav-access-withdrawn']);

/** How calendars connected to an engagement's hosts are doing. */
@Injectable()
export class CalendarHealth {
  constructor(private readonly db: Db) {}

  /** @throws Missing a connection of no host in the caller's engagements */
  async of(caller: Principal, id: string): Promise<ConnectionHealth> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const [connection] = await connectionsById(tx, [id]);
      if (!connection || !(await findHosts(tx, [connection.hostId])).length) throw new Missing('calendar connection');
      return healthOf(connection, (await statesOf(tx, [id])).get(id));
    });
  }

  /** Of all hosts of an engagement, or of all the caller's, in the order they were added. @throws Missing */
  async list(caller: Principal, engagementId: string | undefined): Promise<ConnectionHealth[]> {
    if (engagementId !== undefined) requireEngagement(caller, engagementId);
    if (!caller.engagementIds.length) return [];
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const hostIds =
        engagementId === undefined ? (await listHosts(tx, null)).map((h) => h.id) : await hostsOf(tx, engagementId);
      const connections = await connectionsOf(tx, hostIds);
      const states = await statesOf(
        tx,
        connections.map((c) => c.id),
      );
      return connections.map((c) => healthOf(c, states.get(c.id))).sort((a, b) => (a.id < b.id ? -1 : 1));
    });
  }
}

function healthOf(
  c: { id: string; hostId: string; kind: 'google' | 'caldav' },
  s: CalendarState | undefined,
): ConnectionHealth {
  const code = s?.code ?? (s?.readAt ? null : 'not-read-yet');
  const state = code === null ? 'connected' : REVOKED.has(code) ? 'revoked' : 'unreadable';
  const { id, hostId, kind } = c;
  return { id, hostId, kind, state, readAt: s?.readAt ?? null, writtenAt: s?.writtenAt ?? null, code };
}
