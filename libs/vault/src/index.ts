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
export { FileKekProvider, type Assurance, type KekProvider } from './kek-provider.js';
export type { ReadyKey } from './key-blocks.js';
export { normaliseEmail, normalisePhone, type NormalisedEmail } from './normalise.js';
export { provisionVault, SUBJECT_KINDS, type SubjectKind, type VaultRole, type VaultUrls } from './provision.js';
export { seal, SealBroken, unseal } from './sealed-blob.js';
export { openVault, Vault, type KeyUse, type VaultOptions } from './vault.js';
