import { expect, it, test } from '@jest/globals';
import {
  consistencyHolds,
  consistencyProof,
  Frontier,
  inclusionHolds,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  splitOf,
} from './merkle.js';

// The reference vectors of RFC 6962's own implementation.
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const hashesOf = (leaves: readonly string[]) => leaves.map((l) => leafHash(Buffer.from(l, 'hex')));
test.each([
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('the root of %i leaves is that of RFC 6962', (n, root) => {
  expect(rootOf(hashesOf(LEAVES.slice(0, n))).toString('hex')).toBe(root);
});

test.each([
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
])('the proof of leaf %i of %i is that of RFC 6962', async (index, size, proof) => {
  const found = await inclusionProof(index, size, rangeOver(hashesOf(LEAVES)));
  expect(found.map((p) => p.toString('hex'))).toEqual(proof);
});

test.each([
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
])('the consistency proof from %i to %i leaves is that of RFC 6962', async (older, newer, proof) => {
  const found = await consistencyProof(older, newer, rangeOver(hashesOf(LEAVES)));
  expect(found.map((p) => p.toString('hex'))).toEqual(proof);
});

const MOST = 130;
const leaves = Array.from({ length: MOST }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));
const roots = Array.from({ length: MOST + 1 }, (_, n) => rootOf(leaves.slice(0, n)));

it('the frontier gives the root of the recursive definition at every size, also when it takes complete subtrees', () => {
  for (let n = 1; n <= MOST; n++) expect(roots[n]!.equals(recursive(leaves.slice(0, n)))).toBe(true);
  const whole = new Frontier();
  for (let i = 0; i + 32 <= MOST; i += 32) whole.appendComplete(recursive(leaves.slice(i, i + 32)), 32);
  for (let i = 128; i < MOST; i++) whole.append(leaves[i]!);
  expect(whole.root().equals(roots[MOST]!)).toBe(true);
  expect(() => whole.appendComplete(leaves[0]!, 32)).toThrow(RangeError);
});

it('every leaf of every size up to 130 is proved, and by no other leaf, place or size', async () => {
  const range = rangeOver(leaves);
  const wrong: string[] = [];
  for (let size = 1; size <= MOST; size++) {
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(index, size, range);
      const holds = (leaf: number, at: number, root: number, path = proof) =>
        inclusionHolds(leaves[leaf]!, at, size, path, roots[root]!);
      const asItShould =
        holds(index, index, size) &&
        !holds((index + 1) % MOST, index, size) &&
        !holds(index, index, size - 1) &&
        (size === 1 || !holds(index, (index + 1) % size, size)) &&
        proof.every((_, i) => !holds(index, index, size, proof.with(i, leaves[index]!))) &&
        !holds(index, index, size, [...proof, leaves[index]!]);
      if (!asItShould) wrong.push(`${index} of ${size}`);
    }
  }
  expect(wrong).toEqual([]);
});

it('every size up to 130 is proved to go on into every larger one, and into no other tree', async () => {
  const range = rangeOver(leaves);
  const wrong: string[] = [];
  for (let newer = 1; newer <= MOST; newer++) {
    for (let older = 1; older <= newer; older++) {
      const proof = await consistencyProof(older, newer, range);
      const holds = (from: Buffer, to: Buffer, path = proof) => consistencyHolds(older, newer, from, to, path);
      const asItShould =
        holds(roots[older]!, roots[newer]!) &&
        !holds(roots[older - 1]!, roots[newer]!) &&
        !holds(roots[older]!, roots[newer - 1]!) &&
        !holds(roots[older]!, roots[newer]!, [...proof, leaves[0]!]);
      if (!asItShould) wrong.push(`${older} in ${newer}`);
    }
  }
  expect(wrong).toEqual([]);
});

it.each([[-1], [3], [0.5]])('there is no proof of leaf %d in a tree of 3', async (index) => {
  await expect(inclusionProof(index, 3, rangeOver(leaves))).rejects.toThrow(RangeError);
});

function rangeOver(of: readonly Buffer[]) {
  const known = new Map<string, Buffer>();
  return async (from: number, to: number) => {
    const root = known.get(`${from} ${to}`) ?? recursive(of.slice(from, to));
    known.set(`${from} ${to}`, root);
    return root;
  };
}

/** RFC 6962 §2.1, word for word. */
function recursive(of: readonly Buffer[]): Buffer {
  if (of.length === 0) return rootOf([]);
  if (of.length === 1) return of[0]!;
  const split = splitOf(of.length);
  return nodeHash(recursive(of.slice(0, split)), recursive(of.slice(split)));
}
