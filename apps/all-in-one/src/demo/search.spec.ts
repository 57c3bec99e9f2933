import { describe, expect, it, test } from '@jest/globals';
import { formsOf } from './needles.js';
import { Matcher } from './search.js';

const finds = (value: string, haystack: Buffer): boolean => {
  const matcher = new Matcher(formsOf(value).map((bytes) => ({ needle: 0, bytes })));
  let hits = 0;
  matcher.scan(haystack, haystack.length, () => hits++);
  return hits > 0;
};

describe('searching for what should be gone', () => {
  const name = 'Åsa Öberg-Lindström';
  const b64 = (prefix: string) => Buffer.from(Buffer.from(`${prefix}${name} and more`, 'utf8').toString('base64'));
  test.each([
    ['plain', Buffer.from(`x${name}x`)],
    ['lower case', Buffer.from(`x${name.toLowerCase()}x`)],
    ['decomposed', Buffer.from(name.normalize('NFD'))],
    ['URL-encoded', Buffer.from(`?n=${encodeURIComponent(name)}&`)],
    ['form-encoded', Buffer.from(new URLSearchParams({ n: name }).toString())],
    ['base64 at offset 0', b64('')],
    ['base64 at offset 1', b64('a')],
    ['base64 at offset 2', b64('ab')],
    ['base64url', Buffer.from(Buffer.from(`??>${name}`).toString('base64url'))],
    ['quoted-printable', Buffer.from('=C3=85sa =C3=96berg-Lindstr=C3=B6m')],
    ['hex', Buffer.from(`\\x${Buffer.from(name).toString('hex')}`)],
    ['UTF-16 little endian', Buffer.from(name, 'utf16le')],
    ['UTF-16 big endian', Buffer.from(name, 'utf16le').swap16()],
  ])('sees a value written %s', (_, haystack) => {
    expect(finds(name, haystack)).toBe(true);
  });

  it('does not see what is not there', () => {
    expect(finds(name, Buffer.from('Åsa Lindström, Öberg'))).toBe(false);
  });

  it('sees a value that straddles two chunks of a file', async () => {
    const matcher = new Matcher(formsOf(name).map((bytes) => ({ needle: 7, bytes })));
    const text = Buffer.from(`${'-'.repeat(1000)}${name}${'-'.repeat(1000)}`);
    async function* chunks() {
      for (let i = 0; i < text.length; i += 9) yield text.subarray(i, i + 9);
    }
    const found: number[] = [];
    await matcher.scanStream(chunks(), (n) => found.push(n));
    expect(new Set(found)).toEqual(new Set([7]));
  });
});
