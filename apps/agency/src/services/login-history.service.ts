import { Injectable } from '@nestjs/common';
import { AuditTrail, type Principal, type Role } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { affected, Db, noEngagement, rows } from '@avtala/database';
import { AuthEvents } from './auth-events.js';

export interface SignInRow {
  readonly id: string;
  readonly at: Date;
  readonly act: string;
  readonly method: string | null;
  readonly result: string;
  readonly session_id: string | null;
  readonly network: string | null;
  readonly agent: string | null;
}

export interface HistoryPage {
  readonly limit: number;
  /** Last id of the page before. */
  readonly after?: string;
}

/** How long it can be seen when, how and from where somebody signed in. What happened stays in the audit trail, by ids. */
const KEPT = '12 months';
/** As `agency.principal` ends them; it deletes quietly, so what nobody asks for any more is ended, and told, here. */
const OVER = `a."createdAt" < clock_timestamp() - interval '12 hours'
  or a.seen_at < clock_timestamp() - case u.role when 'client' then interval '60 minutes' else interval '30 minutes' end`;

/** Who signed in when, how, and from roughly where (G2). */
@Injectable()
export class LoginHistory {
  constructor(
    private readonly db: Db,
    private readonly audit: AuditTrail,
    private readonly events: AuthEvents,
  ) {}

  /** One's own, newest first. */
  own(caller: Principal, page: HistoryPage): Promise<SignInRow[]> {
    return this.of(caller.userId, page);
  }

  /** Somebody else's: audited before it is shown.
   * @throws Missing for nobody of that id */
  async ofPerson(caller: Principal, userId: string, page: HistoryPage): Promise<SignInRow[]> {
    await this.db.withScope(noEngagement, async (tx) => {
      const there = await rows(tx, 'select 1 from auth_user where id = $1', [userId]);
      if (there.length === 0) throw new Missing('person');
      await this.audit.record(tx, { action: 'sign-ins.read', principal: caller, subjectIds: [userId] });
    });
    return this.of(userId, page);
  }

  /** Real time, safe to repeat. Ends sessions nobody came back to, and forgets what was kept long enough.
   * @returns how many of each */
  async sweep(): Promise<{ sessions: number; events: number }> {
    return this.db.withScope(noEngagement, async (tx) => {
      const ended = await rows<{ id: string; user_id: string; role: Role }>(
        tx,
        `with over as (
           delete from auth_session s using auth_session a join auth_user u on u.id = a."userId"
            where s.id = a.id and (${OVER}) returning s.id, s."userId" as user_id, u.role)
         select * from over`,
      );
      for (const { id, user_id, role } of ended)
        await this.events.record(tx, {
          action: 'session.ended',
          userId: user_id,
          role,
          sessionId: id,
          detail: { reason: 'time' },
        });
      const events = await affected(tx, `delete from auth_event where at < clock_timestamp() - interval '${KEPT}'`);
      return { sessions: ended.length, events };
    });
  }

  private of(userId: string, { limit, after }: HistoryPage): Promise<SignInRow[]> {
    return this.db.withScope(noEngagement, (tx) =>
      rows<SignInRow>(
        tx,
        `select auth_event_id as id, at, act, method, result, session_id, network, agent from auth_event
          where user_id = $1 and ($2::uuid is null or auth_event_id < $2) order by auth_event_id desc limit $3`,
        [userId, after ?? null, limit],
      ),
    );
  }
}
