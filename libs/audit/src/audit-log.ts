import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { auditMac } from '@avtala/access';
import { Missing, RetryLater, type ServiceName } from '@avtala/contracts';
import { rows, type Db } from '@avtala/database';
import { originOf, verifierKey } from './checkpoint.js';
import { inclusionProof, leafHash, type RangeHash } from './merkle.js';
import { isFiledAt, leafData } from './entry.js';
import type { Sealer, SealingState } from './sealer.js';
import { newestCheckpoint, rangesOf } from './tree-store.js';
import { verifyTrail, type Verified } from './verify.js';
import type { Witness } from './witness.js';

/** Which entries somebody wants, and may have. */
export interface AuditQuery {
  /** Id of a person in staff, or name of a service. */
  readonly actor?: string;
  /** Id of the lead or other subject an entry is about. */
  readonly subject?: string;
  readonly act?: string;
  /** Business time, from included, to not. */
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  /** Id of the last entry of the page before. */
  readonly after?: string;
  /** Left out: everything. Else this person's own acts, and entries about no person that are not a data-protection matter. */
  readonly ownPartOf?: string;
}

export interface LoggedEntry {
  readonly id: string;
  /** Place in the tree; null until it is sealed. */
  readonly row: number | null;
  readonly canonical: Buffer;
}

export interface InclusionProof {
  readonly entry: { readonly id: string; readonly instance: string; readonly n: number; readonly canonical: Buffer };
  readonly row: number;
  readonly leaf: Buffer;
  /** Hashes from the leaf upwards (RFC 6962 §2.1.1). */
  readonly path: readonly Buffer[];
  readonly checkpoint: SignedCheckpoint;
}

/** Entries with their proofs towards one checkpoint. */
export interface ProvedPage {
  /** Undefined before anything was sealed. */
  readonly checkpoint: SignedCheckpoint | undefined;
  /** Newest first. */
  readonly entries: readonly Omit<InclusionProof, 'checkpoint'>[];
  /** Entries of the page that are not sealed yet: there is no proof of them. */
  readonly unsealed: number;
  /** Last id of the page, sealed or not; undefined when it was not full. */
  readonly next: string | undefined;
}

/** What a check of the chain found, as the trail itself remembers it. */
export interface LastCheck {
  readonly at: string;
  readonly whole: boolean;
  readonly upTo: number;
  /** Place of the first row that is wrong; null when nothing is, or what is wrong has no place in the tree. */
  readonly row: number | null;
  readonly problem: string | null;
}

export interface SignedCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  /** The public key, as C2SP writes it. */
  readonly verifierKey: string;
}

/** An entry was written moments ago and has no place in the tree yet. */
const NOT_SEALED = 'audit-entry-not-sealed';
/** What a person waits for: a check of everything is `npm run audit-verify`. */
const QUICK_ROWS = 10_000;

/** Reads a service's audit trail. Who reads is the caller's to check and to audit. */
export class AuditLog {
  constructor(
    private readonly service: ServiceName,
    private readonly db: Db,
    private readonly keys: { readonly mac: Buffer; readonly signing: KeyObject },
    private readonly sealer: Sealer,
    private readonly witness: Witness | undefined,
  ) {}

  get sealing(): SealingState {
    return this.sealer.sealing;
  }

  /** Newest first. */
  list(query: AuditQuery): Promise<LoggedEntry[]> {
    const { sql, values } = listSql(query);
    return this.db.asWorker(async (tx) => {
      const found = await rows<{ id: string; row: string | null; canonical: Buffer }>(tx, sql, values);
      return found.map((e) => ({ ...e, row: e.row === null ? null : Number(e.row) }));
    });
  }

  /** The newest checkpoint; undefined before anything was sealed. */
  async checkpoint(): Promise<SignedCheckpoint | undefined> {
    return this.db.asWorker((tx) => this.newest(tx));
  }

