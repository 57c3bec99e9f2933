import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { AuditTrail } from '@avtala/access';
import type { ServiceName } from '@avtala/contracts';
import { noEngagement, rows, type Db } from '@avtala/database';
import { log } from '@avtala/observability';
import { originOf, readNote, signedNote } from './checkpoint.js';
import { leafData, type StoredEntry } from './entry.js';
import { Frontier, leafHash } from './merkle.js';
import { BLOCK, checkpointsAfter, newestCheckpoint, takeUp, TreeDamaged, type Growing } from './tree-store.js';
import type { Witness } from './witness.js';

const EVERY_MS = 2_000;
/** Entries in one transaction; those of one business transaction stay together and may be more. */
const BATCH = 5_000;
/** Sealing later than this is an alarm (docs/security.md §4). */
export const LATE_SECONDS = 60;

export interface Sealed {
  /** Leaves in the tree. */
  readonly size: number;
  /** Entries sealed by this step. */
  readonly count: number;
  /** There may be more to seal at once. */
  readonly more: boolean;
  /** Another process is sealing: nothing was done. */
  readonly elsewhere?: true;
}

export interface SealingState {
  readonly size: number;
  /** Age of the oldest entry that is not in the tree, real time; 0 when all are. */
  readonly lagSeconds: number;
  /** Size of the newest checkpoint the witness has. */
  readonly witnessedSize: number;
}

type EntryRow = Omit<StoredEntry, 'n'> & { readonly n: string };

interface Place extends Growing {
  /** Transactions below it are done with: all their entries are in the tree. xid8 as text. */
  from: string;
  /** The database was restored into a server that counts transactions from elsewhere: entries may lie ahead of its count. */
  restored: boolean;
}

/** Puts a service's audit entries into its tree, some seconds after they were written: no business transaction waits for another's entry.
 * Several may run for one service; PostgreSQL lets one at a time. Killed anywhere, the next step goes on from what was committed. */
export class Sealer {
  private place: Place | undefined;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<unknown> = Promise.resolve();
  private stopping = false;
  private state: SealingState = { size: 0, lagSeconds: 0, witnessedSize: 0 };

  constructor(
    private readonly service: ServiceName,
    private readonly db: Db,
    private readonly trail: AuditTrail,
    private readonly key: KeyObject,
    private readonly witness: Witness | undefined,
  ) {}

  get sealing(): SealingState {
    return this.state;
  }

  /** Real time: what was done is sealed at once, whatever day the business clock shows. */
  start(): void {
    this.stopping = false;
    const next = () => {
      this.working = this.run().finally(() => {
        if (!this.stopping) this.timer = setTimeout(next, EVERY_MS).unref();
      });
    };
    this.timer = setTimeout(next, EVERY_MS).unref();
  }

  /** Waits for the step under way, and seals what is left. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.working;
    await this.run();
  }

  private async run(): Promise<void> {
    try {
      await this.tellUnused();
      let sealed: Sealed;
      do sealed = await this.step();
      while (sealed.more && !this.stopping);
      if (!sealed.elsewhere) await this.handOver(sealed.size);
    } catch (error) {
      log.warn('audit.not-sealed', { service: this.service }, error); // the next step tries again
    }
    await this.look();
  }

  /** Seals one batch in one transaction.
   * @throws TreeDamaged when the tree is not what the newest checkpoint says: nothing is put on top of that */
  step(): Promise<Sealed> {
    return this.db.asWorker((tx) => this.seal(tx));
  }

  private async seal(tx: EntityManager): Promise<Sealed> {
    const [lock] = await rows<{ mine: boolean }>(
      tx,
      `select pg_try_advisory_xact_lock(4719, hashtext(current_schema())) as mine`,
    );
    if (!lock!.mine) return { size: 0, count: 0, more: false, elsewhere: true };
    const place = await this.placeOf(tx);
    const [{ until, all } = { until: place.from, all: true }] = await rows<{ until: string; all: boolean }>(tx, UNTIL, [
      place.from,
      BATCH,
    ]);
    const found = await rows<EntryRow>(tx, ENTRIES, [place.from, until, place.restored]);
    const entries = found.map((row): StoredEntry => ({ ...row, n: Number(row.n) }));
    const from = place.whole.size;
    const blocks: { index: number; hash: Buffer }[] = [];
    const hashes = entries.map((entry) => {
      const hash = leafHash(leafData(entry));
      place.whole.append(hash);
      place.block.append(hash);
      if (place.block.size === BLOCK) {
        blocks.push({ index: place.whole.size / BLOCK - 1, hash: place.block.root() });
        place.block = new Frontier();
      }
      return hash;
    });
    place.from = until;
    place.restored = false;
    const ids = entries.map((entry) => entry.id);
    if (entries.length) await this.store(tx, place, from, ids, hashes, blocks);
    return { size: place.whole.size, count: entries.length, more: !all };
  }

