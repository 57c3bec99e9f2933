const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Base32 characters of a code: 120 bits, so that a fast hash of it cannot be turned round (ASVS 6.5.2 asks for 112). */
export const CODE_BYTES = 24;
export const CODES = 10;

/** @param random 24 bytes, of which five bits each are used
 * @returns `ABCD-EFGH-…`, six groups */
export function recoveryCode(random: Uint8Array): string {
  if (random.length !== CODE_BYTES) throw new RangeError('a code is made of 24 random bytes');
  const text = [...random].map((byte) => ALPHABET[byte & 31]).join('');
  return text.match(/.{4}/g)!.join('-');
}

/** As it is hashed: however it was typed. @returns undefined for what cannot be a code */
export function normalRecoveryCode(typed: string): string | undefined {
  if (typed.length > 100) return undefined;
  const text = typed.toUpperCase().replaceAll(/[\s-]+/g, '');
  return /^[A-Z2-7]{24}$/.test(text) ? text : undefined;
}
