export { isPublicAddress } from './address-guard.js';
export { configureHttp } from './configure.js';
export { EventStream } from './event-stream.js';
export {
  claimsOf,
  claimStatements,
  nameOf as nameOfClaim,
  releaseKeys,
  settleKeys,
  type Claimed,
  type ExpectedAnswer,
} from './idempotency-batch.js';
export { idempotencyMigration } from './idempotency-migration.js';
export {
  answeredBefore,
  claimKey,
  claimOf,
  forgetKeys,
  IdempotencyKeyInUse,
  IdempotencyKeyMissing,
  IdempotencyKeyReused,
  IdempotentKey,
  pruneKeys,
  settleKey,
  useIdempotencySecret,
  type IdempotencyClaim,
  type SettledAnswer,
} from './idempotency.js';
export { RawBody, usableJson, verifyUtf8 } from './json-body.js';
export { networkOf } from './network.js';
export { ProblemFilter, toProblem } from './problem-filter.js';
export { problem, problemOf, RequestInvalid, STATUS_OF, type FieldProblem, type Problem } from './problem.js';
export {
  checkUrl,
  safeFetch,
  UrlRefused,
  type OperatorRules,
  type SafeAnswer,
  type SafeFetchOptions,
} from './safe-fetch.js';
export { securityHeaders } from './security-headers.js';
export { fieldProblems, IdPipe, ReadQuickly, validationPipe } from './validation.js';
