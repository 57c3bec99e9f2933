import { hash } from 'node:crypto';

/** Root of a complete or right-hand part of the tree over leaves [from, to), as RFC 6962 §2.1 defines it. */
export type RangeHash = (from: number, to: number) => Promise<Buffer>;

export const EMPTY_ROOT = sha256(Buffer.alloc(0));

/** Leaves and nodes are hashed under different prefixes, so neither passes for the other (RFC 6962 §2.1). */
export function leafHash(data: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.of(0), data]));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.of(1), left, right]));
}

/** What has to be kept to let a tree grow: one hash for each bit of its size. */
export class Frontier {
  /** Roots of complete subtrees, largest first; their sizes are the bits of `size`. */
  private readonly roots: Buffer[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  append(leaf: Buffer): void {
    this.appendComplete(leaf, 1);
  }

  /** Appends the root of a complete subtree.
   * @param leaves its size, a power of two that divides the present size
   * @throws RangeError when the subtree has no place here */
  appendComplete(root: Buffer, leaves: number): void {
    if (leaves < 1 || (leaves & (leaves - 1)) !== 0 || this.count % leaves !== 0)
      throw new RangeError(`No subtree of ${leaves} leaves after ${this.count}`);
    let merged = root;
    let bits = this.count / leaves;
    while (bits % 2 === 1) {
      merged = nodeHash(this.roots.pop()!, merged);
      bits = (bits - 1) / 2;
    }
    this.roots.push(merged);
    this.count += leaves;
  }

  root(): Buffer {
    if (this.roots.length === 0) return EMPTY_ROOT;
    return this.roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** RFC 6962 root of these leaf hashes. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
}

/** Which ranges' roots prove that leaf `index` is in the tree of `size` leaves, from the leaf upwards (RFC 6962 §2.1.1).
 * @throws RangeError for a leaf outside the tree */
export async function inclusionProof(index: number, size: number, range: RangeHash): Promise<Buffer[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`No leaf ${index} of ${size}`);
  const path: Buffer[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const split = from + splitOf(to - from);
    if (index < split) {
      path.push(await range(split, to));
      to = split;
    } else {
      path.push(await range(from, split));
      from = split;
    }
  }
  return path.reverse();
}

/** Proof that the tree of `newer` leaves only added to the tree of `older` leaves (RFC 6962 §2.1.2); empty when the sizes are equal. */
export async function consistencyProof(older: number, newer: number, range: RangeHash): Promise<Buffer[]> {
  if (older < 1 || older > newer) throw new RangeError(`No tree of ${older} leaves inside one of ${newer}`);
  const path: Buffer[] = [];
  let [from, to] = [0, newer];
  let known = true; // the verifier has the root of the older tree itself
  for (;;) {
    if (older === to) {
      if (!known) path.push(await range(from, to));
      return path.reverse();
    }
    const split = from + splitOf(to - from);
    if (older <= split) {
      path.push(await range(split, to));
      to = split;
    } else {
      path.push(await range(from, split));
      from = split;
      known = false;
    }
  }
}

/** RFC 9162 §2.1.3.2, which is how a proof of RFC 6962 is checked. */
export function inclusionHolds(
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
  root: Buffer,
): boolean {
  if (index >= size) return false;
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else r = nodeHash(r, p);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && r.equals(root);
}

/** RFC 9162 §2.1.4.2. */
export function consistencyHolds(
  older: number,
  newer: number,
  olderRoot: Buffer,
  newerRoot: Buffer,
  proof: readonly Buffer[],
): boolean {
  if (older === newer) return proof.length === 0 && olderRoot.equals(newerRoot);
  if (older < 1 || older > newer) return false;
  const path = (older & (older - 1)) === 0 ? [olderRoot, ...proof] : [...proof];
  const first = path.shift();
  if (!first) return false;
  let [fn, sn, fr, sr] = [older - 1, newer - 1, first, first];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  for (const c of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && fr.equals(olderRoot) && sr.equals(newerRoot);
}

/** The largest power of two smaller than `n`: where RFC 6962 splits a range of that many leaves. */
export function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

const half = (n: number): number => Math.floor(n / 2);

function sha256(data: Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}
