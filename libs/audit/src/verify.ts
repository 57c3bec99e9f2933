import type { KeyObject } from 'node:crypto';
import { auditMac } from '@avtala/access';
import type { ServiceName } from '@avtala/contracts';
import { rows, type Db } from '@avtala/database';
import { originOf, readNote } from './checkpoint.js';
import { isFiledAt, leafData } from './entry.js';
import { expectedRoots, type ExpectedRoot } from './expected-roots.js';
import { Frontier, leafHash } from './merkle.js';
import { NumberCheck } from './number-check.js';
import { BLOCK, checkpointUpTo, newestCheckpoint, takeUp, TreeDamaged, type StoredCheckpoint } from './tree-store.js';
import type { Witness } from './witness.js';

export type Problem =
  | 'entry-missing' // a leaf whose entry is gone
  | 'entry-changed' // its bytes, number or id are not what was sealed
  | 'mac-wrong' // not written by this service
  | 'columns-differ' // filed under another time or subject than its bytes say
  | 'entry-not-sealed' // older than what was sealed, and not in the tree
  | 'number-missing' // removed before it was sealed
  | 'leaf-missing'
  | 'block-differs'
  | 'root-differs' // the leaves do not give the root that was signed
  | 'signature-wrong'
  | 'checkpoint-missing'
  | 'witness-differs' // the witness saw another tree of that size
  | 'rolled-back' // the witness saw a larger tree
  | 'witness-behind'; // it has not been told for a minute, or cannot be asked

/** What is wrong, and where. */
export interface Finding {
  /** Place in the tree, from 0; null when the entry is not in it. */
  readonly row: number | null;
  readonly entryId: string | null;
  readonly problem: Problem;
}

export interface Verified {
  readonly service: ServiceName;
  readonly whole: boolean;
  /** So many rows, from the first, are vouched for: by their entries, the root and the signature. */
  readonly upTo: number;
  /** Where the check began: 0, or the checkpoint a quick one trusts. */
  readonly from: number;
  /** Entries written and not sealed yet. */
  readonly unsealed: number;
  /** Numbers given out by processes that died, of which nobody can say what became: at most those of their last moments. */
  readonly unaccounted: number;
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  readonly service: ServiceName;
  readonly db: Db;
  readonly macKey: Buffer;
  /** Either half of the key that signs checkpoints. */
  readonly signingKey: KeyObject;
  /** Left out: equality with the witness is not checked. */
  readonly witness?: Witness;
  /** Check about so many of the newest rows only, trusting the signed and witnessed checkpoint before them; numbers are not checked then. */
  readonly quick?: number;
  /** Asked once a page: a check in a process that is to end gives up, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Rows read at once; the process stands still for each page, about 25 ms. */
const PAGE = 500;
const MOST_FINDINGS = 20;
/** How long a checkpoint may be on its way to the witness. */
const WITNESS_SECONDS = 60;

/** Checks a service's trail against itself, its signatures and the witness, while the service runs: what is written meanwhile is left for
 * the next time. Nothing is repaired. */
export async function verifyTrail(options: VerifyOptions): Promise<Verified> {
  const check = new Check(options);
  try {
    await check.run();
  } catch (error) {
    if (!(error instanceof TreeDamaged)) throw error;
    check.found('block-differs');
  }
  return check.result();
}

interface EntryRow {
  id: string | null;
  instance: string;
  n: string;
  canonical: Buffer;
  mac: Buffer;
  /** A number when infinite. */
  at: Date | number;
  subject_ref: string | null;
}
interface LeafRow extends EntryRow {
  index: string;
  entry_id: string;
  hash: Buffer;
}

class Check {
  private readonly origin = originOf(this.o.service);
  private readonly findings: Finding[] = [];
  private readonly numbers = new NumberCheck();
  private whole = new Frontier();
  private block = new Frontier();
  private from = 0;
  /** Size of the newest checkpoint whose root and signature hold. */
  private vouched = 0;
  private waiting = 0;
  private unaccounted = 0;
  private rootsLost = false;

  constructor(private readonly o: VerifyOptions) {}

  found(problem: Problem, row: number | null = null, entryId: string | null = null): void {
    if (this.findings.length < MOST_FINDINGS) this.findings.push({ row, entryId, problem });
  }

