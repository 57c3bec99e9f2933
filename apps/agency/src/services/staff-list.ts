import { AuditTrail, type Principal, type Role } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import { idleDates } from '../domain/account-life.js';

/** An account, or an invitation that was not accepted yet. */
export interface StaffLine {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly state: 'active' | 'disabled';
  readonly activeAt: Date;
  /** When the account goes if nobody uses it (E2). */
  readonly idleDeleteAt: Temporal.Instant;
  readonly secondFactor: boolean;
  readonly passkeys: number;
  readonly sessions: number;
  readonly engagementIds: string[];
}

export interface PendingInvitation {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly state: 'pending' | 'expired';
  readonly expiresAt: Date;
}

type Row = Omit<StaffLine, 'idleDeleteAt'>;

/** Who has an account with us. Staff are data subjects, too: each look is an entry in the audit trail (G3). */
@Injectable()
export class StaffList {
  constructor(
    private readonly db: Db,
    private readonly audit: AuditTrail,
  ) {}

  /** Everybody for the admin and the DPO; for a supervisor those who share an engagement. Invitations only for the admin. */
  async list(caller: Principal): Promise<{ people: StaffLine[]; invitations: PendingInvitation[] }> {
    const all = caller.role === 'admin' || caller.role === 'dpo';
    return this.db.withScope(noEngagement, async (tx) => {
      const people = await rows<Row>(
        tx,
        `select u.id, u.name, u.email, u.role, case when u.disabled_at is null then 'active' else 'disabled' end as state,
            u.active_at as "activeAt", coalesce(u."twoFactorEnabled", false) as "secondFactor",
            (select count(*)::int from passkey p where p.user_id = u.id) as passkeys,
            (select count(*)::int from auth_session s where s."userId" = u.id and s.aal = 2) as sessions,
            array(select m.engagement_id from membership m where m.user_id = u.id and ($1 or m.engagement_id = any($2)) order by 1) as "engagementIds"
           from auth_user u
          where $1 or exists (select from membership m where m.user_id = u.id and m.engagement_id = any($2)) or u.id = $3
          order by u.name, u.id`,
        [all, caller.engagementIds, caller.userId],
      );
      const invitations =
        caller.role === 'admin'
          ? await rows<PendingInvitation>(
              tx,
              `select invitation_id as id, email, role, expires_at as "expiresAt",
                  case when expires_at > clock_timestamp() then 'pending' else 'expired' end as state
                 from invitation where accepted_at is null and expires_at > clock_timestamp() - interval '30 days'
                order by created_at desc limit 200`,
            )
          : [];
      await this.audit.record(tx, {
        action: 'staff.listed',
        principal: caller,
        fields: ['name', 'email'],
        detail: { people: people.length },
      });
      const deleteAt = (row: Row) => idleDates(Temporal.Instant.fromEpochMilliseconds(row.activeAt.getTime())).deleteAt;
      return { people: people.map((row) => ({ ...row, idleDeleteAt: deleteAt(row) })), invitations };
    });
  }
}
