import { join } from 'node:path';
import { JsonFile, Shards } from '../files.js';
import { type CustomField, type Field, fieldsOf, PREFIXES, SOBJECTS, type SObjectName } from './fields.js';
import { idOf, numberOf } from './ids.js';

/** One record as it stands; a write replaces it as a whole. Empty fields are absent. */
export interface SRecord {
  id: string;
  type: SObjectName;
  fields: Record<string, unknown>;
  createdBy: string;
  createdAt: string;
  modifiedBy: string;
  modifiedAt: string;
  /** In the recycle bin since; purged `binDays` later. */
  deletedAt?: string;
  /** Went there because it was merged into this one. */
  masterId?: string;
}

export interface DuplicateRule {
  object: SObjectName;
  action: 'block' | 'alert';
  /** Fields that must all be equal (without regard to case). */
  match: string[];
  against: SObjectName[];
}

export interface ValidationRule {
  object: SObjectName;
  field: string;
  /** The field must be there and fit. */
  pattern: string;
  message: string;
}

/** How the client's administrator has set the org up, and what the contract gives it. */
export interface OrgSettings {
  login: 'production' | 'sandbox';
  /** API calls in a rolling 24 hours, all integrations together; and how many the others have made. */
  dailyLimit: number;
  usedByOthers: number;
  concurrent: number;
  sessionSeconds: number;
  binDays: number;
  /** "Data Protection and Privacy": Individual, HasOptedOutOfEmail, DoNotCall. */
  privacy: boolean;
  /** Whether our user may empty the recycle bin. */
  emptyBin: boolean;
  /** "Bulk API Hard Delete" for our user. */
  hardDelete: boolean;
  /** "View and Edit Converted Leads" for our user. */
  editConverted: boolean;
  customFields: CustomField[];
  duplicateRules: DuplicateRule[];
  validationRules: ValidationRule[];
}

const key = (object: CustomField['object'], name: string): CustomField => ({
  ...{ object, name, length: 36, externalId: true, unique: true },
});

export const DEFAULT_SETTINGS: OrgSettings = {
  ...{ login: 'production', dailyLimit: 100_000, usedByOthers: 0, concurrent: 25, sessionSeconds: 7_200, binDays: 15 },
  ...{ privacy: false, emptyBin: true, hardDelete: false, editConverted: false },
  customFields: [
    key('Lead', 'Avtala_Lead_Key__c'),
    key('Contact', 'Avtala_Lead_Key__c'),
    key('Activity', 'Avtala_Booking_Key__c'),
  ],
  ...{ duplicateRules: [], validationRules: [] },
};

interface Meta {
  reserved: Partial<Record<SObjectName, number>>;
  /** What getDeleted answers: ids and moments, also after the purge. */
  deleted: [type: SObjectName, id: string, at: string][];
  /** Access by refresh token: name of the grant → MAC of the token that is good now, or null when it was ended. */
  grants: Record<string, string | null>;
}

const NEIGHBOURS = 64;
const BLOCK = 1000;

/** One customer's org: records, external ids, recycle bin, settings, API calls. */
export class Org {
  readonly id: string;
  readonly counts = { over200: 0, limitViolations: 0, resent: 0, refreshes: 0, killedGrants: 0 };
  inFlight = 0;
  private readonly unique = new Map<string, string>();
  private readonly next: Partial<Record<SObjectName, number>>;
  private readonly calls: number[] = [];

  private constructor(
    readonly name: string,
    private readonly stores: Record<SObjectName, Shards<SRecord>>,
    private readonly meta: JsonFile<Meta>,
    private readonly file: JsonFile<OrgSettings>,
  ) {
    this.id = idOf('00D', numberOf(name));
    this.next = { ...meta.value.reserved };
    for (const record of this.all()) this.index(record);
  }

  static async open(dir: string, name: string): Promise<Org> {
    const at = (file: string) => join(dir, name, file);
    const shardOf = (id: string) => String(Math.floor(Number.parseInt(id.slice(9, 15), 36) / NEIGHBOURS));
    const opened = await Promise.all(
      SOBJECTS.map(async (type) => [type, await Shards.open<SRecord>(at(type), shardOf)] as const),
    );
    const file = await JsonFile.open<OrgSettings>(at('settings.json'), DEFAULT_SETTINGS);
    file.value = { ...DEFAULT_SETTINGS, ...file.value };
    return new Org(
      name,
      Object.fromEntries(opened) as Record<SObjectName, Shards<SRecord>>,
      await JsonFile.open<Meta>(at('meta.json'), { reserved: {}, deleted: [], grants: {} }),
      file,
    );
  }

