import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { SignInRequired } from './errors.js';
import { serviceKey, ServiceTokens } from './service-tokens.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519').privateKey;
const tokens = new ServiceTokens('crm-sync', privateKey);
const EVENT = '01900000-0000-7000-8000-000000000001';

it('names the service, the purpose and the event', async () => {
  const token = await tokens.mint('lead-intake', 'crm', EVENT);
  expect(await tokens.verify(token, 'lead-intake')).toEqual({
    kind: 'service',
    service: 'crm-sync',
    purpose: 'crm',
    eventId: EVENT,
  });
});

interface Made {
  key?: Parameters<SignJWT['sign']>[0];
  alg?: string;
  typ?: string;
  issuer?: string;
  subject?: string;
  audience?: string;
  issuedAt?: number;
  expiresAt?: number;
  claims?: Record<string, unknown>;
}
const now = () => Math.floor(Date.now() / 1000);
const made = (m: Made = {}) =>
  new SignJWT(m.claims ?? { purpose: 'crm', event: EVENT })
    .setProtectedHeader({ alg: m.alg ?? 'EdDSA', typ: m.typ ?? 'avtala-service+jwt' })
    .setIssuer(m.issuer ?? 'avtala')
    .setSubject(m.subject ?? 'crm-sync')
    .setAudience(m.audience ?? 'lead-intake')
    .setIssuedAt(m.issuedAt ?? now())
    .setExpirationTime(m.expiresAt ?? now() + 60)
    .sign(m.key ?? privateKey);

test('the token the following ones differ from is accepted', async () => {
  await expect(tokens.verify(await made(), 'lead-intake')).resolves.toMatchObject({ service: 'crm-sync' });
});

describe('ASVS 9.1, 9.2: anything else is refused', () => {
  test.each<[string, () => Promise<string>]>([
    ['expired', () => made({ issuedAt: now() - 61, expiresAt: now() - 1 })],
    ['older than a minute with a long life', () => made({ issuedAt: now() - 120, expiresAt: now() + 3600 })],
    ['another key', () => made({ key: stranger })],
    ['for another service', () => made({ audience: 'scheduling' })],
    ['of another issuer', () => made({ issuer: 'somebody' })],
    ['of another kind', () => made({ typ: 'JWT' })],
    ['of nobody we know', () => made({ subject: 'booker-web' })],
    ['without purpose', () => made({ claims: { event: EVENT } })],
    ['without event', () => made({ claims: { purpose: 'crm' } })],
    ['with a purpose that is no text', () => made({ claims: { purpose: ['crm'], event: EVENT } })],
    ['not signed', async () => new UnsecuredJWT({ purpose: 'crm', event: EVENT }).setIssuer('avtala').encode()],
    [
      'signed with the public key as a shared secret',
      async () => made({ alg: 'HS256', key: Buffer.from((await exportJWK(publicKey)).x!, 'base64url') }),
    ],
    ['changed', async () => (await made()).replace(/\.[^.]{8}/, '.AAAAAAAA')],
    ['cut off', async () => (await made()).split('.').slice(0, 2).join('.')],
    ['no token at all', async () => 'x'],
  ])('%s', async (_, make) => {
    await expect(tokens.verify(await make(), 'lead-intake')).rejects.toBeInstanceOf(SignInRequired);
  });
});

it('the key file is made once, for its owner only, and read again', () => {
  const dir = mkdtempSync(join(tmpdir(), 'avtala-key-'));
  try {
    const file = join(dir, 'deep', 'service.pem');
    const first = serviceKey(file).export({ type: 'pkcs8', format: 'pem' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(serviceKey(file).export({ type: 'pkcs8', format: 'pem' })).toBe(first);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
