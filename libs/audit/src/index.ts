export { originOf, readNote, signedNote, verifierKey, type Checkpoint } from './checkpoint.js';
export { LATE_SECONDS, Sealer, type SealingState } from './sealer.js';
export { provisionWitness, Witness } from './witness.js';