  async run(): Promise<void> {
    const newest = await this.o.db.asWorker(newestCheckpoint);
    if (this.o.quick !== undefined && newest) await this.trust(newest.size - this.o.quick);
    await this.tree(newest?.size ?? 0);
    await this.afterTheTree(newest);
    const { removed, unaccounted } = this.numbers.result();
    this.unaccounted = this.o.quick === undefined ? unaccounted : 0;
    if (this.o.quick === undefined) removed.forEach(() => this.found('number-missing'));
  }

  result(): Verified {
    const rowsFound = this.findings.flatMap(({ row }) => (row === null ? [] : [row]));
    return {
      service: this.o.service,
      whole: this.findings.length === 0,
      upTo: Math.min(this.vouched, ...rowsFound),
      from: this.from,
      unsealed: this.waiting,
      unaccounted: this.unaccounted,
      findings: this.findings,
    };
  }

  /** Takes up the tree at a checkpoint of at most this size, which is compared like any other. */
  private async trust(size: number): Promise<void> {
    const start = await this.o.db.asWorker((tx) => checkpointUpTo(tx, size));
    if (!start) return;
    ({ whole: this.whole, block: this.block } = await this.o.db.asWorker((tx) => takeUp(tx, start.size)));
    this.from = start.size;
  }

  private async tree(size: number): Promise<void> {
    const expected = expectedRoots(this.o.db, this.o.witness, this.origin, Math.max(0, this.from - 1));
    let next = await this.nextRoot(expected);
    const compare = async () => {
      for (; next && next.size <= Math.min(this.whole.size, size); next = await this.nextRoot(expected))
        this.compare(next);
    };
    await compare();
    for (let from = this.from; from < size; from += PAGE) {
      this.o.signal?.throwIfAborted();
      const to = Math.min(size, from + PAGE);
      const leaves = await this.o.db.asWorker((tx) => rows<LeafRow>(tx, LEAVES, [from, to]));
      const blocks = await this.blocks(from, to);
      let index = from;
      for (const leaf of leaves) {
        if (Number(leaf.index) !== index && !this.rootsLost) {
          this.found('leaf-missing', index);
          this.rootsLost = true;
        }
        index = Number(leaf.index);
        this.leaf(index, leaf);
        this.grow(index, leaf.hash, blocks);
        if (next && next.size === this.whole.size) await compare();
        index += 1;
      }
      if (index < to && !this.rootsLost) {
        this.found('leaf-missing', index);
        this.rootsLost = true;
      }
    }
    if (next && next.size > size) await this.beyond(next.size);
  }

  private async nextRoot(expected: AsyncGenerator<ExpectedRoot>): Promise<ExpectedRoot | undefined> {
    try {
      const { value, done } = await expected.next();
      return done ? undefined : (value as ExpectedRoot);
    } catch (error) {
      if (error instanceof TreeDamaged) throw error;
      this.found('witness-behind');
      return undefined;
    }
  }

  /** One entry against its leaf, its MAC and the columns it is filed under. */
  private leaf(row: number, leaf: LeafRow): void {
    if (leaf.id === null) return this.found('entry-missing', row, leaf.entry_id);
    const { id, instance, canonical } = leaf;
    const sealed = leafHash(leafData({ id, instance, n: Number(leaf.n), canonical }));
    if (!sealed.equals(leaf.hash)) return this.found('entry-changed', row, id);
    this.entry(row, leaf);
  }

  private entry(row: number | null, entry: EntryRow): void {
    const { id, instance, canonical } = entry;
    const n = Number(entry.n);
    if (!auditMac(this.o.macKey, instance, n, canonical).equals(entry.mac)) return this.found('mac-wrong', row, id);
    const said = JSON.parse(canonical.toString()) as { at: string; subject?: string; numbers?: unknown };
    if (!isFiledAt(said.at, entry.at) || (said.subject ?? null) !== entry.subject_ref)
      this.found('columns-differ', row, id);
    this.numbers.saw(instance, n, said.numbers);
  }