  /** That an entry is in the tree, without showing any other.
   * @throws Missing when there is no such entry in that part
   * @throws RetryLater for one that is not sealed yet */
  proof(id: string, ownPartOf?: string): Promise<InclusionProof> {
    return this.db.asWorker(async (tx) => {
      const [found] = await rows<{ id: string; instance: string; n: string; canonical: Buffer; index: string | null }>(
        tx,
        `select e.id, e.instance, e.n, e.canonical, l.index from audit_entry e left join audit_leaf l on l.entry_id = e.id
          where e.id = $1 and ($2::text is null or e.actor = $2 or ${GENERAL})`,
        [id, ownPartOf ?? null],
      );
      if (!found) throw new Missing('audit entry');
      const checkpoint = await this.newest(tx);
      if (found.index === null || !checkpoint) throw new RetryLater(NOT_SEALED, 2_000);
      const entry = { id: found.id, instance: found.instance, n: Number(found.n), canonical: found.canonical };
      const row = Number(found.index);
      const path = await inclusionProof(row, checkpoint.size, rangesOf(tx));
      return { entry, row, leaf: leafHash(leafData(entry)), path, checkpoint };
    });
  }

  /** A page of `list`, each entry with its proof towards the newest checkpoint: what an export is made of. */
  proofs(query: AuditQuery): Promise<ProvedPage> {
    const { sql, values } = listSql(query);
    return this.db.asWorker(async (tx) => {
      const ids = (await rows<{ id: string }>(tx, sql, values)).map(({ id }) => id);
      // After the list: what is sealed then is in the checkpoint that is read next, or counts as not sealed.
      const checkpoint = await this.newest(tx);
      const found = await rows<ProvedRow>(
        tx,
        `select e.id, e.instance, e.n, e.canonical, l.index from unnest($1::uuid[]) with ordinality as w(id, place)
           join audit_entry e on e.id = w.id join audit_leaf l on l.entry_id = e.id
          where l.index < $2 order by w.place`,
        [ids, checkpoint?.size ?? 0],
      );
      const range = remembered(rangesOf(tx));
      const entries: Omit<InclusionProof, 'checkpoint'>[] = [];
      for (const { index, n, ...rest } of found) {
        const entry = { ...rest, n: Number(n) };
        const path = await inclusionProof(Number(index), checkpoint!.size, range);
        entries.push({ entry, row: Number(index), leaf: leafHash(leafData(entry)), path });
      }
      const next = ids.length === query.limit ? ids.at(-1) : undefined;
      return { checkpoint, entries, unsealed: ids.length - entries.length, next };
    });
  }

  /** The newest check that was written down; what one found stays until another has read everything and found it whole. One that this service did not
   * write, or whose time was changed, does not count: nobody can enter that all is well. */
  async lastCheck(): Promise<LastCheck | undefined> {
    let newest: LastCheck | undefined;
    for await (const { everything, night: _, ...check } of this.checks()) {
      newest ??= check;
      if (!check.whole) return check;
      if (everything) return newest;
    }
    return newest;
  }

  /** Whether this night's check was made; the first night is the one after the first entry. */
  async isCheckedAt(night: Temporal.Instant): Promise<boolean> {
    for await (const check of this.checks())
      if (check.night !== null) return Temporal.Instant.compare(Temporal.Instant.from(check.night), night) >= 0;
    const [oldest] = await this.db.asWorker((tx) =>
      rows<{ writtenAt: Date }>(tx, `select written_at as "writtenAt" from audit_entry order by xid limit 1`),
    );
    return !oldest || Number(oldest.writtenAt) >= night.epochMilliseconds;
  }

  /** This service's own, newest first. */
  private async *checks(): AsyncGenerator<CheckSeen> {
    for (let after: string | null = null; ;) {
      const page: CheckRow[] = await this.db.asWorker((tx) => rows<CheckRow>(tx, CHECKS, [after]));
      for (const row of page) {
        const said = JSON.parse(row.canonical.toString()) as { at: string; detail: Partial<CheckSeen> };
        const isOurs = auditMac(this.keys.mac, row.instance, Number(row.n), row.canonical).equals(row.mac);
        if (!isOurs || !isFiledAt(said.at, row.at)) continue;
        const {
          whole = false,
          upTo = 0,
          row: first = null,
          problem = null,
          everything = false,
          night = null,
        } = said.detail;
        yield { at: said.at, whole, upTo, row: first, problem, everything, night };
      }
      if (page.length < CHECKS_AT_ONCE) return;
      after = page.at(-1)!.id;
    }
  }

