import { createHmac } from 'node:crypto';

const STEP_SECONDS = 30;

/** The six digits of RFC 6238 (HMAC-SHA-1, 30 s) for a secret as the authenticator app holds it.
 * @param secret base32 without padding
 * @param stepsAhead 0 = now, 1 = the next half minute (accepted too: clocks differ) */
export function totpCode(secret: string, epochMs: number, stepsAhead = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(epochMs / 1000 / STEP_SECONDS) + stepsAhead));
  const digest = createHmac('sha1', base32Bytes(secret)).update(counter).digest();
  const offset = digest[digest.length - 1]! & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** @throws RangeError on a character outside RFC 4648 base32 */
export function base32Bytes(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of text.replace(/=+$/, '').toUpperCase()) {
    const index = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char);
    if (index < 0) throw new RangeError('not base32');
    value = (value << 5) | index;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 0xff);
    }
  }
  return Buffer.from(bytes);
}
