import { Injectable } from '@nestjs/common';
import type { Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { affected, Db, noEngagement, rows } from '@avtala/database';
import { AuthEvents } from './auth-events.js';
import { endSessions } from './own-sessions.js';

export interface SessionView {
  readonly id: string;
  readonly current: boolean;
  readonly method: string;
  readonly secondFactor: boolean;
  readonly network: string | null;
  readonly agent: string | null;
  readonly signedInAt: string;
  readonly lastSeenAt: string;
}

interface SessionRow {
  id: string;
  method: string | null;
  aal: number;
  network: string | null;
  agent: string | null;
  created_at: Date;
  seen_at: Date;
}

/** A person's own sessions (ASVS 7.5.2). */
@Injectable()
export class SessionList {
  constructor(
    private readonly db: Db,
    private readonly events: AuthEvents,
  ) {}

  async of(caller: Principal): Promise<SessionView[]> {
    const found = await this.db.withScope(noEngagement, (tx) =>
      rows<SessionRow>(
        tx,
        `select s.id, s.method, s.aal, s."createdAt" as created_at, s.seen_at, e.network, e.agent
           from auth_session s
           left join lateral (select network, agent from auth_event e where e.user_id = s."userId" and e.session_id = s.id
                               order by auth_event_id desc limit 1) e on true
          where s."userId" = $1 and s."createdAt" > clock_timestamp() - interval '12 hours'
            and s.seen_at > clock_timestamp() - case $2 when 'client' then interval '60 minutes' else interval '30 minutes' end
          order by s.seen_at desc`,
        [caller.userId, caller.role],
      ),
    );
    return found.map((s) => ({
      id: s.id,
      current: s.id === caller.sessionId,
      method: s.method ?? 'password',
      secondFactor: s.aal === 2,
      network: s.network,
      agent: s.agent,
      signedInAt: s.created_at.toISOString(),
      lastSeenAt: s.seen_at.toISOString(),
    }));
  }

  /** @throws Missing */
  async end(caller: Principal, id: string): Promise<void> {
    await this.db.withScope(noEngagement, async (tx) => {
      const ended = await affected(tx, `delete from auth_session where id = $1 and "userId" = $2`, [id, caller.userId]);
      if (!ended) throw new Missing('session');
      const { userId, role, sessionId, aal } = caller;
      await this.events.record(tx, { action: 'session.ended', userId, role, sessionId, aal, detail: { ended: id } });
    });
  }

  /** @returns how many ended */
  async endOthers(caller: Principal): Promise<number> {
    return this.db.withScope(noEngagement, async (tx) => {
      const { userId, role, sessionId, aal } = caller;
      const ended = await endSessions(tx, userId, sessionId);
      await this.events.record(tx, { action: 'sessions.ended', userId, role, sessionId, aal, detail: { ended } });
      return ended;
    });
  }
}
