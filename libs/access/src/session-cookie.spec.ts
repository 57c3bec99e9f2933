import { createHmac } from 'node:crypto';
import { expect, it, test } from '@jest/globals';
import { sessionTokenOf } from './session-cookie.js';

const SECRET = 'a secret of the installation, 32+ characters';
const signed = (token: string, secret = SECRET) =>
  encodeURIComponent(`${token}.${createHmac('sha256', secret).update(token).digest('base64')}`);

it('reads the token of a cookie we signed, among others', () => {
  expect(sessionTokenOf(`theme=dark; __Host-avtala=${signed('tok')}; x=y`, SECRET)).toBe('tok');
});

test.each([
  ['no cookies', undefined],
  ['others only', 'theme=dark'],
  ['the raw token', '__Host-avtala=tok'],
  ['an empty signature', '__Host-avtala=tok.'],
  ['another secret', `__Host-avtala=${signed('tok', 'another secret')}`],
  ['a changed token', `__Host-avtala=${signed('tok').replace('tok', 'tik')}`],
  ['a longer signature', `__Host-avtala=${signed('tok')}AAAA`],
  ['broken encoding', '__Host-avtala=%E0%A4%A'],
  ['twice, of which one is ours', `__Host-avtala=${signed('tok')}; __Host-avtala=${signed('other', 'x')}`],
  ['a name that only ends like ours', `x__Host-avtala=${signed('tok')}`],
])('nothing from %s', (_, header) => {
  expect(sessionTokenOf(header, SECRET)).toBeUndefined();
});
