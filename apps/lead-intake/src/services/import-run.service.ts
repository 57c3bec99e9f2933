import { AuditTrail, scopeOfCaller, type Principal, type ServicePrincipal } from '@avtala/access';
import { Missing, RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { createHmac, type KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { LeadIntakeConfig } from '../config.js';
import { checkMapping, columnOf, readRow, type ColumnField } from '../domain/columns.js';
import type { Person, RawLead } from '../domain/intake.js';
import { ImportConflict, MappingRefused } from '../domain/errors.js';
import { csvRows, type CsvRow } from '../storage/csv.js';
import { findEngagement } from '../storage/engagement.js';
import {
  advanceImport,
  endImport,
  findImport,
  insertRejects,
  startImport,
  type ImportRow,
  type Reject,
} from '../storage/import.js';
import { insertProvenance } from '../storage/provenance.js';
import { readUpload, removeUpload, uploadPath } from '../storage/upload-file.js';
import { decide } from './people.js';
import { provenanceOf, requireOpen, type StatedProvenance } from './provenance.js';
import { IntakeRaced, TakeIn, type Prepared, type TakenIn } from './take-in.js';

const CHUNK_ROWS = 1000;
/** A claim's share of real time; the lease holds for 60 s. */
const SHARE_MS = 20_000;
const RACES = 5;

/** A chunk of rows and how far the file is read with it. */
interface Chunk {
  rows: CsvRow[];
  from: { offset: number; row: number };
}

interface ReadyChunk extends Chunk {
  people: { row: number; person: Person; rowHash: Buffer }[];
  rejects: Reject[];
  /** null when the engagement is gone. */
  prepared: Prepared | null;
}

/** Confirms and works through files, a chunk a transaction; after a kill it goes on behind the last committed one. */
@Injectable()
export class ImportRuns {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Due) private readonly due: Due,
    @Inject(TakeIn) private readonly takeIn: TakeIn,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(LeadIntakeConfig) private readonly config: LeadIntakeConfig,
  ) {}

  /** @throws MappingRefused, ImportConflict, IntakeClosed, ConsentUnproven, Missing */
  async confirm(
    caller: Principal,
    id: string,
    claim: IdempotencyClaim,
    mapping: Readonly<Record<string, unknown>>,
    stated: StatedProvenance,
  ): Promise<void> {
    const now = this.clock.now();
    const provenance = provenanceOf(stated, now);
    const key = (await this.vault.open('import', [id], 'import')).get(id);
    await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const settled = await claimKey(tx, claim);
      if (settled) return;
      const found = await findImport(tx, id, true);
      if (!found || found.state === 'uploading') throw new Missing('import');
      if (found.state === 'failed') throw new ImportConflict('import-failed');
      if (found.state !== 'waiting' || !key) throw new ImportConflict('import-not-waiting');
      const engagementId = found.engagement_id;
      const columns = unseal<string[]>(key, `import:${id}:columns`, found.sealed_columns);
      const checked = checkMapping(columns, mapping);
      if (!checked.ok) throw new MappingRefused(checked.problem);
      requireOpen(await findEngagement(tx, engagementId, 'share'), provenance.ground, now);
      await insertProvenance(tx, engagementId, provenance);
      await startImport(tx, id, { ...provenance, fields: checked.fields, provenanceId: provenance.id });
      await this.due.cancel(tx, { kind: 'import-expiry', key: id });
      await this.due.schedule(tx, { kind: 'import-run', key: id, engagementId, dueAt: now });
      await this.audit.record(tx, {
        action: 'import.confirmed',
        principal: caller,
        engagementId,
        fields: checked.fields.filter((f) => f !== null),
        detail: { importId: id, ground: provenance.ground },
      });
      await settleKey(tx, claim, { status: 202, resourceId: id, engagementId });
    });
  }

  /** Works on an import until it is done or its share of time is over. Safe to repeat and to be killed anywhere. */
  async run(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const until = Date.now() + SHARE_MS;
    const found = await this.db.withScope(scope, (tx) => findImport(tx, item.key));
    if (found?.state !== 'running' || isComplete(found)) return this.finish(item, null);
    const key = (await this.vault.open('import', [item.key], 'import')).get(item.key);
    if (!key) return this.finish(item, 'upload-lost');
    try {
      // While one chunk is being committed the next is read, hashed and given keys.
      for await (const chunk of oneAhead(this.ready(found, key))) {
        const failure = await this.commit(item, found, chunk);
        if (failure) return await this.finish(item, failure);
        if (Date.now() > until) {
          return await this.db.withScope(scope, (tx) => this.due.again(tx, item, { dueAt: item.dueAt }));
        }
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return this.finish(item, 'upload-lost');
    }
    await this.finish(item, null);
  }

  /** Nobody confirmed it in time, or its upload was cut off by a kill. Ended before it is deleted, so that no confirmation comes between. */
  async expire(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const confirmed = await this.db.withScope(scope, async (tx) => {
      const found = await findImport(tx, item.key, true);
      if (found?.state === 'running') return true;
      await endImport(tx, item.key, 'expired');
      return false;
    });
    if (!confirmed) await this.discard(item.key);
    await this.db.withScope(scope, (tx) => this.due.done(tx, item));
  }

  /** File and key first, then the state: a kill in between finds the work still there. */
  private async finish(item: DueItem, failure: string | null): Promise<void> {
    await this.discard(item.key);
    await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const found = await findImport(tx, item.key, true);
      // Complete is complete: another worker may have taken the file away after the last chunk.
      if (found) await endImport(tx, item.key, isComplete(found) ? null : (failure ?? 'upload-lost'));
      await this.due.done(tx, item);
    });
  }

  /** The upload and its key, for good. Safe to repeat. */
  async discard(importId: string): Promise<void> {
    await removeUpload(this.config.AVTALA_UPLOADS_DIR, importId);
    await this.vault.destroy('import', [importId], null);
  }

  private async *chunks(found: ImportRow, key: KeyObject): AsyncGenerator<Chunk> {
    const start = { offset: Number(found.next_offset), row: found.next_row };
    const bytes = Number(found.file_bytes);
    const path = uploadPath(this.config.AVTALA_UPLOADS_DIR, found.id);
    let chunk: Chunk = { rows: [], from: start };
    for await (const row of csvRows(readUpload(path, key, found.id, bytes, start.offset), found.delimiter, start)) {
      chunk.rows.push(row);
      if (chunk.rows.length < CHUNK_ROWS) continue;
      yield chunk;
      chunk = { rows: [], from: { offset: row.endOffset, row: row.row } };
    }
    if (chunk.rows.length) yield chunk;
  }

  /** Chunks with all that can be done before their transactions. */
  private async *ready(found: ImportRow, key: KeyObject): AsyncGenerator<ReadyChunk> {
    const fields = found.fields.map((f) => (f === '' ? null : f));
    const hashKey = await this.vault.importHashKey(found.engagement_id);
    for await (const chunk of this.chunks(found, key)) {
      const read = readChunk(chunk.rows, fields, found.labels, swedishDay(this.clock.now()), hashKey);
      yield { ...chunk, ...read, prepared: await this.prepare(found, read.people) };
    }
  }

  private async prepare(found: ImportRow, people: ReadyChunk['people']): Promise<Prepared | null> {
    const scope = scopeOf(found.engagement_id);
    const engagement = await this.db.withScope(scope, (tx) => findEngagement(tx, found.engagement_id));
    return engagement ? this.takeIn.prepare(engagement, people) : null;
  }

  /** One chunk, one transaction: leads, rejects, one outbox row, one audit row, counts and place.
   * @returns why the import ends here, or null */
  private async commit(item: DueItem, found: ImportRow, chunk: ReadyChunk): Promise<string | null> {
    let { prepared } = chunk;
    for (let race = 1; ; race++) {
      if (!prepared) return 'engagement-ended';
      const inHand = prepared;
      try {
        return await this.db.withScope(scopeOf(found.engagement_id), async (tx) => {
          // Chunks of one engagement take turns: two files then merge row by row and never wait for each other crosswise.
          await tx.query('SELECT pg_advisory_xact_lock(4714, hashtext($1))', [found.engagement_id]);
          const held = await findEngagement(tx, found.engagement_id, 'share');
          const now = this.clock.now();
          if (!held || held.erasing || (held.ended_at && held.ended_at.getTime() <= now.epochMilliseconds)) {
            return 'engagement-ended';
          }
          const current = await findImport(tx, found.id, true);
          if (current?.state !== 'running' || Number(current.next_offset) !== chunk.from.offset)
            throw new RetryLater('import-overtaken'); // a newer claim has committed this chunk
          const taken = await this.takeIn.apply(tx, held, inHand, {
            id: found.provenance_id,
            ground: found.ground,
            obtainedAt: found.obtained_at.toISOString(),
          });
          await this.settle(tx, item, found, chunk, taken);
          return null;
        });
      } catch (error) {
        if (!(error instanceof IntakeRaced) || race === RACES) throw error;
        prepared = await this.prepare(found, chunk.people);
      }
    }
  }

  private async settle(
    tx: EntityManager,
    item: DueItem,
    found: ImportRow,
    chunk: ReadyChunk,
    taken: readonly TakenIn[],
  ): Promise<void> {
    const { people, rejects } = chunk;
    const last = chunk.rows.at(-1)!;
    const refused = taken.flatMap((t, i) =>
      t.outcome === 'refused' ? [{ row: people[i]!.row, column: null, reason: t.reason }] : [],
    );
    const count = (outcome: string) => taken.filter((t) => t.outcome === outcome).length;
    const progress = {
      accepted: count('accepted'),
      merged: count('merged'),
      refused: rejects.length + refused.length,
      nextOffset: last.endOffset,
      nextRow: last.row,
    };
    await insertRejects(tx, found.engagement_id, found.id, [...rejects, ...refused]);
    await advanceImport(tx, found.id, progress);
    const { accepted, merged } = progress;
    await this.audit.record(tx, {
      action: 'import.chunk',
      principal: workerOf(item),
      engagementId: found.engagement_id,
      detail: { importId: found.id, lastRow: last.row, accepted, merged, refused: progress.refused },
    });
  }
}

