import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

const VERSION = 1; // first byte of every blob: another algorithm gets another number and both stay readable
const IV_BYTES = 12;
const TAG_BYTES = 16;
const STEP = 256; // padding: the length tells size classes, not the length of a name
const HEAD = 1 + IV_BYTES;

/** The blob is not what was sealed: changed, cut, for another subject, or under another key. Says no more on purpose. */
export class SealBroken extends Error {
  constructor(options?: ErrorOptions) {
    super('The sealed data does not open with this key and context', options);
    this.name = 'SealBroken';
  }
}

const context = (aad: string): Buffer => Buffer.from(`${VERSION}:${aad}`);

/** Encrypts one JSON object: version byte, random 96-bit IV, AES-256-GCM of (length, JSON, zeros up to a step of 256), tag.
 * @param aad what the blob belongs to, e.g. `lead:<id>:1`; the same text is needed to open it */
export function seal(key: KeyObject, aad: string, value: object): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  const sealed = sealBytes(key, aad, json, randomBytes(IV_BYTES));
  json.fill(0);
  return sealed;
}

/** `seal` of JSON that is bytes already.
 * @param iv 12 random bytes, used for nothing else */
function sealBytes(key: KeyObject | Buffer, aad: string, json: Uint8Array, iv: Buffer): Buffer {
  const plain = Buffer.alloc(sealedBytes(json.length) - HEAD - TAG_BYTES);
  plain.writeUInt32BE(json.length);
  plain.set(json, 4);
  const sealed = Buffer.allocUnsafe(HEAD + plain.length + TAG_BYTES);
  encrypt(key, aad, plain, iv, sealed, 0);
  plain.fill(0);
  return sealed;
}

/** Length of the blob of so many bytes of JSON. */
export function sealedBytes(jsonBytes: number): number {
  return HEAD + Math.ceil((4 + jsonBytes) / STEP) * STEP + TAG_BYTES;
}

let scratch = Buffer.alloc(STEP);

/** `seal` of a JSON text, for many at once: into the caller's buffer, `sealedBytes` long, with the caller's random bytes, which fetched one blob at a
 * time cost as much as the encryption.
 * @param iv 12 random bytes, used for nothing else */
export function sealInto(key: KeyObject | Buffer, aad: string, json: string, iv: Buffer, to: Buffer, at: number): void {
  const length = Buffer.byteLength(json);
  const size = sealedBytes(length) - HEAD - TAG_BYTES;
  if (scratch.length < size) scratch = Buffer.alloc(size);
  const plain = scratch.subarray(0, size);
  plain.writeUInt32BE(length);
  plain.write(json, 4);
  encrypt(key, aad, plain, iv, to, at);
  plain.fill(0);
}

function encrypt(key: KeyObject | Buffer, aad: string, plain: Buffer, iv: Buffer, to: Buffer, at: number): void {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(context(aad));
  to[at] = VERSION;
  iv.copy(to, at + 1);
  cipher.update(plain).copy(to, at + HEAD);
  cipher.final();
  cipher.getAuthTag().copy(to, at + HEAD + plain.length);
}

/** Opens what `seal` made. @throws SealBroken when key, context or a single bit differ */
export function unseal<T extends object = Record<string, unknown>>(key: KeyObject, aad: string, blob: Uint8Array): T {
  if (blob.length < HEAD + STEP + TAG_BYTES || blob[0] !== VERSION) throw new SealBroken();
  let plain: Buffer;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(1, HEAD), { authTagLength: TAG_BYTES })
      .setAAD(context(aad))
      .setAuthTag(blob.subarray(blob.length - TAG_BYTES));
    plain = Buffer.concat([decipher.update(blob.subarray(HEAD, blob.length - TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new SealBroken({ cause: error });
  }
  const value = JSON.parse(plain.toString('utf8', 4, 4 + plain.readUInt32BE())) as T;
  plain.fill(0);
  return value;
}
