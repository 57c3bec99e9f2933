import { expect, test } from '@jest/globals';
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { hmacSha256 } from './hmac.js';

/** RFC 4231, those with texts and keys of at most 64 bytes. */
test.each([
  [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    Buffer.from('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
])('RFC 4231', (key, text, mac) => {
  expect(hmacSha256(createSecretKey(key), text).toString('hex')).toBe(mac);
});

test('is what Node says, for every length over several blocks, in any script, under keys in turn', () => {
  const keys = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(64)), createSecretKey(Buffer.of(1))];
  for (let length = 0; length < 400; length++) {
    for (const unit of ['a', 'å', '語', '\0', '😀']) {
      const [text, key] = [unit.repeat(length), keys[length % keys.length]!];
      expect(hmacSha256(key, text)).toEqual(createHmac('sha256', key).update(text).digest());
    }
  }
});

test('a lone surrogate and a text of a megabyte are hashed as Node hashes them', () => {
  const key = createSecretKey(randomBytes(32));
  for (const text of ['\ud800', 'x\udc00y', 'z'.repeat(1_000_000), 'short again'])
    expect(hmacSha256(key, text)).toEqual(createHmac('sha256', key).update(text).digest());
});
