import { expect, test } from '@jest/globals';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { canonical, verifyCertificate } from './verify.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const spki = publicKey.export({ type: 'spki', format: 'der' });
const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
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
function rootOf(receipts: object[]): string {
  const [a, b, c] = receipts.map((r) => hash(Buffer.of(0), canonical({ ...r, orderId: 'order-1' })));
  return hash(Buffer.of(1), hash(Buffer.of(1), a!, b!), c!).toString('hex');
}

function certificate(more: object = {}, receipts: object[] = RECEIPTS) {
  const content = {
    format: 'avtala-erasure-certificate/1',
    order: { id: 'order-1' },
    outcome: 'completed',
    incomplete: [] as string[],
    receipts,
    tree: { hash: 'RFC 6962 SHA-256', size: receipts.length, root: rootOf(receipts) },
    ...more,
  };
  return {
    ...content,
    signature: {
      algorithm: 'Ed25519',
      fingerprint: hash(spki).toString('hex'),
      publicKey: spki.toString('base64'),
      value: sign(null, canonical(content), privateKey).toString('base64'),
    },
  };
}
const verdict = (value: unknown) => verifyCertificate(typeof value === 'string' ? value : JSON.stringify(value));

test('a certificate as it was signed holds', async () => {
  expect(await verdict(certificate())).toMatchObject({ holds: true, receipts: 3, outcome: 'completed' });
});

const signed = certificate();
test.each([
  [
    'a number of people changed afterwards',
    { ...signed, receipts: [receipt('lead-intake', { counts: { leads: 2, left: 0 } }), ...RECEIPTS.slice(1)] },
    'signature',
  ],
  ['something that rides along', { ...signed, note: 'all is well' }, 'signature'],
  ['another key’s fingerprint', { ...signed, signature: { ...signed.signature, fingerprint: '00' } }, 'fingerprint'],
  ['a tree of other receipts', certificate({ tree: { hash: 'RFC 6962 SHA-256', size: 3, root: 'ff' } }), 'tree'],
  ['completed, though somebody is named', certificate({ incomplete: ['crm-sync'] }), 'outcome'],
  [
    'completed, though something is left',
    certificate({}, [receipt('lead-intake', { counts: { left: 1 } }), ...RECEIPTS.slice(1)]),
    'outcome',
  ],
  ['a receipt twice', certificate({}, [RECEIPTS[0]!, RECEIPTS[0]!, RECEIPTS[1]!]), 'twice'],
  ['no signature', { ...signed, signature: undefined }, 'shape'],
  ['another document', { hello: 'world' }, 'shape'],
  ['nothing', 'null', 'shape'],
  ['no JSON', '<html>', 'json'],
])('%s does not hold', async (_, value, failure) => {
  expect(await verdict(value)).toEqual({ holds: false, failure });
});
