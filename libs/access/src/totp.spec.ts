import { expect, test } from '@jest/globals';
import { totpCode } from './totp.js';

// RFC 6238 appendix B (SHA-1, its eight digits cut to six); the secret is "12345678901234567890".
test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('RFC 6238: at %d s the code is %s', (seconds, code) => {
  expect(totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1000)).toBe(code);
});

test('one step ahead is the next half minute', () => {
  expect(totpCode('GEZDGNBVGY3TQOJQ', 0, 1)).toBe(totpCode('GEZDGNBVGY3TQOJQ', 30_000));
  expect(() => totpCode('not base32!', 0)).toThrow(RangeError);
});
