import { expect, it, test } from '@jest/globals';
import { normalRecoveryCode, recoveryCode } from './recovery-code.js';

it('has 24 characters of 5 bits, in groups', () => {
  const code = recoveryCode(Uint8Array.from({ length: 24 }, (_, i) => i + 224));
  expect(code).toBe('ABCD-EFGH-IJKL-MNOP-QRST-UVWX');
  expect(() => recoveryCode(new Uint8Array(8))).toThrow(RangeError);
});

test.each([
  ['ABCD-EFGH-IJKL-MNOP-QRST-UVWX', 'ABCDEFGHIJKLMNOPQRSTUVWX'],
  [' abcd efgh ijkl mnop qrst uvwx\n', 'ABCDEFGHIJKLMNOPQRSTUVWX'],
  ['ABCD-EFGH', undefined],
  ['ABCD-EFGH-IJKL-MNOP-QRST-UVW0', undefined],
  ['', undefined],
  ['A'.repeat(50_000), undefined],
])('%j is read as %s', (typed, expected) => expect(normalRecoveryCode(typed)).toBe(expected));
