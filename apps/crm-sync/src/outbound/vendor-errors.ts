import { AppError, fixedError, RetryLater } from '@avtala/contracts';

/** The vendor said no to a call as a whole. Its words are never kept: they echo names and addresses. */
export class VendorRefused extends AppError {
  readonly kind = 'unprocessable';
  constructor(
    /** The vendor's code (category), cleaned. */
    readonly code: string,
    readonly status: number,
    /** Names of properties, never values. */
    readonly fields: readonly string[] = [],
    readonly requestId?: string,
    /** Of a conflict: the record in the way. */
    readonly existingId?: string,
    options?: ErrorOptions,
  ) {
    super(`The vendor refused: ${code}`, { code, status, fields, requestId }, options);
  }
}

/** The client took our access back, or the refresh token is not valid: only a person can connect again. */
export class ReconnectNeeded extends fixedError('conflict', 'reconnect-needed', 'The connection must be made again') {}

/** The account's calls of the day are used up, or what is left of them is the client's other apps'. Nothing is sent before. */
export class DailyLimit extends RetryLater {
  constructor(
    /** Business time: when the vendor's day is over. */
    readonly until: Temporal.Instant,
    options?: ErrorOptions,
  ) {
    super('daily-limit', undefined, options);
  }
}
