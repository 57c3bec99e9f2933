import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it, test } from '@jest/globals';
import { seal, SealBroken, unseal } from './sealed-blob.js';

const key = createSecretKey(randomBytes(32));
const aad = 'lead:0195c7a0-0000-7000-8000-000000000001:1';
const person = { name: 'Åsa Ek', email: 'asa@klient.example', phone: '+46701740605' };

describe('a sealed blob', () => {
  it('opens to what went in, with the same key and context', () => {
    expect(unseal(key, aad, seal(key, aad, person))).toEqual(person);
  });

  it('looks different every time', () => {
    expect(seal(key, aad, person).equals(seal(key, aad, person))).toBe(false);
  });

  it('does not open when any single byte is changed (ASVS 11.3)', () => {
    const blob = seal(key, aad, person);
    for (let i = 0; i < blob.length; i++) {
      const changed = Buffer.from(blob);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      expect(() => unseal(key, aad, changed)).toThrow(SealBroken);
    }
  });

  it('does not open cut or prolonged', () => {
    const blob = seal(key, aad, person);
    for (const wrong of [
      Buffer.alloc(0),
      blob.subarray(0, 20),
      blob.subarray(0, -1),
      Buffer.concat([blob, Buffer.of(0)]),
    ])
      expect(() => unseal(key, aad, wrong)).toThrow(SealBroken);
  });

  it('does not open for another subject, nor with another key', () => {
    const blob = seal(key, aad, person);
    expect(() => unseal(key, aad.replace('001:1', '002:1'), blob)).toThrow(SealBroken);
    expect(() => unseal(createSecretKey(randomBytes(32)), aad, blob)).toThrow(SealBroken);
  });
});

// 29 bytes of head and tag, then steps of 256 that also hold a length of 4 bytes.
test.each([
  [0, 256],
  [242, 256], // {"a":"…"} is 8 characters more: 4 + 8 + 242 = 254
  [244, 256],
  [245, 512],
  [5000, 5120],
])(
  'a text of %i letters takes %i bytes of padded plain text: the length of a name does not show',
  (letters, padded) => {
    expect(seal(key, aad, { a: 'x'.repeat(letters) })).toHaveLength(1 + 12 + padded + 16);
  },
);
