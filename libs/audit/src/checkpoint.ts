import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import type { ServiceName } from '@avtala/contracts';

/** How many entries a trail had at a moment, and the root of the tree over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** Which trail a checkpoint is of. */
export function originOf(service: ServiceName): string {
  return `avtala/audit/${service}`;
}

/** A checkpoint as signed text: C2SP tlog-checkpoint inside a signed note, Ed25519. Any tool for those formats can check it.
 * @param key the installation's signing key, PKCS #8 Ed25519 */
export function signedNote(checkpoint: Checkpoint, key: KeyObject): string {
  const text = bodyOf(checkpoint);
  const signature = sign(null, Buffer.from(text), key);
  const line = Buffer.concat([keyId(checkpoint.origin, key), signature]).toString('base64');
  return `${text}\n— ${checkpoint.origin} ${line}\n`;
}

/** The public key as C2SP writes it: name, key id and key. To be published, so that others can check checkpoints. */
export function verifierKey(origin: string, key: KeyObject): string {
  const typed = Buffer.concat([Buffer.of(ED25519), rawPublic(key)]).toString('base64');
  return `${origin}+${keyId(origin, key).toString('hex')}+${typed}`;
}

/** @returns what the note says, when it is whole and signed by this key; undefined otherwise */
export function readNote(note: string, key: KeyObject): Checkpoint | undefined {
  const parts = /^(([^\n]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\n)\n— (\S+) ([A-Za-z0-9+/]+=*)\n$/.exec(note);
  if (!parts) return undefined;
  const [, text, origin, size, root, name, line] = parts as unknown as string[];
  const signed = Buffer.from(line!, 'base64');
  if (signed.toString('base64') !== line) return undefined; // in its one spelling: decoders ignore stray bits
  if (name !== origin || !signed.subarray(0, 4).equals(keyId(origin!, key))) return undefined;
  if (!verify(null, Buffer.from(text!), key, signed.subarray(4))) return undefined;
  return { origin: origin!, size: Number(size), root: Buffer.from(root!, 'base64') };
}

const ED25519 = 1;

function bodyOf({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

function keyId(name: string, key: KeyObject): Buffer {
  const data = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), rawPublic(key)]);
  return hash('sha256', data, 'buffer').subarray(0, 4);
}

function rawPublic(key: KeyObject): Buffer {
  const { x } = (key.type === 'public' ? key : createPublicKey(key)).export({ format: 'jwk' });
  return Buffer.from(x!, 'base64url');
}
