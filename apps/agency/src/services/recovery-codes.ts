import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccessOptions, type Principal, SESSION_COOKIE, signedCookie } from '@avtala/access';
import { affected, Db, noEngagement, rows } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { CeremonyRefused, RecoveryCodesShown } from '../domain/errors.js';
import { CODE_BYTES, CODES, normalRecoveryCode, recoveryCode } from '../domain/recovery-code.js';
import type { Answered, Asked } from './auth-door.js';
import { AuthEvents } from './auth-events.js';
import { codeCountedAs, onlyText } from './library-ceremonies.js';
import type { Offered } from './own-ceremonies.js';
import { OwnSessions } from './own-sessions.js';
import { SignInThrottle } from './sign-in-throttle.js';

/** Codes for the day the phone is gone: ten, shown once, kept as hashes, each good once as the second factor beside the password (ASVS 6.5.1). */
@Injectable()
export class RecoveryCodes {
  constructor(
    private readonly db: Db,
    private readonly sessions: OwnSessions,
    private readonly throttle: SignInThrottle,
    private readonly events: AuthEvents,
    private readonly options: AccessOptions,
  ) {}

  readonly offered: Offered = {
    'POST /two-factor/recovery-code': { who: 'anyone', answer: (asked, caller) => this.use(asked, caller) },
  };

  /** New codes; older ones stop working.
   * @throws RecoveryCodesShown for a repeat: nobody, we included, can show them again */
  async make(caller: Principal, claim: IdempotencyClaim): Promise<string[]> {
    const codes = Array.from({ length: CODES }, () => recoveryCode(randomBytes(CODE_BYTES)));
    await this.db.withScope(noEngagement, async (tx) => {
      if (await claimKey(tx, claim)) throw new RecoveryCodesShown();
      await tx.query(`delete from recovery_code where user_id = $1`, [caller.userId]);
      await tx.query(`insert into recovery_code (user_id, code_hash) select $1, unnest($2::bytea[])`, [
        caller.userId,
        codes.map((code) => this.hashOf(caller.userId, normalRecoveryCode(code)!)),
      ]);
      const { userId, role, sessionId, aal } = caller;
      await this.events.record(tx, { action: 'recovery-codes.made', userId, role, sessionId, aal });
      await settleKey(tx, claim, { status: 201, resourceId: caller.userId });
    });
    return codes;
  }

  /** After the password, instead of a code of the app; or as the second factor of a session through the identity provider. */
  private async use(asked: Asked, caller: Principal | undefined): Promise<Answered> {
    const typed = onlyText(asked.body, ['code'])['code']!;
    const tried = codeCountedAs(asked, caller);
    await this.throttle.before(tried, asked.address);
    const challenge = signedCookie(asked.headers.cookie, `${SESSION_COOKIE}.two_factor`, this.options.authSecret);
    const code = normalRecoveryCode(typed);
    const cookie = await this.db.withScope(noEngagement, async (tx) => {
      const userId = caller?.userId ?? (challenge && (await challenged(tx, challenge)));
      if (!userId || !code) return undefined;
      const used = await affected(tx, `delete from recovery_code where user_id = $1 and code_hash = $2`, [
        userId,
        this.hashOf(userId, code),
      ]);
      if (!used) return undefined;
      // The password's challenge is over: one sign-in, one session.
      if (!caller)
        await tx.query(`delete from auth_verification where identifier = any($1)`, [
          [challenge, `2fa-attempts-${challenge}`],
        ]);
      return this.sessions.open(tx, { userId, aal: 2, method: 'recovery-code' }, caller);
    });
    if (!cookie) {
      await this.throttle.failed(asked.address);
      throw new CeremonyRefused(401, 'invalid-code');
    }
    await this.throttle.succeeded(tried, asked.address);
    return { status: 200, body: { signedIn: true }, cookies: [cookie] };
  }

  private hashOf(userId: string, code: string): Buffer {
    return createHmac('sha256', this.options.authSecret).update(`recovery\0${userId}\0${code}`).digest();
  }
}

/** Whose password was right a moment ago: the library's challenge of the second factor (better-auth 1.7.25, two-factor plugin). */
async function challenged(tx: Parameters<typeof rows>[0], challenge: string): Promise<string | undefined> {
  const [row] = await rows<{ value: string }>(
    tx,
    `select value from auth_verification where identifier = $1 and "expiresAt" > clock_timestamp() for update`,
    [challenge],
  );
  return row?.value;
}
