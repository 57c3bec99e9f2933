import { createPublicKey } from 'node:crypto';
import { ERASURE_RECIPIENTS } from '@avtala/contracts';
import { leadsOf, unfinished } from '../domain/saga.js';
import { fingerprintOf, FORMAT, receiptsRoot, signatureHolds, type SignedCertificate } from './certificate.js';

/** Why a certificate proves nothing. */
export class CertificateInvalid extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'CertificateInvalid';
  }
}

/** Checks a certificate without asking anybody.
 * @param text the file's content
 * @param pinned PEM of the public key it must be signed with; without it only that the certificate agrees with itself is shown
 * @returns what was checked, a sentence each
 * @throws CertificateInvalid with the first thing that is wrong */
export function checkCertificate(text: string, pinned?: string): string[] {
  const c = parse(text);
  const require = (holds: boolean, reason: string) => {
    if (!holds) throw new CertificateInvalid(reason);
  };
  const { signature, receipts, tree, order } = c;
  require(fingerprintOf(Buffer.from(signature.publicKey, 'base64')) ===
    signature.fingerprint, 'The fingerprint is not that of the key');
  require(holds(c), 'The signature does not match the content');
  require(tree.size === receipts.length &&
    tree.root === receiptsRoot(order.id, receipts), 'The Merkle root is not that of the receipts');
  const phases = receipts.map((r) => `${r.recipient} ${r.phase}`);
  require(new Set(phases).size === phases.length, 'A receipt is there twice');
  const open = unfinished(receipts);
  require((c.outcome === 'completed') ===
    (c.incomplete.length === 0), 'The outcome does not fit the list of those who were not done');
  require(c.outcome !== 'completed' ||
    open.length === 0, `It says completed, but no receipt says so for: ${open.join(', ')}`);
  require(c.leads === leadsOf(receipts, order.leadId), 'The number of people is not what the receipts say');

  const said = [
    `order ${order.id}: ${order.scope}, ${c.leads} ${c.leads === 1 ? 'person' : 'people'}, ${c.outcome}`,
    `${receipts.length} receipts of ${ERASURE_RECIPIENTS.join(', ')} have the Merkle root ${tree.root}`,
    c.outcome === 'completed'
      ? 'every recipient was read back and had nothing left'
      : `not done: ${c.incomplete.join(', ')}`,
    ...(c.outsideReach ?? []).map((where) => `not reached: ${where}`),
    `signed with Ed25519 by the key ${signature.fingerprint}`,
  ];
  if (!pinned)
    return [
      ...said,
      'only self-consistency was checked: compare the fingerprint with the published one, or pass --key',
    ];
  require(spkiOf(pinned) === signature.fingerprint, 'It is signed by another key than the one given');
  return [...said, 'the key is the one given'];
}

function parse(text: string): SignedCertificate {
  let value: Partial<SignedCertificate>;
  try {
    value = JSON.parse(text) as Partial<SignedCertificate>;
  } catch (cause) {
    throw new CertificateInvalid('The file is not JSON', { cause });
  }
  if (value?.format !== FORMAT) throw new CertificateInvalid(`The file is not a certificate of format ${FORMAT}`);
  const shape =
    typeof value.order?.id === 'string' &&
    Array.isArray(value.receipts) &&
    value.receipts.every((r) => typeof r?.counts === 'object' && Array.isArray(r.outstanding)) &&
    Array.isArray(value.incomplete) &&
    (value.outsideReach === undefined || Array.isArray(value.outsideReach)) &&
    typeof value.tree?.root === 'string' &&
    value.signature?.algorithm === 'Ed25519' &&
    Object.keys(value.signature).length === 4 && // nothing rides along beside what is signed
    isBase64(value.signature.publicKey) &&
    isBase64(value.signature.value);
  if (!shape) throw new CertificateInvalid('Parts of the certificate are missing');
  return value as SignedCertificate;
}

/** In its one spelling: decoders ignore stray bits and characters. */
const isBase64 = (value: unknown): boolean =>
  typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value;

function holds(c: SignedCertificate): boolean {
  try {
    return signatureHolds(c);
  } catch (cause) {
    throw new CertificateInvalid('The public key or the content cannot be read', { cause });
  }
}

function spkiOf(pem: string): string {
  try {
    return fingerprintOf(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
  } catch (cause) {
    throw new CertificateInvalid('The key given is not a public key in PEM', { cause });
  }
}