  private async store(
    tx: EntityManager,
    place: Place,
    from: number,
    ids: string[],
    hashes: Buffer[],
    blocks: { index: number; hash: Buffer }[],
  ): Promise<void> {
    await tx.query(
      `insert into audit_leaf (index, entry_id, hash)
       select $1::bigint + l.place - 1, l.id, l.hash from unnest($2::uuid[], $3::bytea[]) with ordinality as l(id, hash, place)`,
      [from, ids, hashes],
    );
    if (blocks.length)
      await tx.query(
        `insert into audit_block (index, hash) select b.index, b.hash from unnest($1::bigint[], $2::bytea[]) as b(index, hash)`,
        [blocks.map((b) => b.index), blocks.map((b) => b.hash)],
      );
    const checkpoint = { origin: originOf(this.service), size: place.whole.size, root: place.whole.root() };
    await tx.query(`insert into audit_checkpoint (size, root, horizon, note) values ($1, $2, $3::xid8, $4)`, [
      checkpoint.size,
      checkpoint.root,
      place.from,
      signedNote(checkpoint, this.key),
    ]);
  }

  /** Where the tree stands: as this process left it, or read anew when another has sealed meanwhile, or the step before was rolled back. */
  private async placeOf(tx: EntityManager): Promise<Place> {
    const last = await newestCheckpoint(tx);
    const known = this.place;
    if (known && known.whole.size === (last?.size ?? 0) && (!last || known.whole.root().equals(last.root)))
      return known;
    const growing = await takeUp(tx, last?.size ?? 0);
    const said = last && readNote(last.note, this.key);
    if (last && (said?.size !== last.size || !said.root.equals(last.root) || !growing.whole.root().equals(last.root)))
      throw new TreeDamaged(`The tree of ${last.size} leaves is not the one that was signed`);
    const [foreign] = await rows<{ restored: boolean }>(tx, RESTORED, [last?.horizon ?? '0']);
    const { restored } = foreign!;
    return (this.place = { ...growing, from: restored ? '0' : (last?.horizon ?? '0'), restored });
  }

  /** Hands over what the witness has not seen, oldest first: also what was sealed before a crash, or while it was away. */
  private async handOver(all: number): Promise<void> {
    if (!this.witness || this.state.witnessedSize === all) return;
    const origin = originOf(this.service);
    let size = (await this.witness.newest(origin))?.size ?? 0;
    for (;;) {
      const unseen = await this.db.asWorker((tx) => checkpointsAfter(tx, size, 100));
      for (const { note, root, size: next } of unseen) {
        await this.witness.take({ origin, size: next, root, note });
        size = next;
      }
      if (unseen.length < 100) break;
    }
    this.state = { ...this.state, witnessedSize: size };
  }

  /** Without an entry that says so, numbers of rolled-back transactions would be a gap until somebody does something again. */
  private async tellUnused(): Promise<void> {
    if (!this.trail.hasUnused) return;
    const principal = { kind: 'service', service: this.service, purpose: 'sealing', eventId: 'sealing' } as const;
    await this.db.withScope(noEngagement, (tx) => this.trail.record(tx, { action: 'audit.numbers-unused', principal }));
  }

  private async look(): Promise<void> {
    try {
      const [found] = await this.db.asWorker((tx) => rows<{ size: string; lag: number }>(tx, LAG));
      const lagSeconds = Math.max(0, found!.lag);
      this.state = { ...this.state, size: Number(found!.size), lagSeconds };
      if (lagSeconds > LATE_SECONDS)
        log.error('audit.sealing-late', { service: this.service, lagSeconds: Math.round(lagSeconds) });
    } catch {
      // the database is away, which others say already; the age goes on growing from what was seen last
      this.state = { ...this.state, lagSeconds: this.state.lagSeconds + EVERY_MS / 1000 };
    }
  }
}

// A transaction older than every running one has ended: its entries are all there, or none ever will be. Ids alone would miss late commits.
const SAFE = `xid < pg_snapshot_xmin(pg_current_snapshot())`;

/** Up to which transaction the next batch goes: a whole number of transactions. */
const UNTIL = `
  with safe as (select pg_snapshot_xmin(pg_current_snapshot()) as xmin),
       cut as (select xid from audit_entry where xid >= $1::xid8 and ${SAFE} order by xid offset $2 limit 1)
  select coalesce(case when cut.xid > $1::xid8 then cut.xid else (cut.xid::text::numeric + 1)::text::xid8 end, safe.xmin)::text as until,
         cut.xid is null as all
    from safe left join cut on true`;

/** After a restore entries are met again, and some lie in the future of the server's count. */
const ENTRIES = `
  select id, instance, n, canonical from audit_entry e
   where (xid >= $1::xid8 and xid < $2::xid8 or $3 and xid >= pg_snapshot_xmax(pg_current_snapshot()))
     and not exists (select from audit_leaf l where l.entry_id = e.id)
   order by xid, instance, n`;

const RESTORED = `select $1::xid8 > pg_snapshot_xmax(pg_current_snapshot()) as restored`;

const LAG = `
  select coalesce(c.size, 0) as size,
         coalesce((select extract(epoch from clock_timestamp() - e.written_at)::float8 from audit_entry e
                    where e.xid >= coalesce(c.horizon, '0'::xid8) order by e.xid limit 1), 0) as lag
    from (select 1) one left join (select size, horizon from audit_checkpoint order by size desc limit 1) c on true`;
