import { expect, test } from '@jest/globals';
import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { HmacBatch } from './hmac-batch.js';

const keys = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(64)), createSecretKey(Buffer.of(1))];
const node = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const digests = (all: Buffer): Buffer[] =>
  Array.from({ length: all.length / 32 }, (_, i) => all.subarray(i * 32, i * 32 + 32));

test('is what Node says, for every length over several blocks, in any script, under keys in turn, in one batch', () => {
  const batch = new HmacBatch();
  const expected: Buffer[] = [];
  for (let length = 0; length < 400; length++) {
    for (const unit of ['a', 'å', '語', '\0', '😀', '\ud800']) {
      const [text, key] = [unit.repeat(length), keys[length % keys.length]!];
      expect(batch.add(key, text)).toBe(expected.length);
      expected.push(node(key, text));
    }
  }
  expect(digests(batch.digest())).toEqual(expected);
});

test.each([1, 2, 3, 4, 5, 7, 8, 9])(
  '%d texts of one length leave no lane over, and the next batch starts anew',
  (n) => {
    const batch = new HmacBatch();
    for (let round = 0; round < 3; round++) {
      const texts = Array.from({ length: n }, (_, i) => `text ${round} ${i}`);
      for (const text of texts) batch.add(keys[0]!, text);
      expect(digests(batch.digest())).toEqual(texts.map((text) => node(keys[0]!, text)));
    }
    expect(batch.digest()).toHaveLength(0);
  },
);

test('parts are one text, and what does not fit makes room', () => {
  const batch = new HmacBatch();
  const long = 'z'.repeat(1_500_000);
  batch.add(keys[0]!, 'email\0', 'åsa@', 'bolag.example');
  batch.add(keys[1]!, long, '!', long);
  for (let i = 0; i < 40_000; i++) batch.add(keys[2]!, 'short', String(i));
  const [first, second, ...others] = digests(batch.digest());
  expect(first).toEqual(node(keys[0]!, 'email\0åsa@bolag.example'));
  expect(second).toEqual(node(keys[1]!, `${long}!${long}`));
  expect(others).toHaveLength(40_000);
  for (const i of [0, 1, 2, 3, 39_999]) expect(others[i]).toEqual(node(keys[2]!, `short${i}`));
});
