import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Principal } from '@avtala/access';
import { affected, Db, isUniqueViolation, noEngagement, rows } from '@avtala/database';
import { log } from '@avtala/observability';
import { PasskeyExists, PasskeyNotAdded, PasskeyRefused, TooManyPasskeys } from '../domain/errors.js';
import { AuthEvents } from './auth-events.js';
import { Challenges } from './challenges.js';
import { endSessions, OwnSessions } from './own-sessions.js';
import type { assertionIn, attestationIn } from './passkey-answer.js';
import type { RelyingParty } from './relying-party.js';

const MINUTES = 5;
const MOST = 20;
/** COSE: ES256, EdDSA, RS256. What authenticators have; nothing else is verified. */
const ALGORITHMS = [-7, -8, -257];

interface KeyRow {
  passkey_id: string;
  user_id: string;
  public_key: Buffer;
  counter: string;
}

interface Asked {
  readonly party: RelyingParty;
  readonly cookies: string | undefined;
}

/** Passkeys (WebAuthn level 3), by @simplewebauthn/server: better-auth's plugin does not insist on user verification (docs/adr/0015).
 * A passkey proves two factors at once: the device, and the finger or PIN on it. */
@Injectable()
export class Passkeys {
  constructor(
    private readonly db: Db,
    private readonly challenges: Challenges,
    private readonly sessions: OwnSessions,
    private readonly events: AuthEvents,
  ) {}

  /** @param caller who may enrol (Factors.requireMayEnrol)
   * @returns what `navigator.credentials.create({ publicKey })` takes, as JSON, and the Set-Cookie line */
  async enrolment(caller: Principal, party: RelyingParty): Promise<{ options: object; cookie: string }> {
    const challenge = randomBytes(32).toString('base64url');
    const { user, known } = await this.db.withScope(noEngagement, async (tx) => ({
      user: (
        await rows<{ name: string; email: string }>(tx, `select name, email from auth_user where id = $1`, [
          caller.userId,
        ])
      )[0]!,
      known: await credentialsOf(tx, caller.userId),
    }));
    const cookie = await this.challenges.open({
      kind: 'passkey-enrolment',
      userId: caller.userId,
      data: { challenge },
      minutes: MINUTES,
    });
    return {
      cookie,
      options: {
        challenge,
        rp: { id: party.id, name: 'Avtala' },
        user: { id: handleOf(caller.userId), name: user.email, displayName: user.name },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        timeout: MINUTES * 60_000,
        attestation: 'none',
        excludeCredentials: known,
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      },
    };
  }

