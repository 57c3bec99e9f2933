import type { EntityManager } from 'typeorm';
import { rows } from '@avtala/database';
import { Frontier, nodeHash, splitOf, type RangeHash } from './merkle.js';

/** Leaves to a stored block: a proof reads the leaves of one block and the roots of the others. */
export const BLOCK = 1024;

export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  /** xid8 as text. */
  readonly horizon: string;
  readonly note: string;
  /** Real time since it was sealed. */
  readonly ageSeconds: number;
}

const CHECKPOINT = `select size, root, horizon::text as horizon, note,
  extract(epoch from clock_timestamp() - sealed_at)::float8 as "ageSeconds" from audit_checkpoint`;
type CheckpointRow = Omit<StoredCheckpoint, 'size'> & { size: string };
const numbered = (row: CheckpointRow | undefined): StoredCheckpoint | undefined =>
  row && { ...row, size: Number(row.size) };

export async function newestCheckpoint(tx: EntityManager): Promise<StoredCheckpoint | undefined> {
  const [row] = await rows<CheckpointRow>(tx, `${CHECKPOINT} order by size desc limit 1`);
  return numbered(row);
}

/** The newest checkpoint of at most so many leaves. */
export async function checkpointUpTo(tx: EntityManager, size: number): Promise<StoredCheckpoint | undefined> {
  const [row] = await rows<CheckpointRow>(tx, `${CHECKPOINT} where size <= $1 order by size desc limit 1`, [size]);
  return numbered(row);
}

/** Checkpoints of more than so many leaves, smallest first. */
export async function checkpointsAfter(tx: EntityManager, size: number, most: number): Promise<StoredCheckpoint[]> {
  const found = await rows<CheckpointRow>(tx, `${CHECKPOINT} where size > $1 order by size limit $2`, [size, most]);
  return found.map((row) => numbered(row)!);
}

/** A tree that goes on: its frontier, and that of the block under way. */
export interface Growing {
  readonly whole: Frontier;
  block: Frontier;
}

/** Takes up the tree of `size` leaves where it was left, from the stored blocks and the leaves after them. */
export async function takeUp(tx: EntityManager, size: number): Promise<Growing> {
  const whole = new Frontier();
  const block = new Frontier();
  const blocks = Math.floor(size / BLOCK);
  for (const hash of await blockRoots(tx, 0, blocks)) whole.appendComplete(hash, BLOCK);
  for (const hash of await leafHashes(tx, blocks * BLOCK, size)) {
    whole.append(hash);
    block.append(hash);
  }
  return { whole, block };
}

/** Roots of ranges of the stored tree, for proofs. Ranges are those RFC 6962 splits a tree into, so a block is never cut. */
export function rangesOf(tx: EntityManager): RangeHash {
  const range: RangeHash = async (from, to) => {
    if (to - from < BLOCK) return fold(await leafHashes(tx, from, to));
    if (to - from === BLOCK) return (await blockRoots(tx, from / BLOCK, to / BLOCK))[0]!;
    if ((to - from) % BLOCK === 0) return fold(await blockRoots(tx, from / BLOCK, to / BLOCK));
    const split = from + splitOf(to - from);
    return nodeHash(await range(from, split), await range(split, to));
  };
  return range;
}

/** Root over equal parts, be they leaves or complete blocks. */
function fold(parts: readonly Buffer[]): Buffer {
  const frontier = new Frontier();
  for (const part of parts) frontier.append(part);
  return frontier.root();
}

async function leafHashes(tx: EntityManager, from: number, to: number): Promise<Buffer[]> {
  return hashes(tx, 'audit_leaf', from, to);
}

async function blockRoots(tx: EntityManager, from: number, to: number): Promise<Buffer[]> {
  return hashes(tx, 'audit_block', from, to);
}

/** The tree is not as it was left: a leaf or a block is missing, or a root differs from the checkpoint's. Nothing is sealed on top of it. */
export class TreeDamaged extends Error {
  override readonly name = 'TreeDamaged';
  readonly code = 'audit-tree-damaged';
}

async function hashes(
  tx: EntityManager,
  table: 'audit_leaf' | 'audit_block',
  from: number,
  to: number,
): Promise<Buffer[]> {
  if (from === to) return [];
  const found = await rows<{ hash: Buffer }>(
    tx,
    `select hash from ${table} where index >= $1 and index < $2 order by index`,
    [from, to],
  );
  if (found.length !== to - from)
    throw new TreeDamaged(`${table} lacks ${to - from - found.length} between ${from} and ${to}`);
  return found.map((row) => row.hash);
}
