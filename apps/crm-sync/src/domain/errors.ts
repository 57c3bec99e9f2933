import { AppError, fixedError } from '@avtala/contracts';
import type { CrmKind } from './connection-rules.js';
import type { ContactField } from './mapping.js';

export class MappingInvalid extends AppError {
  readonly code = 'mapping-invalid';
  readonly kind = 'invalid';
  constructor(field: ContactField, problem: 'not-a-property' | 'used-twice' | 'reserved' | 'email-elsewhere') {
    super(`The mapping of ${field} cannot be used: ${problem}`, { field, problem });
  }
}

/** X does not leave the vendor time to purge before the erase-by date. `facts.smallestMonths` holds. */
export class RetentionTooShort extends AppError {
  readonly code = 'retention-too-short';
  readonly kind = 'conflict';
  constructor(kind: CrmKind, smallestMonths: number) {
    super(`With ${kind} the engagement must allow at least ${smallestMonths} months`, { kind, smallestMonths });
  }
}

/** The account lies outside the EEA, or nobody said where, and no safeguard is recorded (D4). */
export class SafeguardMissing extends AppError {
  readonly code = 'safeguard-missing';
  readonly kind = 'conflict';
  constructor(safeguards: readonly string[]) {
    super('An account outside the EEA needs a recorded transfer safeguard', { safeguards });
  }
}

/** What was given to sign in with does not fit the vendor. */
export class CredentialsInvalid extends AppError {
  readonly code = 'credentials-invalid';
  readonly kind = 'invalid';
  constructor(problem: 'refresh-token-only' | 'username-or-refresh-token' | 'login-host') {
    super(`The connection cannot be made with this: ${problem}`, { problem });
  }
}

export class AlreadyConnected extends AppError {
  readonly code = 'already-connected';
  readonly kind = 'conflict';
  constructor(kind: CrmKind, options?: ErrorOptions) {
    super(`The engagement already has a connection to ${kind}`, { kind }, options);
  }
}

export class PushBlockedByRule extends fixedError(
  'conflict',
  'push-blocked-by-rule',
  'A rule stopped it: there is nothing to try again',
) {}

export class PushUnderWay extends fixedError(
  'conflict',
  'push-under-way',
  'It is being sent: wait for the answer of the CRM',
) {}

/** It has ended, or nothing like it can be done in its state. */
export class PushNotOpen extends AppError {
  readonly code = 'push-not-open';
  readonly kind = 'conflict';
  constructor(act: string, state: string) {
    super(`There is nothing to ${act}: it is ${state}`, { act, state });
  }
}

/** Not the vendor's, or too old: which of it is nobody's business. */
export class WebhookRefused extends fixedError('unauthenticated', 'webhook-refused', 'Not accepted') {}