  /** Keeps the passkey; it is proof of who is there, so the session is raised to two factors, and the others end (ASVS 7.4.3).
   * @throws ChallengeUnusable, PasskeyNotAdded, PasskeyExists, TooManyPasskeys */
  async add(
    caller: Principal,
    answer: ReturnType<typeof attestationIn>,
    name: string,
    asked: Asked,
  ): Promise<{ id: string; cookie: string }> {
    const { challenge } = await this.challenges.take<{ challenge: string }>(
      'passkey-enrolment',
      asked.cookies,
      caller.userId,
    );
    const made = await verifiedAttestation(answer, challenge, asked.party);
    const id = randomUUIDv7();
    return this.db.withScope(noEngagement, async (tx) => {
      await tx.query(`select 1 from auth_user where id = $1 for update`, [caller.userId]); // twenty, also when two are added at once
      if ((await credentialsOf(tx, caller.userId)).length >= MOST) throw new TooManyPasskeys();
      await tx
        .query(
          `insert into passkey (passkey_id, user_id, credential_id, public_key, counter, transports, synced, name)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [
            id,
            caller.userId,
            Buffer.from(made.credential.id, 'base64url'),
            Buffer.from(made.credential.publicKey),
            made.credential.counter,
            answer.transports,
            made.credentialBackedUp,
            name,
          ],
        )
        .catch((error: unknown) => {
          throw isUniqueViolation(error, 'one_passkey_per_credential') ? new PasskeyExists({ cause: error }) : error;
        });
      await this.events.record(tx, {
        action: 'passkey.added',
        userId: caller.userId,
        role: caller.role,
        sessionId: caller.sessionId,
        aal: 2,
        detail: { passkeyId: id },
      });
      const cookie = await this.sessions.open(tx, { userId: caller.userId, aal: 2, method: 'passkey' }, caller);
      await endSessions(tx, caller.userId, caller.sessionId);
      return { id, cookie };
    });
  }

  /** @returns what `navigator.credentials.get({ publicKey })` takes; whose passkey it will be is not known yet */
  async signInOptions(party: RelyingParty): Promise<{ options: object; cookie: string }> {
    const challenge = randomBytes(32).toString('base64url');
    const cookie = await this.challenges.open({ kind: 'passkey', data: { challenge }, minutes: MINUTES });
    return {
      cookie,
      options: {
        challenge,
        rpId: party.id,
        timeout: MINUTES * 60_000,
        userVerification: 'required',
        allowCredentials: [],
      },
    };
  }

  /** Signs in, or steps up when the same person is signed in.
   * @returns the Set-Cookie line of the session
   * @throws ChallengeUnusable, PasskeyRefused, CeremonyRefused */
  async signIn(answer: ReturnType<typeof assertionIn>, asked: Asked, before?: Principal): Promise<string> {
    const { challenge } = await this.challenges.take<{ challenge: string }>('passkey', asked.cookies);
    const key = await this.db.withScope(noEngagement, (tx) => keyOf(tx, answer.id));
    if (!key) throw new PasskeyRefused();
    const { userHandle } = answer.response;
    if (userHandle !== undefined && userHandle !== handleOf(key.user_id)) throw new PasskeyRefused();
    const counter = await verifiedCounter(answer, key, challenge, asked.party);
    return this.db.withScope(noEngagement, async (tx) => {
      // Authenticators that count go up with every use: a copy shows here, also when both are used at once. Others always say 0.
      const used = await affected(
        tx,
        `update passkey set counter = $2, used_at = clock_timestamp() where passkey_id = $1 and (counter < $2 or (counter = 0 and $2 = 0))`,
        [key.passkey_id, counter],
      );
      if (!used) throw refused('counter');
      return this.sessions.open(tx, { userId: key.user_id, aal: 2, method: 'passkey' }, before);
    });
  }
}

// Loaded when the first passkey is used: 0.7 s and 30 MB, most of it for certificates of attestation that we do not ask for.
const library = () => import('@simplewebauthn/server');

async function verifiedAttestation(answer: ReturnType<typeof attestationIn>, challenge: string, party: RelyingParty) {
  const { verifyRegistrationResponse } = await library();
  const { transports: _ours, ...response } = answer;
  const result = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: party.origins,
    expectedRPID: party.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch((cause: unknown) => {
    throw new PasskeyNotAdded({ cause });
  });
  if (!result.verified) throw new PasskeyNotAdded();
  return result.registrationInfo;
}

async function verifiedCounter(
  answer: ReturnType<typeof assertionIn>,
  key: KeyRow,
  challenge: string,
  party: RelyingParty,
): Promise<number> {
  const { verifyAuthenticationResponse } = await library();
  const result = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: party.origins,
    expectedRPID: party.id,
    credential: { id: answer.id, publicKey: new Uint8Array(key.public_key), counter: Number(key.counter) },
    requireUserVerification: true,
  }).catch((cause: unknown) => {
    throw refused('answer', cause);
  });
  if (!result.verified) throw refused('signature');
  return result.authenticationInfo.newCounter;
}

/** One answer for all reasons; ours is in the log. */
function refused(reason: string, cause?: unknown): PasskeyRefused {
  log.warn('passkey.refused', { reason });
  return new PasskeyRefused({ cause });
}

/** The user handle that lies on the authenticator: the id's 16 bytes, nothing that says who it is. */
const handleOf = (userId: string): string => Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');

async function keyOf(tx: EntityManager, credentialId: string): Promise<KeyRow | undefined> {
  const [key] = await rows<KeyRow>(
    tx,
    `select passkey_id, user_id, public_key, counter from passkey where credential_id = $1`,
    [Buffer.from(credentialId, 'base64url')],
  );
  return key;
}

async function credentialsOf(tx: EntityManager, userId: string): Promise<object[]> {
  const known = await rows<{ credential_id: Buffer; transports: string[] }>(
    tx,
    `select credential_id, transports from passkey where user_id = $1`,
    [userId],
  );
  return known.map((k) => ({
    type: 'public-key',
    id: k.credential_id.toString('base64url'),
    transports: k.transports,
  }));
}