  get settings(): OrgSettings {
    return this.file.value;
  }

  async change(settings: Partial<OrgSettings>): Promise<OrgSettings> {
    this.file.value = { ...this.file.value, ...settings };
    this.known.clear();
    this.unique.clear();
    for (const record of this.all()) this.index(record);
    await this.file.save();
    return this.file.value;
  }

  private readonly known = new Map<SObjectName, ReadonlyMap<string, Field>>();
  fields(type: SObjectName): ReadonlyMap<string, Field> {
    const known = this.known.get(type) ?? fieldsOf(type, this.settings);
    this.known.set(type, known);
    return known;
  }

  *all(type?: SObjectName): Generator<SRecord> {
    for (const t of type ? [type] : SOBJECTS) yield* this.stores[t].values();
  }

  /** Any record, in the recycle bin too. */
  find(type: SObjectName, id: string): SRecord | undefined {
    return this.stores[type].get(id);
  }

  live(type: SObjectName, id: string): SRecord | undefined {
    const record = this.find(type, id);
    return record?.deletedAt ? undefined : record;
  }

  byUnique(type: SObjectName, field: string, value: string): SRecord | undefined {
    const id = this.unique.get(uniqueKey(type, field, value));
    return id === undefined ? undefined : this.find(type, id);
  }

  newId(type: SObjectName): string {
    const number = this.next[type] ?? this.meta.value.reserved[type] ?? 1;
    this.next[type] = number + 1;
    if (number >= (this.meta.value.reserved[type] ?? 0)) this.meta.value.reserved[type] = number + BLOCK;
    return idOf(PREFIXES[type], number);
  }

  put(record: SRecord): void {
    const before = this.find(record.type, record.id);
    if (before) this.unindex(before);
    this.stores[record.type].set(record.id, record);
    this.index(record);
  }

  /** Out of the recycle bin: in no file any more. */
  drop(record: SRecord): void {
    this.unindex(record);
    this.stores[record.type].delete(record.id);
  }

  noteDeleted(record: SRecord, at: string): void {
    this.meta.value.deleted.push([record.type, record.id, at]);
  }

  deletions(type: SObjectName): { id: string; deletedDate: string }[] {
    return this.meta.value.deleted.flatMap(([t, id, deletedDate]) => (t === type ? [{ id, deletedDate }] : []));
  }

  async saved(records: Iterable<SRecord>): Promise<void> {
    const changed = [...records];
    await Promise.all([
      this.metaSaved(),
      ...SOBJECTS.map((type) => this.stores[type].saved(changed.flatMap((r) => (r.type === type ? [r.id] : [])))),
    ]);
  }

  private savedMeta = '';
  private async metaSaved(): Promise<void> {
    const { reserved, deleted, grants } = this.meta.value;
    const present = JSON.stringify([reserved, deleted.length, grants]);
    if (present === this.savedMeta) return;
    await this.meta.save();
    this.savedMeta = present;
  }

  grant(name: string): string | null | undefined {
    return this.meta.value.grants[name];
  }

  /** @param mac of the refresh token that is good from now on; null ends the grant and every session made from it */
  async setGrant(name: string, mac: string | null): Promise<void> {
    this.meta.value.grants[name] = mac;
    await this.metaSaved();
  }

  async forgetGrant(name: string): Promise<void> {
    delete this.meta.value.grants[name];
    await this.metaSaved();
  }

  /** Counts an API call of ours. Rolling 24 hours of real time. @returns false when the org has none left */
  takeCall(): boolean {
    const now = Date.now();
    while (this.calls.length && this.calls[0]! < now - 86_400_000) this.calls.shift();
    if (this.used >= this.settings.dailyLimit) return false;
    this.calls.push(now);
    return true;
  }

  get used(): number {
    return this.calls.length + this.settings.usedByOthers;
  }

  private index(record: SRecord): void {
    if (record.deletedAt) return;
    for (const k of this.keys(record)) this.unique.set(k, record.id);
  }

  private unindex(record: SRecord): void {
    for (const k of this.keys(record)) if (this.unique.get(k) === record.id) this.unique.delete(k);
  }

  private keys(record: SRecord): string[] {
    return [...this.fields(record.type).values()].flatMap((f) => {
      const value = record.fields[f.name];
      return f.externalId && typeof value === 'string' ? [uniqueKey(record.type, f.name, value)] : [];
    });
  }
}

const uniqueKey = (type: SObjectName, field: string, value: string): string =>
  `${type} ${field} ${value.toLowerCase()}`;
