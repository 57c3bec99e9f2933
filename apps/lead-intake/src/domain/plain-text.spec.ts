import { expect, test } from '@jest/globals';
import { isPlainText } from './plain-text.js';

test('a plain character is what every form of normalisation makes of it, visible, and next to any other one too', () => {
  const plain = Array.from({ length: 0x3000 }, (_, unit) => String.fromCharCode(unit)).filter(isPlainText);
  expect(plain).toEqual(expect.arrayContaining(['a', 'Ö', 'é', ' ', '-', '~']));
  for (const c of plain) {
    expect([c.normalize('NFC'), c.normalize('NFKC')]).toEqual([c, c]);
    expect(c).not.toMatch(/[\p{Cc}\p{Cf}\p{M}]/u);
  }
  expect(plain.filter((c) => /\s/.test(c))).toEqual([' ']);
  expect(plain.filter((c) => /\p{Pd}/u.test(c))).toEqual(['-']);
  const all = plain.join('');
  expect(all.normalize('NFKC')).toBe(all);
});
