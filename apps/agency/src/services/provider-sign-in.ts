import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccessOptions, type Principal, requireFreshProof, SecondFactorRequired, SignInRequired } from '@avtala/access';
import { Db, isUniqueViolation, noEngagement, rows } from '@avtala/database';
import { IdentityTaken, NotInvited } from '../domain/errors.js';
import { type AcceptedAssurance, isMultiFactor, nameFrom, provedAt } from '../domain/provider-assurance.js';
import { type Flow, IdentityProvider, type ProvedIdentity } from '../outbound/identity-provider.js';
import { AuthEvents } from './auth-events.js';
import { InvitationsService } from './invitations.service.js';
import { OwnSessions } from './own-sessions.js';

/** Why somebody is sent to the provider; decided before they go, and kept with the challenge. */
export type Purpose =
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'invitation'; readonly invitationId: string }
  | { readonly kind: 'link' | 'step-up'; readonly sessionId: string };

export interface Pending {
  readonly flow: Flow;
  readonly purpose: Purpose;
}

/** Identity provider and what the operator believes it; without one, nothing here is offered. */
export class ProviderOptions {
  constructor(
    readonly provider: IdentityProvider | undefined,
    readonly name: string,
    readonly accepted: AcceptedAssurance,
  ) {}
}

/** Sign-in through the identity provider. A person there is (issuer, subject); an account is found by that alone, and none is made without an
 * invitation. A second factor there counts only when it says so (docs/security.md §1.3 rules 5 and 8). */
@Injectable()
export class ProviderSignIn {
  constructor(
    private readonly db: Db,
    private readonly options: ProviderOptions,
    private readonly invitations: InvitationsService,
    private readonly sessions: OwnSessions,
    private readonly events: AuthEvents,
  ) {}

  /** @throws InvitationNotUsable, SignInRequired, SecondFactorRequired, StepUpRequired */
  async purposeOf(
    kind: Purpose['kind'],
    invitation: string | undefined,
    caller: Principal | undefined,
  ): Promise<Purpose> {
    if (kind === 'sign-in') return { kind };
    if (kind === 'invitation') return { kind, invitationId: (await this.invitations.usable(invitation ?? '')).id };
    if (!caller) throw new SignInRequired();
    if (kind === 'link') {
      if (caller.aal !== 2) throw new SecondFactorRequired();
      requireFreshProof(caller);
    }
    return { kind, sessionId: caller.sessionId };
  }

  /** @param hint the ID token, sealed (`sealHint`)
   * @returns the Set-Cookie line, and whether our own second factor is still to come
   * @throws NotInvited, IdentityTaken, InvitationNotUsable, AccountExists, CeremonyRefused */
  async signIn(
    identity: ProvedIdentity,
    hint: string,
    purpose: Purpose,
    caller: Principal | undefined,
  ): Promise<{ cookie: string; aal: 1 | 2 }> {
    const before = 'sessionId' in purpose ? requireSame(caller, purpose.sessionId) : undefined;
    const aal = isMultiFactor(identity.claims, this.options.accepted) ? 2 : 1;
    const authTime = provedAt(identity.claims['auth_time'], Temporal.Instant.fromEpochMilliseconds(Date.now()));
    return this.db.withScope(noEngagement, async (tx) => {
      const userId = await this.accountOf(tx, identity, purpose, before);
      // Binding an identity is no proof beyond the one the session has.
      if (purpose.kind === 'link') return { cookie: '', aal: 2 };
      const provider = { issuer: identity.issuer, sid: identity.sid, hint };
      const cookie = await this.sessions.open(
        tx,
        { userId, aal, method: 'identity-provider', authTime, provider },
        before,
      );
      return { cookie, aal };
    });
  }

  private async accountOf(
    tx: EntityManager,
    identity: ProvedIdentity,
    purpose: Purpose,
    before: Principal | undefined,
  ): Promise<string> {
    const { issuer, subject } = identity;
    if (purpose.kind === 'invitation') {
      const userId = await this.invitations.acceptIn(tx, purpose.invitationId, nameFrom(identity.claims));
      await bind(tx, issuer, subject, userId);
      return userId;
    }
    if (purpose.kind === 'link') {
      const { userId, role, sessionId } = before!;
      await bind(tx, issuer, subject, userId);
      await this.events.record(tx, { action: 'oidc.linked', userId, role, sessionId, aal: 2 });
      return userId;
    }
    const [known] = await rows<{ user_id: string }>(
      tx,
      `select user_id from external_identity where issuer = $1 and subject = $2`,
      [issuer, subject],
    );
    if (!known) throw new NotInvited();
    return known.user_id;
  }
}

/** Whoever comes back must be the one who left: the same session, whatever its token by now. */
function requireSame(caller: Principal | undefined, sessionId: string): Principal {
  if (caller?.sessionId !== sessionId) throw new SignInRequired();
  return caller;
}

async function bind(tx: EntityManager, issuer: string, subject: string, userId: string): Promise<void> {
  const insert = `insert into external_identity (issuer, subject, user_id) values ($1, $2, $3)`;
  await tx.query(insert, [issuer, subject, userId]).catch((error: unknown) => {
    throw isUniqueViolation(error) ? new IdentityTaken({ cause: error }) : error;
  });
}

/** An ID token names a person: it lies sealed beside the session, and goes with it. */
export const sealHint = async (options: AccessOptions, idToken: string): Promise<string> =>
  (await import('better-auth/crypto')).symmetricEncrypt({ key: options.authSecret, data: idToken });
export const openHint = async (options: AccessOptions, sealed: string): Promise<string> =>
  (await import('better-auth/crypto')).symmetricDecrypt({ key: options.authSecret, data: sealed });
