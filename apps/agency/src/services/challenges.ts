import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Db, noEngagement, rows } from '@avtala/database';
import { ChallengeUnusable } from '../domain/errors.js';

export type ChallengeKind = 'passkey' | 'passkey-enrolment' | 'identity-provider';

interface NewChallenge<Data extends object> {
  readonly kind: ChallengeKind;
  /** Whose enrolment it is; only they can take it. */
  readonly userId?: string;
  readonly data: Data;
  readonly minutes: number;
}

/** What a ceremony leaves behind until the browser comes back: a row that is deleted when it is found, so that no answer counts twice, and a
 * cookie that binds it to this browser. */
@Injectable()
export class Challenges {
  constructor(private readonly db: Db) {}

  /** @returns the Set-Cookie line */
  async open<Data extends object>(challenge: NewChallenge<Data>): Promise<string> {
    const key = randomBytes(32).toString('base64url');
    await this.db.withScope(noEngagement, async (tx) => {
      await tx.query(`delete from sign_in_challenge where expires_at < clock_timestamp()`);
      await tx.query(
        `insert into sign_in_challenge (key_hash, kind, user_id, data, expires_at)
         values ($1, $2, $3, $4, clock_timestamp() + make_interval(mins => $5))`,
        [hashOf(key), challenge.kind, challenge.userId ?? null, JSON.stringify(challenge.data), challenge.minutes],
      );
    });
    return `${nameOf(challenge.kind)}=${key}; Max-Age=${challenge.minutes * 60}; ${ATTRIBUTES}`;
  }

  /** Finds and ends it, in a transaction of its own: also an answer that turns out wrong uses it up.
   * @throws ChallengeUnusable unknown, used, expired, of another browser or of another person */
  async take<Data extends object>(
    kind: ChallengeKind,
    cookieHeader: string | undefined,
    userId?: string,
  ): Promise<Data> {
    const key = keyIn(cookieHeader, nameOf(kind));
    if (!key) throw new ChallengeUnusable();
    const [found] = await this.db.withScope(noEngagement, (tx) =>
      rows<{ data: Data }>(
        tx,
        `delete from sign_in_challenge
          where key_hash = $1 and kind = $2 and user_id is not distinct from $3::uuid and expires_at > clock_timestamp()
          returning data`,
        [hashOf(key), kind, userId ?? null],
      ),
    );
    if (!found) throw new ChallengeUnusable();
    return found.data;
  }
}

/** The Set-Cookie line that forgets the cookie of a ceremony that is over. */
export const challengeOver = (kind: ChallengeKind): string => `${nameOf(kind)}=; Max-Age=0; ${ATTRIBUTES}`;

// Lax: the identity provider sends the browser back from another site.
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax';
const nameOf = (kind: ChallengeKind): string => `__Host-avtala.${kind}`;
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

function keyIn(cookieHeader: string | undefined, name: string): string | undefined {
  const found = (cookieHeader ?? '').split(/; */).filter((pair) => pair.startsWith(`${name}=`));
  return found.length === 1 ? found[0]!.slice(name.length + 1) : undefined;
}
