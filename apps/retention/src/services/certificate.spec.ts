import { generateKeyPairSync } from 'node:crypto';
import { canonicalJson, ERASURE_RECIPIENTS, RECEIPT_PHASES } from '@avtala/contracts';
import { describe, expect, it, test } from '@jest/globals';
import type { Receipt } from '../domain/saga.js';
import { CertificateInvalid, checkCertificate } from './certificate-check.js';
import { certify, signCertificate, type EndedOrder } from './certificate.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const order: EndedOrder = {
  id: '0195c7a0-0000-7000-8000-000000000001',
  engagementId: '0195c7a0-0000-7000-8000-000000000002',
  leadId: null,
  reason: 'engagement-ended',
  orderedAt: '2027-05-24T22:00:00.000Z',
  clearedAt: '2027-05-24T22:05:00.000Z',
  finishedAt: '2027-06-24T23:05:00.000Z',
  eraseBy: '2027-07-01',
  outcome: 'completed',
  incomplete: [],
};
const receipts: Receipt[] = ERASURE_RECIPIENTS.flatMap((recipient) =>
  RECEIPT_PHASES.map((phase) => ({
    recipient,
    phase,
    action: 'done',
    counts: { leads: 198, left: 0 },
    outstanding: [],
    at: '2027-05-24T22:10:00.000Z',
  })),
);
const issue = (o = order, r = receipts, key = privateKey) => signCertificate(certify(o, r, 'file'), key);
const text = (value: unknown) => new TextDecoder().decode(canonicalJson(value));
const pem = (key: typeof publicKey) => key.export({ type: 'spki', format: 'pem' }) as string;

describe('a certificate', () => {
  it('holds, and says when only its agreement with itself was checked', () => {
    expect(checkCertificate(text(issue())).at(-1)).toMatch(/only self-consistency was checked/);
    expect(checkCertificate(text(issue()), pem(publicKey)).at(-1)).toBe('the key is the one given');
  });

  it('is the same bytes for the same facts, in whatever order the receipts came', () => {
    expect(text(issue(order, [...receipts].reverse()))).toBe(text(issue()));
  });

  it('gives both dates, the assurance and the one sentence about legal holds', () => {
    expect(issue()).toMatchObject({
      leads: 198,
      keys: { unreadableSince: '2027-05-24T22:10:00.000Z', unrecoverableBy: '2027-06-15', assurance: 'file' },
      legalHold: 'Everything was erased apart from what the law requires us to keep.',
      tree: { size: 9 },
    });
  });

  it('names who was not done', () => {
    const late = receipts.filter((r) => r.recipient !== 'crm-sync' || r.phase !== 'verified');
    const said = checkCertificate(
      text(issue({ ...order, outcome: 'incomplete', incomplete: ['crm-sync/hubspot'] }, late)),
    );
    expect(said).toContain('not done: crm-sync/hubspot');
  });

  it('names what lies outside every vendor’s reach, where a vendor was asked', () => {
    const counts = { contacts: 3, left: 0, salesforce: 6 };
    const asked = receipts.map((r) => (r.recipient === 'crm-sync' && r.phase === 'asked' ? { ...r, counts } : r));
    expect(checkCertificate(text(issue(order, asked))).join('\n')).toMatch(/not reached: Salesforce: field history/);
    expect(issue().outsideReach).toBeUndefined();
  });

  it('does not hold when any character of it is changed', () => {
    const whole = text(issue());
    for (let i = 0; i < whole.length; i++) {
      const changed = whole.slice(0, i) + (whole[i] === '1' ? '2' : '1') + whole.slice(i + 1);
      if (JSON.stringify(tryParse(changed)) === JSON.stringify(tryParse(whole))) continue;
      expect(() => checkCertificate(changed)).toThrow(CertificateInvalid);
    }
  });
});

const tryParse = (s: string): unknown => {
  try {
    return JSON.parse(s);
  } catch {
    return undefined;
  }
};
const resigned = (change: (c: ReturnType<typeof certify>) => object) =>
  text(signCertificate(change(certify(order, receipts, 'file')) as never, privateKey));

test.each<[string, string, RegExp]>([
  ['no JSON', 'certificate', /not JSON/],
  ['something else', '{"format":"other"}', /not a certificate/],
  ['null', 'null', /not a certificate/],
  ['half of it', text({ format: 'avtala-erasure-certificate/1' }), /missing/],
  ['a receipt taken out', resigned((c) => ({ ...c, receipts: c.receipts.slice(1) })), /Merkle root/],
  ['a receipt twice', text(issue(order, [...receipts, receipts[0]!])), /twice/],
  ['completed without being read back', text(issue(order, receipts.slice(0, -1))), /says completed, but/],
  ['other counts', resigned((c) => ({ ...c, leads: 5 })), /number of people/],
  ['completed and incomplete', resigned((c) => ({ ...c, incomplete: ['scheduling'] })), /outcome/],
])('a forged certificate is refused, even signed again: %s', (_, forged, reason) => {
  expect(() => checkCertificate(forged)).toThrow(reason);
});

test('a certificate of another key is refused when the right key is given', () => {
  const forged = text(issue(order, receipts, other.privateKey));
  expect(() => checkCertificate(forged)).not.toThrow();
  expect(() => checkCertificate(forged, pem(publicKey))).toThrow(/another key/);
  expect(() => checkCertificate(text(issue()), 'no key')).toThrow(/not a public key/);
});
