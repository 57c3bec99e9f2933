import { AuditTrail, requireEngagement, type Principal } from '@avtala/access';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { seal, unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { createHmac, randomUUIDv7, type KeyObject } from 'node:crypto';
import { guessMapping, isUsualHeader, type ColumnField } from '../domain/columns.js';
import { FileRefused, FileTooLarge, ImportConflict } from '../domain/errors.js';
import { LeadIntakeConfig } from '../config.js';
import { csvRows, delimiterOf } from '../storage/csv.js';
import { findEngagement } from '../storage/engagement.js';
import { deleteImport, findImport, insertImport, settleUpload } from '../storage/import.js';
import { removeUpload, UploadWriter, uploadPath } from '../storage/upload-file.js';
import { Intake } from './intake.service.js';
import { requireOpen } from './provenance.js';

/** How long a file waits for its mapping, or for the rest of itself after a kill. */
const WAITS = { hours: 24 };
const MOST_COLUMNS = 200;
/** What is still read of a refused upload, so that its sender hears the answer instead of a broken pipe. */
const SWALLOWED = 1024 ** 3;

export interface Uploaded {
  id: string;
  columns: string[];
  mapping: Record<string, ColumnField | null>;
}

interface Head {
  delimiter: ';' | ',';
  columns: string[];
  offered: number;
  firstOffset: number;
  firstRow: number;
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
    @Inject(LeadIntakeConfig) private readonly config: LeadIntakeConfig,
  ) {}

  /** @throws FileRefused, FileTooLarge, ImportConflict, IntakeClosed, Missing */
  async receive(
    caller: Principal,
    engagementId: string,
    claim: IdempotencyClaim,
    body: AsyncIterable<Buffer>,
    announcedBytes: number | undefined,
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
      await insertImport(tx, { id, engagementId, createdBy: caller.userId, createdAt: now.toString() });
      await this.due.schedule(tx, { kind: 'import-expiry', key: id, engagementId, dueAt: now.add(WAITS) });
    });
    try {
      const key = await this.vault.create('import', id);
      const { head, written } = await this.stream(engagementId, id, key, body);
      const settled = await this.settle(
        caller,
        engagementId,
        { ...claim, bodyHmac: written.mac },
        id,
        key,
        head,
        written.bytes,
      );
      if (settled === id) return { id, columns: head.columns, mapping: guessMapping(head.columns) };
      await this.discard(engagementId, id);
      return await this.again(engagementId, settled);
    } catch (error) {
      await this.discard(engagementId, id);
      throw error;
    }
  }

  /** @param claim with the HMAC of the stream, which is known only now
   * @returns the import that answers the request: this one, or the one that answered it before */
  private async settle(
    caller: Principal,
    engagementId: string,
    claim: IdempotencyClaim,
    id: string,
    key: KeyObject,
    head: Head,
    bytes: number,
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
        detail: { importId: id, offered: head.offered, bytes },
      });
      await settleKey(tx, claim, { status: 202, resourceId: id, engagementId });
      return id;
    });
  }

  /** To disk, sealed; and through the CSV reader, which sees broken quotes and counts rows. */
  private async stream(engagementId: string, id: string, key: KeyObject, body: AsyncIterable<Buffer>) {
    const file = await UploadWriter.create(uploadPath(this.config.AVTALA_UPLOADS_DIR, id), key, id);
    // Keyed, so that two engagements with the same file cannot be told from the table.
    const mac = createHmac('sha256', await this.vault.importHashKey(engagementId));
    const limit = this.config.AVTALA_UPLOAD_LIMIT;
    const chunks = body[Symbol.asyncIterator]();
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    let start = Buffer.alloc(0);
    let first: Buffer | undefined;
    const next = async (): Promise<Buffer | undefined> => {
      const { value, done } = await chunks.next();
      checkUtf8(utf8, done ? undefined : value);
      if (done) return undefined;
      const bytes = Buffer.from(value);
      if (file.bytes + bytes.length > limit) {
        swallow(chunks, file.bytes);
        throw new FileTooLarge(limit);
      }
      mac.update(bytes);
      await file.write(bytes);
      return bytes;
    };
    const tee = async function* (): AsyncGenerator<Buffer> {
      if (first) yield first;
      for (let bytes = await next(); bytes; bytes = await next()) yield bytes;
    };
    try {
      // Enough for the header, whose separators say which kind of file this is.
      while (start.length < 65_536 && !/[\r\n]/.test(start.toString('latin1'))) {
        const bytes = await next();
        if (!bytes) break;
        start = Buffer.concat([start, bytes]);
      }
      first = start;
      const head = await readHead(tee(), delimiterOf(start.toString('utf8')));
      await file.end();
      return { head, written: { bytes: file.bytes, mac: mac.digest() } };
    } catch (error) {
      await file.abandon();
      if (!(error instanceof FileTooLarge)) swallow(chunks, file.bytes);
      throw error;
    }
  }

  /** The answer a repeated request got the first time. */
  private async again(engagementId: string, id: string): Promise<Uploaded> {
    const found = await this.db.withScope(scopeOf(engagementId), (tx) => findImport(tx, id));
    const key = (await this.vault.open('import', [id], 'import')).get(id);
    const columns =
      found?.sealed_columns && key ? unseal<string[]>(key, `import:${id}:columns`, found.sealed_columns) : [];
    return { id, columns, mapping: guessMapping(columns) };
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

async function readHead(bytes: AsyncIterable<Buffer>, delimiter: ';' | ','): Promise<Head> {
  let head: Head | undefined;
  for await (const { cells, row, endOffset } of csvRows(bytes, delimiter)) {
    if (head) head.offered++;
    else head = { delimiter, columns: columnsOf(cells), offered: 0, firstOffset: endOffset, firstRow: row };
  }
  if (!head || head.columns.length === 0) throw new FileRefused('csv-empty');
  return head;
}

/** The headers as written; empty ones at the end are separators without a column, others get their number. */
function columnsOf(cells: string[]): string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== '');
  const columns = cells.slice(0, last + 1).map((cell, i) => (cell.trim() ? cell : `#${i + 1}`));
  if (columns.length > MOST_COLUMNS) throw new FileRefused('too-many-columns');
  const twice = columns.flatMap((column, i) => (columns.indexOf(column) === i ? [] : [i + 1]));
  if (twice.length) throw new FileRefused('column-twice', { columns: twice });
  return columns;
}

function checkUtf8(utf8: TextDecoder, bytes: Buffer | undefined): void {
  try {
    if (bytes) utf8.decode(bytes, { stream: true });
    else utf8.decode();
    if (bytes?.includes(0)) throw new TypeError('A NUL: a spreadsheet or UTF-16, not text');
  } catch (error) {
    throw new FileRefused('csv-encoding', {}, { cause: error });
  }
}

/** Reads on behind the answer's back: the sender hears it at once, and is not cut off while it still sends. */
function swallow(chunks: AsyncIterator<Buffer>, already: number): void {
  const reading = async () => {
    for (let bytes = already; bytes < SWALLOWED;) {
      const next = await chunks.next();
      if (next.done) return;
      bytes += next.value.length;
    }
    await chunks.return?.();
  };
  reading().catch(() => undefined); // the sender went away
}
