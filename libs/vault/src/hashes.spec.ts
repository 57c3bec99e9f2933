import { createSecretKey } from 'node:crypto';
import { describe, expect, it, test } from '@jest/globals';
import { blindIndex, linkKey, suppressionHashes } from './hashes.js';

const key = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
const values = (person: { email?: string; phone?: string }) =>
  new Set(suppressionHashes(key(1), person).map((h) => `${h.kind}:${h.hash.toString('hex')}`));
const meet = (a: object, b: object) => [...values(a)].some((value) => values(b).has(value));

test.each([
  ['the same address in capitals', { email: 'anna@klient.example' }, { email: ' ANNA@Klient.Example. ' }, true],
  ['another plus-tag', { email: 'anna+a@klient.example' }, { email: 'anna+b@klient.example' }, true],
  ['the tag taken off', { email: 'anna+a@klient.example' }, { email: 'anna@klient.example' }, true],
  ['Gmail with dots', { email: 'an.na@gmail.com' }, { email: 'anna@googlemail.com' }, true],
  ['the phone by another spelling', { phone: '070-174 06 05' }, { phone: '+46 70 174 06 05' }, true],
  [
    'the phone, with a new address',
    { phone: '0701740605', email: 'a@k.example' },
    { phone: '0701740605', email: 'b@k.example' },
    true,
  ],
  ['somebody else', { email: 'anna@klient.example' }, { email: 'bo@klient.example' }, false],
  ['no address at all', { email: 'anna' }, { email: 'anna' }, false],
])('B5: a suppressed person is recognised, %s', (_, stored, met, recognised) => {
  expect(meet(stored, met)).toBe(recognised);
});

describe('a blind index', () => {
  it('is equal inside an engagement and unlinkable across', () => {
    const one = blindIndex(key(1), 'email', 'anna@klient.example');
    expect(one).toEqual(blindIndex(key(1), 'email', 'anna@klient.example'));
    expect(one).not.toEqual(blindIndex(key(2), 'email', 'anna@klient.example'));
    expect(one).not.toEqual(blindIndex(key(1), 'phone', 'anna@klient.example'));
    expect(one).toHaveLength(32);
  });
});

describe('a link key', () => {
  it('follows from the data key and does not give it away', () => {
    expect(linkKey(key(1)).equals(linkKey(key(1)))).toBe(true);
    expect(linkKey(key(1)).equals(key(1))).toBe(false);
    expect(linkKey(key(1)).equals(linkKey(key(2)))).toBe(false);
  });
});
