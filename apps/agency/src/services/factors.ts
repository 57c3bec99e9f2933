import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Principal, requireFreshProof, SecondFactorRequired } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';

export interface FactorCounts {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
}

/** Which second factors a person has, and who may add one. */
@Injectable()
export class Factors {
  constructor(private readonly db: Db) {}

  of(userId: string): Promise<FactorCounts> {
    return this.db.withScope(noEngagement, (tx) => factorsOf(tx, userId));
  }

  /** A password alone enrols the first factor only: were it to add a second one, whoever guessed it would be past the first (ASVS 6.3.3).
   * @throws SecondFactorRequired, StepUpRequired */
  async requireMayEnrol(caller: Principal): Promise<void> {
    if (caller.aal === 2) return requireFreshProof(caller);
    const { totp, passkeys } = await this.of(caller.userId);
    if (totp || passkeys > 0) throw new SecondFactorRequired();
  }
}

export async function factorsOf(tx: EntityManager, userId: string): Promise<FactorCounts> {
  const [row] = await rows<FactorCounts>(
    tx,
    `select exists (select 1 from auth_two_factor t join auth_user u on u.id = t."userId"
                     where t."userId" = $1 and t.verified is not false and u."twoFactorEnabled") as totp,
            (select count(*)::int from passkey where user_id = $1) as passkeys,
            (select count(*)::int from recovery_code where user_id = $1) as "recoveryCodes"`,
    [userId],
  );
  return row!;
}
