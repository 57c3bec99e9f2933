import { Db, noEngagement } from '@avtala/database';
import type { Principal, Role } from './principal.js';

interface PrincipalRow {
  user_id: string;
  role: Role;
  session_id: string;
  aal: number;
  auth_time: Date;
  engagement_ids: string[];
}

/** Resolves a session token to the person behind it by the one function that agency offers (security.md §1.4):
 * services may execute it and cannot read the session table. It also ends sessions that are too old or idle. */
export class Sessions {
  constructor(private readonly db: Db) {}

  /** @returns undefined for an unknown, ended, expired (12 h) or idle (30 min staff, 60 min client users; real time) session */
  async principalOf(token: string): Promise<Principal | undefined> {
    const rows = await this.db.withScope(
      noEngagement,
      (tx) => tx.query('select * from agency.principal($1)', [token]) as Promise<PrincipalRow[]>,
    );
    const row = rows[0];
    if (!row) return undefined;
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
}
