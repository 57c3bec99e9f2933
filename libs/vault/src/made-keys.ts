import { createCipheriv, randomFillSync, randomUUIDv7, type KeyObject } from 'node:crypto';

/** What is needed to make keys for new leads elsewhere, in a worker thread of this process: it passes structured clone. Gone with the work,
 * within the time that keys stay in memory. */
export interface KeyMaker {
  readonly epoch: number;
  readonly kek: KeyObject;
}

/** Ids with keys, not yet in the key store: `Vault.enter` puts them there. */
export interface MadeKeys {
  readonly epoch: number;
  /** UUIDv7, so that rows of one import lie together. */
  readonly ids: string[];
  /** 32 bytes each, in the order of `ids`; whoever is through with them overwrites them. */
  readonly keys: Buffer;
  /** `WRAPPED_BYTES` each. */
  readonly wrapped: Uint8Array;
}

/** What a wrapped data key belongs to, as additional data. */
export const dataKeyContext = (epoch: number, kind: string, subject: string): string =>
  `dk:${epoch}:${kind}:${subject}`;

export const KEY_BYTES = 32;
const IV_BYTES = 12;
export const WRAPPED_BYTES = IV_BYTES + KEY_BYTES + 16;

/** Keys of their own for `n` leads, wrapped as `Vault.take` wraps its own. Random bytes are fetched once: each call costs 4 µs. */
export function makeKeys({ epoch, kek }: KeyMaker, n: number): MadeKeys {
  const keys = randomFillSync(Buffer.allocUnsafeSlow(n * KEY_BYTES));
  const ivs = randomFillSync(Buffer.allocUnsafeSlow(n * IV_BYTES));
  const wrapped = Buffer.allocUnsafeSlow(n * WRAPPED_BYTES);
  const ids: string[] = [];
  for (let i = 0, at = 0; i < n; i++) {
    const id = randomUUIDv7();
    ids.push(id);
    const iv = ivs.subarray(i * IV_BYTES, (i + 1) * IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', kek, iv).setAAD(Buffer.from(dataKeyContext(epoch, 'lead', id)));
    at += iv.copy(wrapped, at);
    at += cipher.update(keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES)).copy(wrapped, at);
    cipher.final();
    at += cipher.getAuthTag().copy(wrapped, at);
  }
  return { epoch, ids, keys, wrapped };
}
