import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, noEngagement, rows } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { LastAdmin, OwnAccount } from '../domain/errors.js';
import { endSessions } from './own-sessions.js';

/** How the admin made sure who asks for new factors. */
export const IDENTITY_CHECKS = ['in-person', 'video-call', 'call-back'] as const;
export type IdentityCheck = (typeof IDENTITY_CHECKS)[number];

interface Target {
  readonly id: string;
  readonly role: string;
  readonly disabled: boolean;
}

/** What an admin does to others' accounts. Each acts at once: with the sessions everything that was open is over (ASVS 7.4). */
@Injectable()
export class AccountControl {
  constructor(
    private readonly db: Db,
    private readonly audit: AuditTrail,
  ) {}

  endSessions(caller: Principal, claim: IdempotencyClaim, userId: string): Promise<number> {
    return this.act(caller, claim, userId, 'account.sessions-ended', async () => ({}));
  }

  /** @throws OwnAccount, LastAdmin */
  disable(caller: Principal, claim: IdempotencyClaim, userId: string): Promise<number> {
    if (caller.userId === userId) throw new OwnAccount();
    return this.act(caller, claim, userId, 'account.disabled', async (tx, target) => {
      if (target.role === 'admin') await requireOtherAdmin(tx, userId);
      await tx.query(`update auth_user set disabled_at = coalesce(disabled_at, clock_timestamp()) where id = $1`, [
        userId,
      ]);
      await tx.query(`delete from password_reset where user_id = $1`, [userId]);
      return {};
    });
  }

  enable(caller: Principal, claim: IdempotencyClaim, userId: string): Promise<number> {
    return this.act(caller, claim, userId, 'account.enabled', async (tx) => {
      await tx.query(`update auth_user set disabled_at = null where id = $1`, [userId]);
      return {};
    });
  }

  /** For somebody who lost theirs: the next sign-in reaches the enrolment of new ones. What was looked at to know them is in the audit (ASVS 6.4.4).
   * @throws OwnAccount */
  resetFactors(
    caller: Principal,
    claim: IdempotencyClaim,
    userId: string,
    identityCheck: IdentityCheck,
  ): Promise<number> {
    if (caller.userId === userId) throw new OwnAccount();
    return this.act(caller, claim, userId, 'account.factors-reset', async (tx) => {
      await tx.query(`delete from auth_two_factor where "userId" = $1`, [userId]);
      await tx.query(`delete from passkey where user_id = $1`, [userId]);
      await tx.query(`delete from recovery_code where user_id = $1`, [userId]);
      await tx.query(`update auth_user set "twoFactorEnabled" = false where id = $1`, [userId]);
      return { identityCheck };
    });
  }

  /** @returns how many sessions ended; 0 for a repeat
   * @throws Missing */
  private async act(
    caller: Principal,
    claim: IdempotencyClaim,
    userId: string,
    action: string,
    change: (tx: EntityManager, target: Target) => Promise<Readonly<Record<string, string>>>,
  ): Promise<number> {
    return this.db.withScope(noEngagement, async (tx) => {
      if (await claimKey(tx, claim)) return 0;
      const [target] = await rows<Target>(
        tx,
        `select id, role, disabled_at is not null as disabled from auth_user where id = $1 for update`,
        [userId],
      );
      if (!target) throw new Missing('account');
      const detail = await change(tx, target);
      const ended = await endSessions(tx, userId);
      await tx.query(`delete from auth_verification where value = $1`, [userId]); // half a sign-in is over too
      await this.audit.record(tx, { action, principal: caller, subjectIds: [userId], detail: { ...detail, ended } });
      await settleKey(tx, claim, { status: 200, resourceId: userId });
      return ended;
    });
  }
}

/** Somebody must be able to let others in. The lock makes two admins who disable each other wait for one another. */
async function requireOtherAdmin(tx: EntityManager, userId: string): Promise<void> {
  const others = await rows(
    tx,
    `select id from auth_user where role = 'admin' and disabled_at is null and id <> $1 order by id for update`,
    [userId],
  );
  if (others.length === 0) throw new LastAdmin();
}
