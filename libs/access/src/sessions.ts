import type { Db } from '@avtala/database';
import { Gathered } from './gathered.js';
import type { Principal, Role } from './principal.js';

interface PrincipalRow {
  token: string;
  user_id: string;
  role: Role;
  session_id: string;
  aal: number;
  auth_time: Date;
  engagement_ids: string[];
}

/** Resolves session tokens to the people behind them by the one function that agency offers (security.md §1.4): services may execute it and cannot
 * read the session table. It also ends sessions that are too old or idle. Requests that come together are resolved by one statement. */
export class Sessions {
  private readonly gathered: Gathered<Principal>;

  constructor(db: Db) {
    this.gathered = new Gathered(async (tokens) => {
      const rows = await db.ask<PrincipalRow>({
        name: 'principals',
        sql: `select t.token, p.user_id, p.role, p.session_id, p.aal, p.auth_time, p.engagement_ids
              from unnest($1::text[]) as t (token) cross join lateral agency.principal(t.token) p`,
        parameters: [tokens],
      });
      return new Map(rows.map((row) => [row.token, principal(row)]));
    });
  }

  /** @returns undefined for an unknown, ended, expired (12 h) or idle (30 min staff, 60 min client users; real time) session */
  principalOf(token: string): Promise<Principal | undefined> {
    return this.gathered.ask(token);
  }
}

function principal(row: PrincipalRow): Principal {
  return {
    kind: 'user',
    userId: row.user_id,
    role: row.role,
    sessionId: row.session_id,
    aal: row.aal === 2 ? 2 : 1,
    authTime: Temporal.Instant.fromEpochMilliseconds(row.auth_time.getTime()),
    engagementIds: row.engagement_ids,
  };
}
