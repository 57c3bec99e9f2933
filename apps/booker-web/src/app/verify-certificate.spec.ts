import { expect, test } from '@jest/globals';
import { canonical, verifyCertificate } from './verify-certificate.js';

const { publicKey, privateKey } = (await crypto.subtle.generateKey('Ed25519', true, [
  'sign',
  'verify',
])) as CryptoKeyPair;
const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey));
const hash = async (...parts: Uint8Array[]) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(parts.flatMap((p) => [...p]))));
const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const receipt = (recipient: string, more: object = {}) => ({
  recipient,
  phase: 'verified',
  action: 'read-back',
  counts: { leads: 3, left: 0 },
  outstanding: [] as string[],
  at: '2027-05-01T10:00:00Z',
  ...more,
});
const RECEIPTS = [receipt('lead-intake'), receipt('scheduling'), receipt('crm-sync')];

/** The tree of exactly three leaves, written out: ((a b) c). */
async function rootOf(receipts: object[]): Promise<string> {
  const leaf = (r: object) => hash(Uint8Array.of(0), canonical({ ...r, orderId: 'order-1' }));
  const [a, b, c] = await Promise.all(receipts.map(leaf));
  return hex(await hash(Uint8Array.of(1), await hash(Uint8Array.of(1), a!, b!), c!));
}

async function certificate(more: object = {}, receipts: object[] = RECEIPTS) {
  const content = {
    format: 'avtala-erasure-certificate/1',
    order: { id: 'order-1' },
    outcome: 'completed',
    incomplete: [] as string[],
    receipts,
    tree: { hash: 'RFC 6962 SHA-256', size: receipts.length, root: await rootOf(receipts) },
    ...more,
  };
  return {
    ...content,
    signature: {
      algorithm: 'Ed25519',
      fingerprint: hex(await hash(spki)),
      publicKey: base64(spki),
      value: base64(new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, canonical(content)))),
    },
  };
}
const verdict = (value: unknown) => verifyCertificate(typeof value === 'string' ? value : JSON.stringify(value));

test('a certificate as it was signed holds', async () => {
  expect(await verdict(await certificate())).toMatchObject({ holds: true, receipts: 3, outcome: 'completed' });
});

const signed = await certificate();
test.each([
  [
    'a number of people changed afterwards',
    { ...signed, receipts: [receipt('lead-intake', { counts: { leads: 2, left: 0 } }), ...RECEIPTS.slice(1)] },
    'signature',
  ],
  ['something that rides along', { ...signed, note: 'all is well' }, 'signature'],
  ['another key’s fingerprint', { ...signed, signature: { ...signed.signature, fingerprint: '00' } }, 'fingerprint'],
  ['a tree of other receipts', await certificate({ tree: { hash: 'RFC 6962 SHA-256', size: 3, root: 'ff' } }), 'tree'],
  ['completed, though somebody is named', await certificate({ incomplete: ['crm-sync'] }), 'outcome'],
  [
    'completed, though something is left',
    await certificate({}, [receipt('lead-intake', { counts: { left: 1 } }), ...RECEIPTS.slice(1)]),
    'outcome',
  ],
  ['a receipt twice', await certificate({}, [RECEIPTS[0]!, RECEIPTS[0]!, RECEIPTS[1]!]), 'twice'],
  ['no signature', { ...signed, signature: undefined }, 'shape'],
  ['another document', { hello: 'world' }, 'shape'],
  ['nothing', 'null', 'shape'],
  ['no JSON', '<html>', 'json'],
])('%s does not hold', async (_, value, failure) => {
  expect(await verdict(value)).toEqual({ holds: false, failure });
});
