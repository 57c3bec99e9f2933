import { type Trail, TRAILS } from '../app/audit-trails.js';
import { bytesOf, hex, isBase64, leafHash, nodeHash, sha256, signatureHolds } from '../app/digests.js';

/** Checks an export of the audit trail in the browser (docs/security.md §4): each row's bytes give its leaf, each leaf leads to the root of a
 * checkpoint (RFC 6962), and the checkpoint is signed by the service's key (C2SP signed note). Nothing is asked of anybody. */

export const FORMAT = 'avtala-audit-export/1';

export interface ProvedRow {
  readonly entry: { readonly id: string; readonly instance: string; readonly n: number; readonly canonical: string };
  /** Place in the tree, from 0. */
  readonly row: number;
  /** Hashes from the leaf upwards, base64. */
  readonly path: readonly string[];
}

export interface ProvedPage {
  readonly service: Trail;
  readonly checkpoint: { readonly signedNote: string; readonly verifierKey: string };
  readonly items: readonly ProvedRow[];
}

export interface AuditExport {
  readonly format: typeof FORMAT;
  readonly madeAt: string;
  readonly filter: Readonly<Record<string, string>>;
  readonly pages: readonly ProvedPage[];
}

export type Failure = 'json' | 'shape' | 'service' | 'note' | 'signature' | 'leaf' | 'path' | 'unsupported';
export interface Holds {
  readonly holds: true;
  readonly rows: number;
  readonly services: readonly Trail[];
  /** As C2SP writes them: to be compared with what was given in another way. */
  readonly keys: readonly string[];
  /** Of the newest checkpoint. */
  readonly root: string;
  readonly size: number;
}
export interface HoldsNot {
  readonly holds: false;
  readonly failure: Failure;
  readonly service?: Trail;
  /** Of the first row that does not hold. */
  readonly id?: string;
}
export type Verdict = Holds | HoldsNot;

export async function verifyExport(text: string): Promise<Verdict> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return { holds: false, failure: 'json' };
  }
  if (!isShaped(file)) return { holds: false, failure: 'shape' };
  let newest = { size: 0, root: '' };
  const keys = new Set<string>();
  for (const { service, checkpoint, items } of file.pages) {
    const signed = await readNote(checkpoint.signedNote, checkpoint.verifierKey);
    if (typeof signed === 'string') return { holds: false, failure: signed, service };
    if (signed.origin !== `avtala/audit/${service}`) return { holds: false, failure: 'service', service };
    for (const item of items) {
      const failure = await rowFails(item, service, signed);
      if (failure) return { holds: false, failure, service, id: item.entry.id };
    }
    keys.add(checkpoint.verifierKey);
    if (signed.size >= newest.size) newest = { size: signed.size, root: hex(signed.root) };
  }
  const rows = file.pages.reduce((n, p) => n + p.items.length, 0);
  return { holds: true, rows, services: [...new Set(file.pages.map((p) => p.service))], keys: [...keys], ...newest };
}

interface Signed {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

async function readNote(note: string, verifierKey: string): Promise<Signed | 'note' | 'signature' | 'unsupported'> {
  const parts = /^(([^\n]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\n)\n— (\S+) ([A-Za-z0-9+/]+=*)\n$/.exec(note);
  const said = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey);
  if (!parts || !said || !isBase64(said[3]) || !isBase64(parts[6])) return 'note';
  const [, text, origin, size, root, name] = parts as unknown as string[];
  const typed = bytesOf(said[3]); // 1 for Ed25519, then the key
  if (typed[0] !== 1 || typed.length !== 33 || name !== origin || said[1] !== origin) return 'note';
  const id = (await sha256(new TextEncoder().encode(`${origin}\n`), typed)).subarray(0, 4);
  const signature = bytesOf(parts[6]);
  if (hex(id) !== said[2] || hex(signature.subarray(0, 4)) !== said[2]) return 'note';
  const key = { format: 'raw', bytes: typed.slice(1) } as const;
  const holds = await signatureHolds(key, signature.slice(4), new TextEncoder().encode(text));
  if (holds !== true) return holds === 'unsupported' ? 'unsupported' : 'signature';
  return { origin: origin!, size: Number(size), root: bytesOf(root!) };
}

async function rowFails({ entry, row, path }: ProvedRow, service: Trail, signed: Signed): Promise<Failure | undefined> {
  if (serviceOf(entry.canonical) !== service) return 'leaf';
  const data = `${entry.id}\n${entry.instance}\n${entry.n}\n${entry.canonical}`;
  const leaf = await leafHash(new TextEncoder().encode(data));
  return (await inclusionHolds(leaf, row, signed.size, path.map(bytesOf), signed.root)) ? undefined : 'path';
}

function serviceOf(canonical: string): unknown {
  try {
    return (JSON.parse(canonical) as { service?: unknown } | null)?.service;
  } catch {
    return undefined;
  }
}

/** RFC 9162 §2.1.3.2. */
async function inclusionHolds(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): Promise<boolean> {
  if (index >= size) return false;
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = await nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else r = await nodeHash(r, p);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && hex(r) === hex(root);
}

type Loose<T> = { readonly [K in keyof T]?: unknown } | null | undefined;

function isShaped(file: unknown): file is AuditExport {
  const f = file as Loose<AuditExport>;
  return typeof f === 'object' && f?.format === FORMAT && Array.isArray(f.pages) && f.pages.every(isPage);
}

function isPage(page: Loose<ProvedPage>): boolean {
  const checkpoint = page?.checkpoint as Loose<ProvedPage['checkpoint']>;
  return (
    TRAILS.some((t) => t === page?.service) &&
    typeof checkpoint?.signedNote === 'string' &&
    typeof checkpoint.verifierKey === 'string' &&
    Array.isArray(page?.items) &&
    page.items.every(isRow)
  );
}

function isRow(item: Loose<ProvedRow>): boolean {
  const entry = item?.entry as Loose<ProvedRow['entry']>;
  return (
    typeof entry?.id === 'string' &&
    typeof entry.instance === 'string' &&
    Number.isSafeInteger(entry.n) &&
    typeof entry.canonical === 'string' &&
    Number.isSafeInteger(item?.row) &&
    (item!.row as number) >= 0 &&
    Array.isArray(item?.path) &&
    item.path.every(isBase64)
  );
}
