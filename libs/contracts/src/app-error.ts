/** All the edges know of an error: HTTP turns it into a status, a consumer into "retry" (later) or "park" (the rest). */
export type ErrorKind =
  | 'invalid' // 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'missing' // 404
  | 'conflict' // 409
  | 'too-large' // 413
  | 'unprocessable' // 422
  | 'too-many' // 429
  | 'later'; // 503

/** A named failure with a stable code. `facts` are ids and rules, never a person's values. */
export abstract class AppError extends Error {
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;

  constructor(
    message: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The class of a failure that is always told in the same words:
 * `class NotAllowed extends fixedError('forbidden', 'not-allowed', 'Your role may not do this') {}` */
export function fixedError<const Code extends string>(kind: ErrorKind, code: Code, sentence: string) {
  abstract class FixedError extends AppError {
    readonly code = code;
    readonly kind = kind;
    constructor(options?: ErrorOptions) {
      super(sentence, {}, options);
    }
  }
  return FixedError;
}

/** Not ours to give, or not there: the answer is the same, so that ids of other engagements cannot be probed. */
export class Missing extends AppError {
  readonly code = 'not-found';
  readonly kind = 'missing';
  constructor(what: string, options?: ErrorOptions) {
    super(`No such ${what}`, { what }, options);
  }
}

/** Try again: a recipient is away, slow or limiting us. */
export class RetryLater extends AppError {
  readonly code: string;
  readonly kind = 'later';
  constructor(
    code: string,
    /** Not before this many milliseconds of real time; undefined = the usual backoff. */
    readonly afterMs?: number,
    options?: ErrorOptions,
  ) {
    super(`Try again later: ${code}`, { reason: code }, options);
    this.code = code;
  }
}
