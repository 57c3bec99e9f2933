import { AuditTrail, requireEngagement, type KeyPrincipal, type Principal } from '@avtala/access';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { seal, unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { createHmac, randomUUIDv7, type KeyObject } from 'node:crypto';
import { isUsualHeader } from '../domain/columns.js';
import { FileTooLarge, ImportConflict } from '../domain/errors.js';
import { LeadIntakeConfig } from '../config.js';
import { findEngagement } from '../storage/engagement.js';
import { deleteImport, findImport, insertImport, settleUpload } from '../storage/import.js';
import { setSupplier } from '../storage/import-state.js';
import { removeUpload } from '../storage/upload-file.js';
import { Intake } from './intake.service.js';
import { requireOpen } from './provenance.js';
import { SupplierMappings, type ColumnGuess } from './supplier-mappings.service.js';
import { receiveFile, swallow, type Received } from './upload-stream.js';

/** How long a file waits for its mapping, or for the rest of itself after a kill. */
const WAITS = { hours: 24 };

export interface Uploaded extends ColumnGuess {
  id: string;
  columns: string[];
}

/** Receives files: read once while they stream to disk, so that a file that cannot be read is refused before anything of it is stored. */
@Injectable()
export class ImportUploads {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Due) private readonly due: Due,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(SupplierMappings) private readonly mappings: SupplierMappings,
    @Inject(LeadIntakeConfig) private readonly config: LeadIntakeConfig,
  ) {}

  /** @param supplier by whose saved mapping its columns are guessed
   * @throws FileRefused, FileTooLarge, ImportConflict, IntakeClosed, Missing */
  async receive(
    caller: Principal | KeyPrincipal,
    engagementId: string,
    claim: IdempotencyClaim,
    body: AsyncIterable<Buffer>,
    announcedBytes: number | undefined,
    supplier: string | null = null,
  ): Promise<Uploaded> {
    requireEngagement(caller, engagementId);
    requireOpen(await this.intake.opened(engagementId), null, this.clock.now());
    if ((announcedBytes ?? 0) > this.config.AVTALA_UPLOAD_LIMIT) {
      swallow(body[Symbol.asyncIterator](), 0);
      throw new FileTooLarge(this.config.AVTALA_UPLOAD_LIMIT);
    }
    const id = randomUUIDv7();
    const now = this.clock.now();
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      await insertImport(tx, { id, engagementId, createdBy: idOf(caller), createdAt: now.toString() });
      if (supplier) await setSupplier(tx, id, supplier);
      await this.due.schedule(tx, { kind: 'import-expiry', key: id, engagementId, dueAt: now.add(WAITS) });
    });
    try {
      const key = await this.vault.create('import', id);
      // Keyed, so that two engagements with the same file cannot be told from the table.
      const mac = createHmac('sha256', await this.vault.importHashKey(engagementId));
      const { AVTALA_UPLOADS_DIR: dir, AVTALA_UPLOAD_LIMIT: limit } = this.config;
      const received = await receiveFile({ dir, importId: id, key, mac, limit, body });
      const { columns } = received.head;
      const guess = await this.mappings.guess(engagementId, supplier, columns);
      const settled = await this.settle(caller, engagementId, { ...claim, bodyHmac: mac.digest() }, id, key, received);
      if (settled !== id) {
        await this.discard(engagementId, id);
        return await this.again(engagementId, settled, supplier);
      }
      return { id, columns, ...guess };
    } catch (error) {
      if (!(await this.isSettled(engagementId, id))) await this.discard(engagementId, id);
      throw error;
    }
  }

  /** Whether it was committed after all, and only the answer was lost: a repeat under the same key finds it then. Where that cannot be found out
   * it stays, and expires. */
  private isSettled(engagementId: string, id: string): Promise<boolean> {
    return this.db
      .withScope(scopeOf(engagementId), async (tx) => (await findImport(tx, id))?.state === 'waiting')
      .catch(() => true);
  }

  /** @param claim with the HMAC of the stream, which is known only now
   * @returns the import that answers the request: this one, or the one that answered it before */
  private async settle(
    caller: Principal | KeyPrincipal,
    engagementId: string,
    claim: IdempotencyClaim,
    id: string,
    key: KeyObject,
    { format, head, bytes }: Received,
  ): Promise<string> {
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before?.resourceId) return before.resourceId;
      requireOpen(await findEngagement(tx, engagementId, 'share'), null, this.clock.now());
      // It may have expired, or been stopped by an order, while it was still coming: its file and key are gone then.
      if ((await findImport(tx, id, true))?.state !== 'uploading') throw new ImportConflict('import-failed');
      await settleUpload(tx, id, {
        ...head,
        fileBytes: bytes,
        sealedColumns: seal(key, `import:${id}:columns`, head.columns),
        labels: head.columns.map((c) => (isUsualHeader(c) ? c.trim() : null)),
      });
      await this.audit.record(tx, {
        action: 'import.uploaded',
        principal: caller,
        engagementId,
        detail: { importId: id, format, offered: head.offered, bytes },
      });
      await settleKey(tx, claim, { status: 202, resourceId: id, engagementId });
      return id;
    });
  }

  /** The answer a repeated request got the first time. */
  private async again(engagementId: string, id: string, supplier: string | null): Promise<Uploaded> {
    const found = await this.db.withScope(scopeOf(engagementId), (tx) => findImport(tx, id));
    const key = (await this.vault.open('import', [id], 'import')).get(id);
    const columns =
      found?.sealed_columns && key ? unseal<string[]>(key, `import:${id}:columns`, found.sealed_columns) : [];
    return { id, columns, ...(await this.mappings.guess(engagementId, supplier, columns)) };
  }

  /** A file that was refused leaves nothing behind. */
  private async discard(engagementId: string, id: string): Promise<void> {
    await removeUpload(this.config.AVTALA_UPLOADS_DIR, id);
    await this.vault.destroy('import', [id], null);
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      await this.due.cancel(tx, { kind: 'import-expiry', key: id });
      await deleteImport(tx, id);
    });
  }
}

/** Who uploaded it: a person, or a key. */
export const idOf = (caller: Principal | KeyPrincipal): string =>
  caller.kind === 'key' ? caller.keyId : caller.userId;
