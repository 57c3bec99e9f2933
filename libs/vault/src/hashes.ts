import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { hmacSha256 } from './hmac.js';
import { normaliseEmail, normalisePhone, type NormalisedEmail } from './normalise.js';

/** Index value of a normalised e-mail (strict) or phone under its engagement's pepper: equal people meet inside an engagement and nowhere else. 32 bytes. */
export function blindIndex(pepper: KeyObject, kind: 'email' | 'phone', normalised: string): Buffer {
  return hmacSha256(pepper, `${kind}\0${normalised}`);
}

/** Key of the HMACs crm-sync keeps of what it wrote (protocols.md §2). Derived, never stored: it dies with the lead's data key. */
export function linkKey(dataKey: KeyObject): KeyObject {
  const derived = Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), 'crm-link', 32));
  return secretKey(derived);
}

export const SUPPRESSION_KINDS = ['email', 'email-loose', 'phone'] as const;
export interface SuppressionHash {
  readonly kind: (typeof SUPPRESSION_KINDS)[number];
  /** 32 bytes. */
  readonly hash: Buffer;
}

/** The values by which a "no" is remembered and recognised (B5): e-mail strict and loose, phone. A person is suppressed when any of theirs is stored.
 * Text that is no address or number gives no hash.
 * @param key the one global suppression key, `Vault.suppressionKey()` */
export function suppressionHashes(key: KeyObject, person: { email?: string; phone?: string }): SuppressionHash[] {
  const email = person.email ? normaliseEmail(person.email) : null;
  const phone = person.phone ? normalisePhone(person.phone) : null;
  return suppressionHashesOf(key, { ...(email ? { email } : {}), ...(phone ? { phone } : {}) });
}

/** The same of what is normalised already: reading a phone number again costs more than all three hashes, and an import reads each once. */
export function suppressionHashesOf(
  key: KeyObject,
  person: { email?: NormalisedEmail; phone?: string },
): SuppressionHash[] {
  const hash = (kind: SuppressionHash['kind'], value: string): SuppressionHash => ({
    kind,
    hash: hmacSha256(key, `suppression\0${kind}\0${value}`),
  });
  const { email, phone } = person;
  return [
    ...(email ? [hash('email', email.strict), hash('email-loose', email.loose)] : []),
    ...(phone ? [hash('phone', phone)] : []),
  ];
}

/** A KeyObject of these bytes, which are then overwritten. As a Buffer a key costs 5 times as much per use, and stays in the heap. */
export function secretKey(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
