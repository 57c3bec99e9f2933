import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, type ErasureReason } from '@avtala/contracts';
import { unrecoverableBy } from '../domain/erasure-dates.js';
import { inOrder, leadsOf, type Receipt } from '../domain/saga.js';
import { merkleRoot } from './merkle.js';

export const FORMAT = 'avtala-erasure-certificate/1';
/** The same sentence whether a hold exists or not: a certificate must not give one away (architecture.md §9). */
export const LEGAL_HOLD = 'Everything was erased apart from what the law requires us to keep.';
const MEANING =
  'Unreadable in the product since the date given; unrecoverable from backups and logs by the later date, when the last copy of the key-encryption key is gone.';

/** What no call to a vendor reaches, and the client alone can see to; by the vendor's name in crm-sync's counts. */
const OUTSIDE_REACH: Readonly<Record<string, string>> = {
  hubspot:
    'HubSpot: exports, other apps connected to the account, mailboxes, and names typed into companies, deals or notes',
  salesforce:
    'Salesforce: field history and backups of the org, sandboxes copied from it, e-mails and posts of its users, other apps connected to it',
};

/** Facts of an order that has ended. */
export interface EndedOrder {
  readonly id: string;
  readonly engagementId: string;
  readonly leadId: string | null;
  readonly reason: ErasureReason;
  readonly orderedAt: string;
  readonly clearedAt: string | null;
  readonly finishedAt: string;
  /** Of an engagement's order: the last day on which anything may exist. */
  readonly eraseBy: string | null;
  readonly outcome: 'completed' | 'incomplete';
  /** Who was not done, by name. */
  readonly incomplete: readonly string[];
}

export interface Certificate {
  readonly format: typeof FORMAT;
  readonly order: {
    readonly id: string;
    readonly scope: 'lead' | 'engagement';
    readonly engagementId: string;
    readonly leadId: string | null;
    readonly reason: ErasureReason;
    readonly orderedAt: string;
    readonly clearedAt: string | null;
    readonly finishedAt: string;
    readonly eraseBy: string | null;
  };
  readonly outcome: 'completed' | 'incomplete';
  readonly incomplete: readonly string[];
  readonly leads: number;
  /** Leaves of the tree, in its order. */
  readonly receipts: readonly Receipt[];
  readonly keys: {
    readonly unreadableSince: string | null;
    readonly unrecoverableBy: string | null;
    /** How the destruction of the key-encryption key can be believed: `file` is the weakest kind. */
    readonly assurance: string;
    readonly meaning: string;
  };
  readonly legalHold: string;
  /** Copies with the client's vendors that we cannot reach; absent where no vendor ever heard of anybody. */
  readonly outsideReach?: readonly string[];
  readonly tree: { readonly hash: 'RFC 6962 SHA-256'; readonly size: number; readonly root: string };
}

export interface SignedCertificate extends Certificate {
  readonly signature: {
    readonly algorithm: 'Ed25519';
    /** SHA-256 of the public key's SPKI, hex: publish it, so that a certificate can be checked against it. */
    readonly fingerprint: string;
    readonly publicKey: string;
    readonly value: string;
  };
}

/** Root over an order's receipts, as their canonical bytes. */
export function receiptsRoot(orderId: string, receipts: readonly Receipt[]): string {
  return merkleRoot(receipts.map((r) => canonicalJson({ ...r, orderId }))).toString('hex');
}

/** What can be said of an order that has ended: the same facts always give the same bytes. */
export function certify(order: EndedOrder, all: readonly Receipt[], assurance: string): Certificate {
  const receipts = inOrder(all).map(({ recipient, phase, action, counts, outstanding, at }) => ({
    recipient,
    phase,
    action,
    counts,
    outstanding,
    at,
  }));
  // lead-intake says `verified` when the data keys are destroyed and counted; before it, somebody could still have read.
  const destroyed = receipts.find((r) => r.recipient === 'lead-intake' && r.phase === 'verified');
  const gone = destroyed?.counts.left === 0 ? destroyed.at : null;
  const asked = receipts.filter((r) => r.phase === 'asked');
  const outside = Object.keys(OUTSIDE_REACH).filter((name) => asked.some((r) => Object.hasOwn(r.counts, name)));
  const { id, engagementId, leadId, reason, orderedAt, clearedAt, finishedAt, eraseBy } = order;
  return {
    format: FORMAT,
    order: {
      id,
      scope: leadId ? 'lead' : 'engagement',
      engagementId,
      leadId,
      reason,
      orderedAt,
      clearedAt,
      finishedAt,
      eraseBy,
    },
    outcome: order.outcome,
    incomplete: order.incomplete,
    leads: leadsOf(receipts, leadId),
    receipts,
    keys: {
      unreadableSince: gone,
      unrecoverableBy: gone && unrecoverableBy(Temporal.Instant.from(gone)).toString(),
      assurance,
      meaning: MEANING,
    },
    legalHold: LEGAL_HOLD,
    ...(outside.length ? { outsideReach: outside.map((name) => OUTSIDE_REACH[name]!) } : {}),
    tree: { hash: 'RFC 6962 SHA-256', size: receipts.length, root: receiptsRoot(id, receipts) },
  };
}

export function signCertificate(certificate: Certificate, privateKey: KeyObject): SignedCertificate {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    ...certificate,
    signature: {
      algorithm: 'Ed25519',
      fingerprint: fingerprintOf(spki),
      publicKey: spki.toString('base64'),
      value: sign(null, canonicalJson(certificate), privateKey).toString('base64'),
    },
  };
}

export function fingerprintOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** Whether the signature in the certificate is of all the rest of it, by the public key it carries. */
export function signatureHolds({ signature, ...certificate }: SignedCertificate): boolean {
  const key = createPublicKey({ key: Buffer.from(signature.publicKey, 'base64'), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ed25519') return false;
  return verify(null, canonicalJson(certificate), key, Buffer.from(signature.value, 'base64'));
}
