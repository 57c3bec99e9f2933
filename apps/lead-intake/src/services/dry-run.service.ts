import { AuditTrail, scopeOfCaller, type KeyPrincipal, type Principal } from '@avtala/access';
import { Missing, RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { buriedAmong } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { LeadIntakeConfig } from '../config.js';
import { checkMapping } from '../domain/columns.js';
import { ImportConflict, MappingRefused } from '../domain/errors.js';
import type { Refusal } from '../domain/intake.js';
import { samePerson, type Known } from '../domain/same-person.js';
import { HASH_SLOTS, hashOf, noesOf } from '../storage/chunk.js';
import { leadsByIndexes } from '../storage/dry-run.js';
import { findEngagement, type Engagement } from '../storage/engagement.js';
import { findImport, knownRows } from '../storage/import.js';
import { noesAmong } from '../storage/suppression.js';
import { uploadPath } from '../storage/upload-file.js';
import type { ReadyChunk } from './import-chunks.js';
import { readInThread } from './import-reader.js';
import { provenanceOf, requireOpen, type StatedProvenance } from './provenance.js';

const CHUNK_ROWS = 5000;
/** A request's share: of a larger file the beginning is looked at, and the answer says so. */
const MOST_ROWS = 100_000;
const SHARE_MS = 15_000;
const AT_ONCE = 2;

export interface DryRun {
  /** Rows looked at; `complete` when that is all. */
  rows: number;
  complete: boolean;
  accepted: number;
  merged: number;
  refused: { reason: string; rows: number }[];
  /** Columns that are left out. */
  notTakenIn: string[];
}

/**
 * What an import would do, without doing it: nothing is stored, nobody's data is opened, nothing is locked. Read by the same code as the import;
 * who meets whom is told by hashes, so that of people who would gain an e-mail or a phone by one row and be met by it in another it is a guess.
 */
@Injectable()
export class DryRuns {
  private running = 0;

  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(LeadIntakeConfig) private readonly config: LeadIntakeConfig,
  ) {}

  /** @throws MappingRefused, ImportConflict, IntakeClosed, ConsentUnproven, Missing, RetryLater */
  async look(
    caller: Principal | KeyPrincipal,
    id: string,
    mapping: Readonly<Record<string, unknown>>,
    stated: StatedProvenance,
  ): Promise<DryRun> {
    if (this.running >= AT_ONCE) throw new RetryLater('too-many-dry-runs', 2_000);
    this.running++;
    try {
      return await this.lookAt(caller, id, mapping, stated);
    } finally {
      this.running--;
    }
  }

  private async lookAt(
    caller: Principal | KeyPrincipal,
    id: string,
    mapping: Readonly<Record<string, unknown>>,
    stated: StatedProvenance,
  ): Promise<DryRun> {
    const now = this.clock.now();
    const { ground } = provenanceOf(stated, now);
    const key = (await this.vault.open('import', [id], 'import')).get(id);
    const found = await this.db.withScope(scopeOfCaller(caller), (tx) => findImport(tx, id));
    if (!found || found.state === 'uploading') throw new Missing('import');
    if (found.state !== 'waiting' || !key)
      throw new ImportConflict(found.state === 'failed' ? 'import-failed' : 'import-not-waiting');
    const engagementId = found.engagement_id;
    const columns = unseal<string[]>(key, `import:${id}:columns`, found.sealed_columns);
    const checked = checkMapping(columns, mapping);
    if (!checked.ok) throw new MappingRefused(checked.problem);
    const engagement = await this.db.withScope(scopeOf(engagementId), (tx) => findEngagement(tx, engagementId));
    requireOpen(engagement, ground, now);
    const chunks = readInThread({
      path: uploadPath(this.config.AVTALA_UPLOADS_DIR, id),
      importId: id,
      key,
      bytes: Number(found.file_bytes),
      delimiter: found.delimiter,
      from: { offset: Number(found.next_offset), row: found.next_row },
      fields: checked.fields,
      labels: found.labels,
      today: swedishDay(now).toString(),
      pepper: (await this.vault.pepper(engagementId, engagement.pepper_version)).key,
      suppression: await this.vault.suppressionKey(),
      rowKey: await this.vault.importHashKey(engagementId),
      maker: await this.vault.keyMaker(),
      rows: CHUNK_ROWS,
    });
    const until = Date.now() + SHARE_MS;
    const seen = new Seen();
    let rows = 0;
    for await (const chunk of chunks) {
      await this.db.withScope(scopeOf(engagementId), (tx) => this.judge(tx, engagement, chunk, seen));
      rows += chunk.read;
      if (rows >= MOST_ROWS || Date.now() > until) break;
    }
    const complete = rows >= found.offered;
    await this.db.withScope(scopeOf(engagementId), (tx) =>
      this.audit.record(tx, {
        action: 'import.looked-at',
        principal: caller,
        engagementId,
        detail: { importId: id, rows },
      }),
    );
    const refused = [...seen.refused].map(([reason, count]) => ({ reason, rows: count }));
    const notTakenIn = columns.filter((_, i) => checked.fields[i] === null);
    return { rows, complete, accepted: seen.accepted, merged: seen.merged, refused, notTakenIn };
  }

  private async judge(
    tx: Parameters<typeof knownRows>[0],
    engagement: Engagement,
    chunk: ReadyChunk,
    seen: Seen,
  ): Promise<void> {
    for (const { reason } of chunk.rejects) seen.refuse(reason);
    const people = chunk.rows.map((_, i) => ({
      email: hashOf(chunk, i, HASH_SLOTS.merge),
      namePhone: hashOf(chunk, i, HASH_SLOTS.namePhone),
      row: hashOf(chunk, i, HASH_SLOTS.row),
      noes: noesOf(chunk, i),
    }));
    const saidNo = await noesAmong(
      tx,
      people.flatMap((p) => p.noes.map((n) => n.hash)),
    );
    const before = await knownRows(
      tx,
      engagement.id,
      people.flatMap((p) => p.row ?? []),
    );
    const existing = await leadsByIndexes(tx, engagement.id, {
      merge: people.flatMap((p) => p.email ?? []),
      namePhone: people.flatMap((p) => p.namePhone ?? []),
    });
    const leaving = await buriedAmong(tx, [...existing.map((l) => l.id), ...before.values()], []);
    for (const lead of existing)
      seen.enter({ id: lead.id, email: short(lead.merge_bidx), namePhone: short(lead.name_phone_bidx) });
    for (const p of people) {
      const [email, namePhone] = [short(p.email), short(p.namePhone)];
      const rerun = p.row && before.get(p.row.toString('hex'));
      const who = samePerson({ email }, seen.by(email), seen.by(namePhone));
      if (saidNo(p.noes, engagement.client_id)) seen.refuse('suppressed');
      else if (rerun && !leaving.has(rerun)) seen.merged++;
      else if (rerun) seen.refuse('being-erased');
      else if ([seen.by(email), seen.by(namePhone)].some((known) => known && leaving.has(known.id)))
        seen.refuse('being-erased');
      else if (who.as === 'ambiguous') seen.refuse('ambiguous');
      else if (who.as === 'same') seen.join(who.known, email, namePhone);
      else seen.add(email, namePhone);
    }
  }
}

/** People of the file and of the database, by hashes cut short: enough to tell a file's people apart. */
class Seen {
  accepted = 0;
  merged = 0;
  readonly refused = new Map<Refusal | string, number>();
  private readonly known = new Map<string, Known>();

  by(hash: string | null): Known | undefined {
    return hash === null ? undefined : this.known.get(hash);
  }

  enter(person: Known): void {
    for (const hash of [person.email, person.namePhone])
      if (hash && !this.known.has(hash)) this.known.set(hash, person);
  }

  add(email: string | null, namePhone: string | null): void {
    this.enter({ id: `#${this.accepted++}`, email, namePhone });
  }

  join(person: Known, email: string | null, namePhone: string | null): void {
    this.merged++;
    person.email ??= email;
    person.namePhone ??= namePhone;
    this.enter(person);
  }

  refuse(reason: Refusal | string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }
}

const short = (hash: Buffer | null): string | null => hash && hash.toString('latin1', 0, 12);