const isComplete = (i: ImportRow): boolean => i.accepted + i.merged + i.refused === i.offered;

const workerOf = (item: DueItem): ServicePrincipal => ({
  kind: 'service',
  service: 'lead-intake',
  purpose: item.kind,
  eventId: item.id,
});

/** The same items, the next one begun before this one is asked for. */
async function* oneAhead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (let found = await next; !found.done; found = await next) {
      next = items.next();
      next.catch(() => undefined); // heard when its turn comes
      yield found.value;
    }
  } finally {
    await items.return(undefined);
  }
}

/** The rows of a chunk by the pure rules: people, and rejects that name row, column and reason. */
function readChunk(
  rows: readonly CsvRow[],
  fields: readonly (ColumnField | null)[],
  labels: readonly (string | null)[],
  today: Temporal.PlainDate,
  hashKey: KeyObject,
): Pick<ReadyChunk, 'people' | 'rejects'> {
  const people: ReadyChunk['people'] = [];
  const rejects: Reject[] = [];
  for (const { row, cells } of rows) {
    const raw = readRow(cells, fields);
    if (!raw) {
      rejects.push({ row, column: null, reason: 'columns-mismatch' });
      continue;
    }
    const decision = decide(raw, today);
    if (decision.ok) people.push({ row, person: decision.person, rowHash: rowHashOf(hashKey, raw) });
    else {
      const at = columnOf(decision.field, fields, cells);
      rejects.push({ row, column: at === null ? null : (labels[at] ?? `#${at + 1}`), reason: decision.reason });
    }
  }
  return { people, rejects };
}

/** Of what was read, so that a column nobody mapped does not make it another row. */
function rowHashOf(key: KeyObject, raw: RawLead): Buffer {
  const { name, company, title, email, phone, social } = raw;
  const said = [name, company, title, email, phone, social].map((text) => text?.trim() ?? '');
  return createHmac('sha256', key).update(JSON.stringify(said)).digest();
}
