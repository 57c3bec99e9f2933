import { AuditTrail, scopeOfCaller, type KeyPrincipal, type Principal, type ServicePrincipal } from '@avtala/access';
import { Missing, RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { unseal, Vault, type VersionedKey } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { LeadIntakeConfig } from '../config.js';
import { checkMapping } from '../domain/columns.js';
import { ImportConflict, MappingRefused } from '../domain/errors.js';
import { findEngagement } from '../storage/engagement.js';
import { advanceImport, endImport, findImport, insertRejects, startImport, type ImportRow } from '../storage/import.js';
import { insertProvenance } from '../storage/provenance.js';
import { removeUpload, uploadPath } from '../storage/upload-file.js';
import { ChunkIntake, type ChunkTaken } from './chunk-intake.js';
import type { ReadyChunk } from './import-chunks.js';
import { readInThread } from './import-reader.js';
import { provenanceOf, requireOpen, type StatedProvenance } from './provenance.js';
import { mayRunAgain } from './take-in.js';

/** Rows of a transaction. */
const CHUNK_ROWS = 2500;
/** A claim's share of real time; the lease holds for 60 s. */
const SHARE_MS = 40_000;
const RACES = 5;

/** Confirms and works through files, a chunk a transaction; after a kill it goes on behind the last committed one. */
@Injectable()
export class ImportRuns {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Due) private readonly due: Due,
    @Inject(ChunkIntake) private readonly chunkIntake: ChunkIntake,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(LeadIntakeConfig) private readonly config: LeadIntakeConfig,
  ) {}

  /** @throws MappingRefused, ImportConflict, IntakeClosed, ConsentUnproven, Missing */
  async confirm(
    caller: Principal | KeyPrincipal,
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

  /** Works on an import until it is done, paused, or its share of time is over. Safe to repeat and to be killed anywhere. */
  async run(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const until = Date.now() + SHARE_MS;
    const { found, engagement } = await this.db.withScope(scope, async (tx) => ({
      found: await findImport(tx, item.key),
      engagement: await findEngagement(tx, item.engagementId),
    }));
    if (found?.state === 'paused') return this.rest(item);
    if (found?.state !== 'running' || isComplete(found)) return this.finish(item, null);
    const key = (await this.vault.open('import', [item.key], 'import')).get(item.key);
    if (!key) return this.finish(item, 'upload-lost');
    if (!engagement) return this.finish(item, 'engagement-ended');
    const pepper = await this.vault.pepper(found.engagement_id, engagement.pepper_version);
    try {
      for await (const chunk of this.withKeys(await this.chunksOf(found, key, pepper))) {
        const stopped = await this.commit(item, found, pepper, chunk);
        if (stopped === 'paused') return await this.rest(item);
        if (stopped) return await this.finish(item, stopped);
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

  /** Paused: file, key and place stay; whoever resumes it schedules it anew. */
  private async rest(item: DueItem): Promise<void> {
    await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      // Resumed since: its new work is this very row, which must not go.
      if ((await findImport(tx, item.key, true))?.state === 'running')
        await this.due.again(tx, item, { dueAt: item.dueAt });
      else await this.due.done(tx, item);
    });
  }

  /** Nobody confirmed it in time, or its upload was cut off by a kill. Ended before it is deleted, so that no confirmation comes between. */
  async expire(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const confirmed = await this.db.withScope(scope, async (tx) => {
      const found = await findImport(tx, item.key, true);
      if (found?.state === 'running' || found?.state === 'paused') return true;
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

  private async chunksOf(found: ImportRow, key: KeyObject, pepper: VersionedKey): Promise<AsyncGenerator<ReadyChunk>> {
    return readInThread({
      path: uploadPath(this.config.AVTALA_UPLOADS_DIR, found.id),
      importId: found.id,
      key,
      bytes: Number(found.file_bytes),
      delimiter: found.delimiter,
      from: { offset: Number(found.next_offset), row: found.next_row },
      fields: found.fields.map((f) => (f === '' ? null : f)),
      labels: found.labels,
      today: swedishDay(this.clock.now()).toString(),
      pepper: pepper.key,
      suppression: await this.vault.suppressionKey(),
      rowKey: await this.vault.importHashKey(found.engagement_id),
      maker: await this.vault.keyMaker(),
      rows: CHUNK_ROWS,
    });
  }

  /** Chunks whose keys are in the key store; the next one's are entered while this one is stored. */
  private async *withKeys(chunks: AsyncGenerator<ReadyChunk>): AsyncGenerator<ReadyChunk> {
    const entered = async (): Promise<IteratorResult<ReadyChunk>> => {
      const next = await chunks.next();
      if (next.done) return next;
      const { epoch, idTexts: ids, wrapped } = next.value;
      if (!(await this.vault.enter({ epoch, ids, wrapped }))) throw new RetryLater('epoch-closed', 0); // its keys are worth nothing
      return next;
    };
    let coming = entered();
    try {
      for (;;) {
        const { done, value } = await coming;
        if (done) return;
        coming = entered();
        coming.catch(() => undefined); // heard of when its turn comes, if it does
        yield value;
      }
    } finally {
      await chunks.return(undefined);
    }
  }

  /** One chunk, one transaction: leads, rejects, an outbox row for every thousand, an audit row, counts and place.
   * @returns why the import goes no further, or null */
  private async commit(
    item: DueItem,
    found: ImportRow,
    pepper: VersionedKey,
    chunk: ReadyChunk,
  ): Promise<'engagement-ended' | 'paused' | null> {
    for (let race = 1; ; race++) {
      try {
        return await this.db.withScope(scopeOf(found.engagement_id), async (tx) => {
          // Chunks of one engagement take turns: two files then merge row by row and never wait for each other crosswise.
          await tx.query('SELECT pg_advisory_xact_lock(4714, hashtext($1))', [found.engagement_id]);
          const held = await findEngagement(tx, found.engagement_id, 'share');
          const now = this.clock.now();
          if (!held || held.erasing || (held.ended_at && held.ended_at.getTime() <= now.epochMilliseconds)) {
            return 'engagement-ended';
          }
          // Everything of this chunk is hashed under the pepper it was read with; the next share takes the new one.
          if (held.pepper_version !== pepper.version) throw new RetryLater('pepper-changed', 0);
          const current = await findImport(tx, found.id, true);
          if (current?.state === 'paused') return 'paused';
          if (current?.state !== 'running' || Number(current.next_offset) !== chunk.from.offset)
            throw new RetryLater('import-overtaken'); // a newer claim has committed this chunk
          const taken = await this.chunkIntake.apply(tx, held, pepper, chunk, {
            id: found.provenance_id,
            ground: found.ground,
            obtainedAt: found.obtained_at.toISOString(),
          });
          await this.settle(tx, item, found, chunk, taken);
          return null;
        });
      } catch (error) {
        if (!mayRunAgain(error) || race === RACES) throw error;
      }
    }
  }

  private async settle(
    tx: EntityManager,
    item: DueItem,
    found: ImportRow,
    chunk: ReadyChunk,
    taken: ChunkTaken,
  ): Promise<void> {
    const { accepted, merged } = taken;
    const rejects = [...chunk.rejects, ...taken.refused];
    const { offset: nextOffset, row: nextRow } = chunk.next;
    await insertRejects(tx, found.engagement_id, found.id, rejects);
    await advanceImport(tx, found.id, { accepted, merged, refused: rejects.length, nextOffset, nextRow });
    await this.audit.record(tx, {
      action: 'import.chunk',
      principal: workerOf(item),
      engagementId: found.engagement_id,
      detail: { importId: found.id, lastRow: nextRow, accepted, merged, refused: rejects.length },
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
