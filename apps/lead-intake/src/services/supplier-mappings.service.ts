import { AuditTrail, requireEngagement, type KeyPrincipal, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Clock } from '@avtala/time';
import { seal, unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { checkSavedMapping, guessMapping, type ColumnField, type Mapping } from '../domain/columns.js';
import { MappingRefused } from '../domain/errors.js';
import { findEngagement } from '../storage/engagement.js';
import { findMapping, listMappings, saveMapping } from '../storage/supplier-mapping.js';
import { requireOpen } from './provenance.js';

export interface SavedMapping {
  supplier: string;
  mapping: Mapping;
  updatedAt: Date;
}

/** A first reading of a file's columns, for a person to confirm. */
export interface ColumnGuess {
  mapping: Record<string, ColumnField | null>;
  /** Columns whose field is a guess; the others are as this supplier's files were read before. */
  guessed: string[];
  /** Columns outside B1: not taken in. */
  notTakenIn: string[];
  /** Columns this supplier's files had before and this one has not. */
  gone: string[];
}

/** How the files of a supplier are read, kept for the next one. */
@Injectable()
export class SupplierMappings {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** @throws MappingRefused, IntakeClosed, Missing */
  async save(
    caller: Principal,
    engagementId: string,
    supplier: string,
    mapping: Readonly<Record<string, unknown>>,
  ): Promise<SavedMapping> {
    requireEngagement(caller, engagementId);
    const checked = checkSavedMapping(mapping);
    if (!checked.ok) throw new MappingRefused(checked.problem);
    const scope = scopeOf(engagementId);
    const supplierKey = supplierKeyOf(supplier);
    const before = await this.db.withScope(scope, (tx) => findMapping(tx, engagementId, supplierKey));
    const id = before?.id ?? randomUUIDv7();
    // A key for a mapping that is then not saved seals nothing.
    const key = await this.vault.create('import', id);
    const now = this.clock.now();
    await this.db.withScope(scope, async (tx) => {
      requireOpen(await findEngagement(tx, engagementId, 'share'), null, now);
      const sealed = seal(key, contextOf(id), Object.entries(checked.mapping));
      await saveMapping(tx, engagementId, {
        id,
        supplierKey,
        supplier: supplier.trim(),
        sealed,
        by: caller.userId,
        at: now.toString(),
      });
      await this.audit.record(tx, {
        action: 'supplier-mapping.saved',
        principal: caller,
        engagementId,
        fields: Object.values(checked.mapping).filter((field) => field !== null),
        detail: { mappingId: id },
      });
    });
    return { supplier: supplier.trim(), mapping: checked.mapping, updatedAt: new Date(now.epochMilliseconds) };
  }

  /** @throws Missing */
  async read(caller: Principal | KeyPrincipal, engagementId: string, supplier: string): Promise<SavedMapping> {
    requireEngagement(caller, engagementId);
    const found = await this.find(engagementId, supplier);
    if (!found) throw new Missing('supplier-mapping');
    return found;
  }

  /** How this supplier's files are read, if that was settled. */
  async known(engagementId: string, supplier: string | null): Promise<Mapping | null> {
    return supplier ? ((await this.find(engagementId, supplier))?.mapping ?? null) : null;
  }

  async list(caller: Principal, engagementId: string, page: { after: string; limit: number }) {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), (tx) => listMappings(tx, engagementId, page));
  }

  /** As the supplier's files were read before, and by the usual headers where that says nothing. */
  async guess(engagementId: string, supplier: string | null, columns: readonly string[]): Promise<ColumnGuess> {
    const saved = await this.known(engagementId, supplier);
    const known = new Map(Object.entries(saved ?? {}));
    const taken = new Set([...known].flatMap(([column, field]) => (field && columns.includes(column) ? [field] : [])));
    const byHeader = guessMapping(columns.filter((column) => !known.has(column)));
    const mapping = columns.map((column): [string, ColumnField | null] => {
      if (known.has(column)) return [column, known.get(column)!];
      const field = byHeader[column] ?? null;
      return [column, field && !taken.has(field) ? field : null];
    });
    return {
      mapping: Object.fromEntries(mapping),
      guessed: mapping.flatMap(([column, field]) => (field && !known.has(column) ? [column] : [])),
      notTakenIn: mapping.flatMap(([column, field]) => (field ? [] : [column])),
      gone: [...known.keys()].filter((column) => !columns.includes(column)),
    };
  }

  private async find(engagementId: string, supplier: string): Promise<SavedMapping | null> {
    const found = await this.db.withScope(scopeOf(engagementId), (tx) =>
      findMapping(tx, engagementId, supplierKeyOf(supplier)),
    );
    const key = found && (await this.vault.open('import', [found.id], 'import')).get(found.id);
    if (!found || !key) return null;
    const entries = unseal<[string, ColumnField | null][]>(key, contextOf(found.id), found.sealed);
    return { supplier: found.supplier, mapping: Object.fromEntries(entries), updatedAt: found.updated_at };
  }
}

const contextOf = (id: string): string => `mapping:${id}`;

/** One spelling of a supplier's name. */
const supplierKeyOf = (supplier: string): string =>
  supplier.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');
