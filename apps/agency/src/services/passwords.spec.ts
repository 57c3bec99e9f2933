import { expect, test } from '@jest/globals';
import { hashPassword, verifyPassword } from './passwords.js';

test('rule 10: argon2id with 19 MiB, two passes, one lane, and a salt of its own each time', async () => {
  const [one, two] = await Promise.all([hashPassword('tulip-harbour-ledger'), hashPassword('tulip-harbour-ledger')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword(one, 'tulip-harbour-ledger')).toBe(true);
  expect(await verifyPassword(one, 'tulip-harbour-ledges')).toBe(false);
  expect(await verifyPassword('something else', 'tulip-harbour-ledger')).toBe(false);
});