  private grow(index: number, hash: Buffer, blocks: ReadonlyMap<number, Buffer>): void {
    if (this.rootsLost) return;
    this.whole.append(hash);
    this.block.append(hash);
    if (this.block.size < BLOCK) return;
    const number = Math.floor(index / BLOCK);
    if (!blocks.get(number)?.equals(this.block.root())) this.found('block-differs', number * BLOCK);
    this.block = new Frontier();
  }

  private async blocks(from: number, to: number): Promise<Map<number, Buffer>> {
    const found = await this.o.db.asWorker((tx) =>
      rows<{ index: string; hash: Buffer }>(
        tx,
        'select index, hash from audit_block where index >= $1 and index < $2',
        [Math.floor(from / BLOCK), Math.ceil(to / BLOCK)],
      ),
    );
    return new Map(found.map((b) => [Number(b.index), b.hash]));
  }

  /** The tree at a checkpoint's size against what was signed and what the witness saw. A finding is of the first row not vouched for. */
  private compare({ size, ours, seen }: ExpectedRoot): void {
    if (this.rootsLost) return;
    const root = this.whole.root();
    if (seen && (!seen.root.equals(root) || (ours && ours.note !== seen.note))) return this.lost('witness-differs');
    if (!ours) return this.found('checkpoint-missing', this.vouched);
    if (!ours.root.equals(root)) return this.lost('root-differs');
    const said = readNote(ours.note, this.o.signingKey);
    if (said?.origin !== this.origin || said.size !== size || !said.root.equals(root))
      return this.lost('signature-wrong');
    if (this.o.witness && !seen && ours.ageSeconds > WITNESS_SECONDS) this.found('witness-behind', this.vouched);
    this.vouched = size;
  }

  /** From here on every root would differ: it is said once. */
  private lost(problem: Problem): void {
    this.found(problem, this.vouched);
    this.rootsLost = true;
  }

  /** Something was sealed while we looked; or the witness knows more than there is. */
  private async beyond(size: number): Promise<void> {
    const now = await this.o.db.asWorker(newestCheckpoint);
    if ((now?.size ?? 0) < size) this.found('rolled-back', this.vouched);
  }

  private async afterTheTree(newest: StoredCheckpoint | undefined): Promise<void> {
    const [{ loose }] = (await this.o.db.asWorker((tx) => rows(tx, LOOSE_LEAVES))) as [{ loose: boolean }];
    if (loose) this.found('checkpoint-missing', this.vouched);
    const horizon = newest?.horizon ?? '0';
    await this.o.db.asWorker(async (tx) => {
      await tx.query(`declare later no scroll cursor for ${LATER}`, [horizon, newest?.size ?? 0]);
      for (;;) {
        this.o.signal?.throwIfAborted();
        const found = await rows<EntryRow & { sealed: boolean }>(tx, `fetch ${PAGE} from later`);
        for (const entry of found) this.entry(null, entry);
        this.waiting += found.filter((entry) => !entry.sealed).length;
        if (found.length < PAGE) return;
      }
    });
    if (this.o.quick !== undefined) return;
    const missed = await this.o.db.asWorker((tx) => rows<{ id: string }>(tx, MISSED, [horizon, MOST_FINDINGS]));
    for (const { id } of missed) this.found('entry-not-sealed', null, id);
  }
}

const ENTRY = 'e.id, e.instance, e.n, e.canonical, e.mac, e.at, e.subject_ref';
const LEAVES = `
  select l.index, l.entry_id, l.hash, ${ENTRY}
    from audit_leaf l left join audit_entry e on e.id = l.entry_id
   where l.index >= $1 and l.index < $2 order by l.index`;
const UNSEALED = 'not exists (select from audit_leaf l where l.entry_id = e.id)';
/** What came after the tree as it was read, sealed meanwhile or not; in one snapshot, since an entry speaks of the numbers before its own. */
const LATER = `
  select ${ENTRY}, not ${UNSEALED} as sealed from audit_entry e
   where e.xid >= $1::xid8 and not exists (select from audit_leaf l where l.entry_id = e.id and l.index < $2)`;
const MISSED = `select e.id from audit_entry e where e.xid < $1::xid8 and ${UNSEALED} order by e.xid limit $2`;
const LOOSE_LEAVES = `
  select exists (select from audit_leaf where index >= coalesce((select max(size) from audit_checkpoint), 0)) as loose`;
