import { bytesOf, hex, isBase64, leafHash, nodeHash, sha256, signatureHolds } from '../app/digests.js';

/** Checks a certificate of erasure in the browser, as `npm run verify-certificate` does offline: nothing is asked of anybody, nothing is sent.
 * The signature is Ed25519 over the canonical JSON (RFC 8785) of everything else, the tree that of RFC 6962. */

export type Failure = 'json' | 'shape' | 'fingerprint' | 'signature' | 'tree' | 'twice' | 'outcome' | 'unsupported';

export interface Verified {
  readonly holds: true;
  readonly orderId: string;
  readonly receipts: number;
  readonly root: string;
  readonly fingerprint: string;
  readonly outcome: 'completed' | 'incomplete';
}
export type Verdict = Verified | { readonly holds: false; readonly failure: Failure };

interface Receipt {
  readonly recipient: string;
  readonly phase: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly outstanding: readonly string[];
}
interface Certificate {
  readonly format: string;
  readonly order: { readonly id: string };
  readonly outcome: 'completed' | 'incomplete';
  readonly incomplete: readonly string[];
  readonly receipts: readonly Receipt[];
  readonly tree: { readonly size: number; readonly root: string };
  readonly signature: { readonly fingerprint: string; readonly publicKey: string; readonly value: string };
}

const FORMAT = 'avtala-erasure-certificate/1';
/** Holders that must each have been read back (contracts, ERASURE_RECIPIENTS). */
const RECIPIENTS = ['lead-intake', 'scheduling', 'crm-sync'];

export async function verifyCertificate(text: string): Promise<Verdict> {
  let c: Certificate;
  try {
    c = JSON.parse(text) as Certificate;
  } catch {
    return no('json');
  }
  if (!isShaped(c)) return no('shape');
  const key = bytesOf(c.signature.publicKey);
  if (hex(await sha256(key)) !== c.signature.fingerprint) return no('fingerprint');
  const { signature, ...signed } = c;
  const matches = await signatureHolds({ format: 'spki', bytes: key }, bytesOf(signature.value), canonical(signed));
  if (matches !== true) return no(matches === 'unsupported' ? 'unsupported' : 'signature');
  const leaves = c.receipts.map((r) => canonical({ ...r, orderId: c.order.id }));
  const root = hex(await merkleRoot(leaves));
  if (root !== c.tree.root || c.tree.size !== c.receipts.length) return no('tree');
  if (new Set(c.receipts.map((r) => `${r.recipient} ${r.phase}`)).size !== c.receipts.length) return no('twice');
  const done = (c.outcome === 'completed') === (c.incomplete.length === 0);
  if (!done || (c.outcome === 'completed' && !RECIPIENTS.every((r) => isReadBack(c.receipts, r)))) return no('outcome');
  return {
    holds: true,
    orderId: c.order.id,
    receipts: c.receipts.length,
    root,
    fingerprint: signature.fingerprint,
    outcome: c.outcome,
  };
}

const no = (failure: Failure): Verdict => ({ holds: false, failure });

function isShaped(c: Partial<Certificate> | null): c is Certificate {
  return (
    c?.format === FORMAT &&
    typeof c.order?.id === 'string' &&
    Array.isArray(c.receipts) &&
    c.receipts.every((r: Partial<Receipt> | null) => typeof r?.counts === 'object' && Array.isArray(r.outstanding)) &&
    Array.isArray(c.incomplete) &&
    typeof c.tree?.root === 'string' &&
    isBase64(c.signature?.publicKey) &&
    isBase64(c.signature?.value) &&
    Object.keys(c.signature ?? {}).length === 4
  );
}

function isReadBack(receipts: readonly Receipt[], recipient: string): boolean {
  const verified = receipts.find((r) => r.recipient === recipient && r.phase === 'verified');
  return verified !== undefined && verified.counts['left'] === 0 && verified.outstanding.length === 0;
}

/** RFC 8785 for the values a certificate holds: sorted keys, no space, numbers and strings as ECMAScript prints them. */
export function canonical(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(write(value));
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${write(v)}`).join(',')}}`;
}

async function merkleRoot(leaves: readonly Uint8Array[]): Promise<Uint8Array> {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return leafHash(leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(await merkleRoot(leaves.slice(0, split)), await merkleRoot(leaves.slice(split)));
}