  /** Checks entries, signatures and witness: of the newest rows, trusting what was signed and witnessed before them, or of everything. */
  verify(what: 'newest' | 'everything', signal?: AbortSignal): Promise<Verified> {
    return verifyTrail({
      service: this.service,
      db: this.db,
      macKey: this.keys.mac,
      signingKey: this.keys.signing,
      ...(this.witness ? { witness: this.witness } : {}),
      ...(what === 'newest' ? { quick: QUICK_ROWS } : {}),
      ...(signal ? { signal } : {}),
    });
  }

  private async newest(tx: EntityManager): Promise<SignedCheckpoint | undefined> {
    const found = await newestCheckpoint(tx);
    if (!found) return undefined;
    const { size, root, note } = found;
    return { size, root, note, verifierKey: verifierKey(originOf(this.service), this.keys.signing) };
  }
}

/** What of a check stands in the trail, for {@link AuditLog.lastCheck}. @param night which one a service made it for, by itself */
export function checkSeen(
  { whole, upTo, findings: [first] }: Verified,
  what: 'newest' | 'everything',
  night?: Temporal.Instant,
): Record<string, string | number | boolean | null> {
  return {
    ...{ whole, upTo, everything: what === 'everything' },
    ...(first ? { row: first.row, problem: first.problem } : {}),
    ...(night ? { night: night.toString() } : {}),
  };
}

interface CheckSeen extends LastCheck {
  /** Not the newest rows only. */
  readonly everything: boolean;
  readonly night: string | null;
}
interface CheckRow {
  id: string;
  instance: string;
  n: string;
  canonical: Buffer;
  mac: Buffer;
  /** A number when infinite. */
  at: Date | number;
}

const CHECKS_AT_ONCE = 50;
const CHECKS = `
  select id, instance, n, canonical, mac, at from audit_entry
   where act = 'audit.verified' and ($1::uuid is null or (at, id) < (select a.at, a.id from audit_entry a where a.id = $1))
   order by at desc, id desc limit ${CHECKS_AT_ONCE}`;

type ProvedRow = { id: string; instance: string; n: string; canonical: Buffer; index: string };

/** Neighbours share most of their paths. Hashes of one transaction's ranges: a page holds some thousands at most. */
function remembered(range: RangeHash): RangeHash {
  const known = new Map<string, Promise<Buffer>>();
  return (from, to) => {
    const key = `${from} ${to}`;
    let hash = known.get(key);
    if (!hash) known.set(key, (hash = range(from, to)));
    return hash;
  };
}

/** About no person, and no matter of the data-protection officer's. */
const GENERAL = `(e.subject_ref is null and e.act !~ '^(erasure|hold|privacy-request|suppression)')`;

/** Each way to filter has an index in the order of the answer, so that a page costs the same among a million rows. An own part is read as two
 * such pages, since one index cannot serve both of its halves. */
function listSql(query: AuditQuery): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const where = [
    ...(query.actor ? [`e.actor = ${place(query.actor)}`] : []),
    ...(query.subject ? [`e.subject_ref = ${place(query.subject)}::uuid`] : []),
    ...(query.act ? [`e.act = ${place(query.act)}`] : []),
    ...(query.from ? [`e.at >= ${place(query.from)}::timestamptz`] : []),
    ...(query.to ? [`e.at < ${place(query.to)}::timestamptz`] : []),
    ...(query.after
      ? [`(e.at, e.id) < (select a.at, a.id from audit_entry a where a.id = ${place(query.after)}::uuid)`]
      : []),
  ];
  const limit = place(query.limit);
  const page = (part: string[]) =>
    `(select e.id, e.at, e.canonical from audit_entry e ${part.length ? `where ${part.join(' and ')}` : ''}
       order by e.at desc, e.id desc limit ${limit})`;
  const own = query.ownPartOf === undefined ? undefined : place(query.ownPartOf);
  const pages = own ? `${page([...where, GENERAL])} union ${page([...where, `e.actor = ${own}`])}` : page(where);
  return {
    sql: `select e.id, e.canonical, l.index as row from (${pages}) e left join audit_leaf l on l.entry_id = e.id
           order by e.at desc, e.id desc limit ${limit}`,
    values,
  };
}
