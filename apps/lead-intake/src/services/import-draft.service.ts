import { requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { seal, unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ImportConflict } from '../domain/errors.js';
import { findImport, type ImportRow } from '../storage/import.js';
import { keepDraft, setSupplier, viewImport, viewImports, type ImportView } from '../storage/import-state.js';
import { refuseIdentity } from './provenance.js';
import { SupplierMappings, type ColumnGuess } from './supplier-mappings.service.js';

/** What was filled in about a file, as it was typed: nothing of it is checked before the dry run. */
export interface ImportDraft {
  source?: string;
  supplier?: string;
  ground?: string;
  obtainedAt?: string;
  consentWording?: Readonly<Record<string, string>>;
  mapping?: Readonly<Record<string, string | null>>;
}

export interface WaitingFile extends ColumnGuess {
  columns: string[];
  supplier: string | null;
  draft: ImportDraft | null;
}

/** Imports that are found again: the file that waits for its mapping with what was filled in about it, and an engagement's earlier ones. */
@Injectable()
export class ImportDrafts {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(SupplierMappings) private readonly mappings: SupplierMappings,
  ) {}

  /** @throws Missing, ImportConflict it was confirmed, or is over */
  async read(caller: Principal, id: string): Promise<WaitingFile> {
    const key = (await this.vault.open('import', [id], 'import')).get(id);
    const { found, view } = await this.db.withScope(scopeOfCaller(caller), async (tx) => ({
      found: await this.waiting(tx, id, false),
      view: (await viewImport(tx, id))!,
    }));
    if (!key) throw new ImportConflict('import-failed');
    const columns = unseal<string[]>(key, `import:${id}:columns`, found.sealed_columns);
    const draft = found.sealed_draft ? unseal<ImportDraft>(key, `import:${id}:draft`, found.sealed_draft) : null;
    const guess = await this.mappings.guess(found.engagement_id, view.supplier, columns);
    return { columns, supplier: view.supplier, draft, ...guess };
  }

  /** The last one counts; a repeat changes nothing. @throws Missing, ImportConflict, LeadRefused a text that names a person */
  async keep(caller: Principal, id: string, draft: ImportDraft): Promise<void> {
    for (const text of [draft.source, draft.supplier]) if (text) refuseIdentity(text, 'source');
    for (const text of Object.values(draft.consentWording ?? {})) refuseIdentity(text, 'consentWording');
    const key = (await this.vault.open('import', [id], 'import')).get(id);
    await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      await this.waiting(tx, id, true);
      if (!key) throw new ImportConflict('import-failed');
      await keepDraft(tx, id, seal(key, `import:${id}:draft`, draft));
      if (draft.supplier?.trim()) await setSupplier(tx, id, draft.supplier.trim());
    });
  }

  /** An engagement's imports, the newest first: counts and states. @throws Missing */
  async list(
    caller: Principal,
    engagementId: string,
    page: { limit: number; after?: string | undefined },
  ): Promise<ImportView[]> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOfCaller(caller), (tx) => viewImports(tx, engagementId, page));
  }

  private async waiting(tx: EntityManager, id: string, lock: boolean): Promise<ImportRow> {
    const found = await findImport(tx, id, lock);
    if (!found || found.state === 'uploading') throw new Missing('import');
    if (found.state === 'failed') throw new ImportConflict('import-failed');
    if (found.state !== 'waiting') throw new ImportConflict('import-not-waiting');
    return found;
  }
}
