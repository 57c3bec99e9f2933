export { EpochCloseRunning, type CloseOptions, type CloseStep, type EpochClosed } from './close-epoch.js';
export { KeyDestroyed, type VersionedKey } from './engagement-keys.js';
export {
  blindIndex,
  linkKey,
  SUPPRESSION_KINDS,
  suppressionHashes,
  suppressionHashesOf,
  type SuppressionHash,
} from './hashes.js';
export { hmacSha256 } from './hmac.js';
export { FileKekProvider, type Assurance, type KekProvider } from './kek-provider.js';
export { makeKeys, type KeyMaker, type MadeKeys } from './made-keys.js';
export type { ReadyKey } from './key-blocks.js';
export { normaliseEmail, normalisePhone, type NormalisedEmail } from './normalise.js';
export {
  provisionVault,
  SUBJECT_KINDS,
  vaultUrlsOf,
  type SubjectKind,
  type VaultRole,
  type VaultUrls,
} from './provision.js';
export { seal, SealBroken, sealedBytes, sealInto, unseal } from './sealed-blob.js';
export { openVault, Vault, type KeyUse, type VaultOptions } from './vault.js';
