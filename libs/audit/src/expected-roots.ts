import type { Db } from '@avtala/database';
import { checkpointsAfter, type StoredCheckpoint } from './tree-store.js';
import type { Witness, Witnessed } from './witness.js';

/** What the tree must look like at one size, by our own checkpoint, by the witness, or both. */
export interface ExpectedRoot {
  readonly size: number;
  readonly ours?: StoredCheckpoint;
  readonly seen?: Witnessed;
}

const PAGE = 500;

/** Checkpoints of both sides above `after`, smallest first, page by page. */
export async function* expectedRoots(
  db: Db,
  witness: Witness | undefined,
  origin: string,
  after: number,
): AsyncGenerator<ExpectedRoot> {
  for (let from = after; ;) {
    const seen = witness ? await witness.seen(origin, from, PAGE) : [];
    const ours = await db.asWorker((tx) => checkpointsAfter(tx, from, PAGE));
    const ends = [ours, seen].flatMap((page) => (page.length === PAGE ? [page.at(-1)!.size] : []));
    const until = ends.length ? Math.min(...ends) : Infinity;
    const bySize = new Map<number, ExpectedRoot>();
    for (const o of ours) bySize.set(o.size, { size: o.size, ours: o });
    for (const s of seen) bySize.set(s.size, { ...bySize.get(s.size), size: s.size, seen: s });
    const sizes = [...bySize.keys()].filter((size) => size <= until).sort((a, b) => a - b);
    for (const size of sizes) yield bySize.get(size)!;
    if (until === Infinity) return;
    from = until;
  }
}
