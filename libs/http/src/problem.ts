import { AppError, type ErrorKind } from '@avtala/contracts';

/** One wrong field: where, which rule, and a sentence. Never the value that was sent. */
export interface FieldProblem {
  field: string;
  rule: string;
  message: string;
}

/** RFC 9457 problem details, as every error of our APIs answers them (application/problem+json). */
export interface Problem {
  /** `urn:avtala:problem:<code>` */
  type: string;
  title: string;
  status: number;
  /** Stable; clients match on this. */
  code: string;
  detail: string;
  errors?: FieldProblem[];
  /** Facts of an AppError: ids and rules, such as the smallest X that would hold. */
  facts?: Readonly<Record<string, unknown>>;
  /** Only with status 500: the id under which the cause was logged. */
  errorId?: string;
}

export const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  'too-large': 413,
  unprocessable: 422,
  'too-many': 429,
  later: 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'The request took too long',
  409: 'In conflict with what is there',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Cannot be processed',
  429: 'Too many requests',
  500: 'Something went wrong on our side',
  503: 'Try again later',
};

/** Codes for what the framework refuses before our code runs. */
const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'timeout',
  413: 'too-large',
  415: 'unsupported-media-type',
  422: 'unprocessable',
  429: 'too-many-requests',
};

export function problem(status: number, code: string, detail: string, more: Partial<Problem> = {}): Problem {
  return { type: `urn:avtala:problem:${code}`, title: TITLES[status] ?? 'Error', status, code, detail, ...more };
}

/** Problem of an AppError; its facts travel along, they hold ids and rules only. */
export function problemOf(error: AppError): Problem {
  const errors = error instanceof RequestInvalid ? { errors: [...error.errors] } : {};
  const facts = Object.keys(error.facts).length ? { facts: error.facts } : {};
  return problem(STATUS_OF[error.kind], error.code, error.message, { ...errors, ...facts });
}

/** Problem of a 4xx raised by the framework; its own text is dropped, since parsers quote the body in it. */
export function frameworkProblem(status: number, code = FRAMEWORK_CODES[status] ?? 'bad-request'): Problem {
  return problem(status, code, TITLES[status] ?? 'The request was refused');
}

/** A body, query or parameter that breaks its declared shape. */
export class RequestInvalid extends AppError {
  readonly code = 'request-invalid';
  readonly kind = 'invalid';
  constructor(
    readonly errors: readonly FieldProblem[],
    options?: ErrorOptions,
  ) {
    super('Some fields are not valid', {}, options);
  }
}
