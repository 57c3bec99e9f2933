export { originOf, readNote, signedNote, verifierKey, type Checkpoint } from './checkpoint.js';
export { LATE_SECONDS, Sealer, type SealingState } from './sealer.js';
export { provisionWitness, Witness, witnessUrl } from './witness.js';
export { verifyTrail, type Finding, type Problem, type Verified, type VerifyOptions } from './verify.js';
export { NightlyCheck } from './nightly-check.js';
export {
  AuditLog,
  type AuditQuery,
  type InclusionProof,
  type LastCheck,
  type LoggedEntry,
  type ProvedPage,
  type SignedCheckpoint,
  checkSeen,
} from './audit-log.js';
export { leafData } from './entry.js';
export { consistencyHolds, inclusionHolds, leafHash, rootOf } from './merkle.js';
