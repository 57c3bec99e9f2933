export { AccessGuard, AccessOptions, requireFreshProof } from './access.guard.js';
export { accessProviders, type AccessSettings } from './access-providers.js';
export { auditReadingMigration } from './audit-reading.migration.js';
export { auditWritingMigration } from './audit-writing.migration.js';
export { auditSealingMigration } from './audit-sealing.migration.js';
export { ApiKeys, apiKeyHash } from './api-keys.js';
export { auditKey, auditMac, auditMigration, AuditTrail, type AuditFact } from './audit-trail.js';
export { CallerCheck } from './caller-check.js';
export { ContactsClient } from './contacts-client.js';
export { Allow, AllowKey, AllowService, Caller, Public, StepUp } from './decorators.js';
export { requireOwnOrigin } from './own-origin.js';
export {
  KEY_VERBS,
  requireEngagement,
  ROLES,
  scopeOfCaller,
  type Actor,
  type KeyPrincipal,
  type KeyVerb,
  type Principal,
  type Role,
  type ServicePrincipal,
} from './principal.js';
export { ForeignOrigin, NotAllowed, SecondFactorRequired, SignInRequired, StepUpRequired } from './errors.js';
export { OwnData, ReadsAreAudited } from './reads-are-audited.js';
export { serviceKey, ServiceTokens } from './service-tokens.js';
export {
  hasSessionCookie,
  SESSION_COOKIE,
  SESSION_SECONDS,
  sessionCookie,
  sessionTokenOf,
  signedCookie,
} from './session-cookie.js';
export { Sessions } from './sessions.js';
export { signIn, type SignIn } from './sign-in-client.js';
export { base32Bytes, totpCode } from './totp.js';
