import { AppError, fixedError, type ErrorKind } from '@avtala/contracts';
import type { PasswordProblem } from './passwords.js';

/** Notice inside the binding months (A1); says when it can be given. */
export class BindingPeriod extends AppError {
  readonly code = 'binding-period';
  readonly kind = 'conflict';
  constructor(earliestOn: Temporal.PlainDate) {
    super(`Notice can be given on ${earliestOn.toString()} at the earliest`, { earliestOn: earliestOn.toString() });
  }
}

export class EndsTooEarly extends AppError {
  readonly code = 'ends-too-early';
  readonly kind = 'conflict';
  constructor(earliestEndOn: Temporal.PlainDate) {
    super(`The month is paid for: it can end on ${earliestEndOn.toString()} at the earliest`, {
      earliestEndOn: earliestEndOn.toString(),
    });
  }
}

export class NoticeAlreadyGiven extends AppError {
  readonly code = 'notice-already-given';
  readonly kind = 'conflict';
  constructor(effectiveEndAt: string) {
    super('Notice was given before', { effectiveEndAt });
  }
}

/** X is shorter than what the designated systems need to have forgotten everything. */
export class RetentionTooShort extends AppError {
  readonly code = 'retention-too-short';
  readonly kind = 'conflict';
  constructor(smallest: number) {
    super(`With these systems the retention must be ${smallest} months or more`, { smallest });
  }
}

export class EngagementOver extends fixedError('conflict', 'engagement-ended', 'The engagement has ended') {}

export class AssessedAhead extends fixedError(
  'invalid',
  'assessment-in-the-future',
  'An assessment is recorded after it was made',
) {}

export class ClientExists extends fixedError(
  'conflict',
  'client-exists',
  'There is a client with that organisation number',
) {}

/** Members must have an account. */
export class UnknownMember extends AppError {
  readonly code = 'unknown-member';
  readonly kind = 'unprocessable';
  constructor(count: number) {
    super('Some of these have no account', { count });
  }
}

export class AccountExists extends fixedError('conflict', 'account-exists', 'There is an account for that address') {}

/** Used, expired or never given: one answer, so that nothing can be learnt by trying. */
export class InvitationNotUsable extends fixedError(
  'missing',
  'invitation-not-usable',
  'This invitation cannot be used; ask for a new one',
) {}

const WHY: Readonly<Record<PasswordProblem, string>> = {
  'too-short': 'A password has at least 12 characters',
  'too-long': 'A password has at most 128 characters',
  'too-common': 'This password is too easy to guess',
  'like-account': 'A password is not made of your name or address',
};

export class PasswordRefused extends AppError {
  readonly code: string;
  readonly kind = 'invalid';
  constructor(problem: PasswordProblem) {
    super(WHY[problem]);
    this.code = `password-${problem}`;
  }
}

/** Too many failed sign-ins: wait, each time longer; nobody is locked out for good. */
export class SignInThrottled extends AppError {
  readonly code = 'sign-in-throttled';
  readonly kind = 'too-many';
  constructor(readonly retryAfterSeconds: number) {
    super('Too many failed attempts; wait before the next', { retryAfterSeconds });
  }
}

/** Never given, used, too old, or of another browser: one answer. */
export class ChallengeUnusable extends fixedError(
  'invalid',
  'challenge-unusable',
  'This took too long or was answered before; start again',
) {}

export class PasskeyRefused extends fixedError(
  'unauthenticated',
  'passkey-refused',
  'This passkey does not sign in here',
) {}

export class PasskeyNotAdded extends fixedError('invalid', 'passkey-not-added', 'This passkey could not be added') {}

export class PasskeyExists extends fixedError('conflict', 'passkey-exists', 'This passkey has been added before') {}

export class TooManyPasskeys extends fixedError('conflict', 'too-many-passkeys', 'A person has at most 20 passkeys') {}

/** Without it the account could be entered by nobody, or by a password alone. */
export class LastFactor extends fixedError(
  'conflict',
  'last-factor',
  'This is your only second factor: add another one first',
) {}

/** It does not answer, in time or in measure, or is not who it says: its metadata name another issuer. */
export class ProviderUnavailable extends fixedError(
  'later',
  'identity-provider-unavailable',
  'The sign-in service cannot be used right now',
) {}

/** State, nonce, PKCE, signature, algorithm, issuer, audience or times do not hold: one answer, the reason is in the log. */
export class ProviderAnswerRefused extends fixedError(
  'unauthenticated',
  'identity-provider-answer-refused',
  'What the sign-in service answered cannot be trusted; start again',
) {}

/** The person turned back there, or it does not let them in. */
export class ProviderDenied extends fixedError(
  'unauthenticated',
  'identity-provider-denied',
  'The sign-in service did not sign you in',
) {}

/** No account is bound to that identity, and none is made of it (docs/security.md §1.3 rule 5). */
export class NotInvited extends fixedError(
  'forbidden',
  'not-invited',
  'There is no account for you here; ask for an invitation',
) {}

export class IdentityTaken extends fixedError(
  'conflict',
  'identity-taken',
  'That identity belongs to another account, or this account has another one',
) {}

/** Used, expired, overtaken by a later one or never given: one answer. */
export class ResetNotUsable extends fixedError(
  'missing',
  'reset-not-usable',
  'This link cannot be used; ask for a new one',
) {}

export class RecoveryCodesShown extends fixedError(
  'conflict',
  'recovery-codes-shown',
  'These codes were shown once and cannot be shown again; make new ones',
) {}

/** An admin's own account is another admin's matter. */
export class OwnAccount extends fixedError('conflict', 'own-account', 'Another admin has to do this to your account') {}

export class LastAdmin extends fixedError('conflict', 'last-admin', 'There must be an admin: make another one first') {}

const KINDS: Readonly<Record<number, ErrorKind>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'missing',
  429: 'too-many',
};

/** A sign-in ceremony was refused; one sentence for all, so that an unknown address reads like a wrong password. */
export class CeremonyRefused extends AppError {
  readonly kind: ErrorKind;
  constructor(
    status: number,
    readonly code: string,
  ) {
    super('That did not work; check what you entered');
    this.kind = status >= 500 ? 'later' : (KINDS[status] ?? 'invalid');
  }
}
