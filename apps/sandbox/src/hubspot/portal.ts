import { join } from 'node:path';
import { JsonFile, Shards } from '../files.js';
import { RateWindow, type Limits } from './limits.js';
import type { WebhookSettings } from './webhooks.js';
import { builtIn, OBJECT_TYPES, type ObjectType, type PropertyDefinition } from './property-names.js';

/** Who wrote something: our app through the API, or a person in the vendor's own screens. */
export interface Author {
  sourceType: 'INTEGRATION' | 'CRM_UI';
  sourceId: string;
}

/** One record as it stands; a write replaces it as a whole. */
export interface CrmRecord {
  id: string;
  type: ObjectType;
  properties: Record<string, string>;
  /** property → when and by whom its present value was written */
  written: Record<string, [at: string, author: Author]>;
  createdBy: Author;
  createdAt: string;
  updatedAt: string;
  archivedAt?: string;
  /** Permanently deleted; until this moment the record still answers among the archived. */
  purgeAt?: string;
  /** The record was merged into this one. */
  mergedInto?: string;
  links: Partial<Record<ObjectType, string[]>>;
}

/** Settings of the stand-in, the same for all portals. */
export interface HubSpotSettings extends Limits, WebhookSettings {
  /** Days of the test clock between a permanent deletion and the purge. */
  purgeDays: number;
  privacyTools: boolean;
  /** Where the accounts' day ends at midnight, on the test clock. */
  timeZone: string;
  /** Every call takes at least this long, real time. */
  latencyMs: number;
}

const FIRST_ID: Record<ObjectType, number> = {
  contacts: 100_001,
  meetings: 500_000_001,
  notes: 700_000_001,
  calls: 900_000_001,
};
const BLOCK = 1000;
const NEIGHBOURS = 64;

interface Meta {
  /** Ids up to here may have been given out; taken in blocks so that an id is never given twice, also after its record is gone. */
  reserved: Record<ObjectType, number>;
  /** Records that came back by API although their address is on the blocklist. */
  blocklistBypassed: number;
}

/** One customer's account: records, unique values, own properties, blocklist. */
export class Portal {
  readonly rate: RateWindow;
  private readonly unique = new Map<string, string>(); // type, property and value → id, live records only
  private readonly next: Record<ObjectType, number>;

  private constructor(
    readonly id: string,
    private readonly stores: Record<ObjectType, Shards<CrmRecord>>,
    private readonly meta: JsonFile<Meta>,
    private readonly own: JsonFile<Partial<Record<ObjectType, PropertyDefinition[]>>>,
    private readonly blocklist: JsonFile<string[]>,
    private readonly settings: () => HubSpotSettings,
    today: () => string,
  ) {
    this.rate = new RateWindow(settings, today);
    this.next = { ...meta.value.reserved };
    for (const record of this.all()) this.index(record);
  }

  static async open(
    dir: string,
    id: string,
    settings: () => HubSpotSettings,
    today: () => string = () => new Date().toISOString().slice(0, 10),
  ): Promise<Portal> {
    const at = (name: string) => join(dir, id, name);
    const shardOf = (record: string) => String(Math.floor(Number(record) / NEIGHBOURS));
    const opened = await Promise.all(
      OBJECT_TYPES.map(async (type) => [type, await Shards.open<CrmRecord>(at(type), shardOf)] as const),
    );
    return new Portal(
      id,
      Object.fromEntries(opened) as Record<ObjectType, Shards<CrmRecord>>,
      await JsonFile.open<Meta>(at('meta.json'), { reserved: { ...FIRST_ID }, blocklistBypassed: 0 }),
      await JsonFile.open(at('properties.json'), {}),
      await JsonFile.open<string[]>(at('blocklist.json'), []),
      settings,
      today,
    );
  }

  *all(type?: ObjectType): Generator<CrmRecord> {
    for (const t of type ? [type] : OBJECT_TYPES) yield* this.stores[t].values();
  }

  /** Any record, archived and merged ones too. */
  find(type: ObjectType, id: string): CrmRecord | undefined {
    return this.stores[type].get(id);
  }

  /** The live record of this id; of a merged one, what it was merged into. */
  live(type: ObjectType, id: string): CrmRecord | undefined {
    let record = this.find(type, id);
    while (record?.mergedInto) record = this.find(type, record.mergedInto);
    return record?.archivedAt ? undefined : record;
  }

  /** The live record that holds this unique value; an address counts also as an additional one. */
  byUnique(type: ObjectType, property: string, value: string): CrmRecord | undefined {
    const id = this.unique.get(uniqueKey(type, property, value));
    return id === undefined ? undefined : this.find(type, id);
  }

  newId(type: ObjectType): string {
    const id = this.next[type]++;
    if (id >= this.meta.value.reserved[type]) this.meta.value.reserved[type] = id + BLOCK;
    return String(id);
  }

  /** Changes memory and unique values; `saved` makes it last. */
  put(record: CrmRecord): void {
    const before = this.find(record.type, record.id);
    if (before) this.unindex(before);
    this.stores[record.type].set(record.id, record);
    this.index(record);
  }

  drop(record: CrmRecord): void {
    this.unindex(record);
    this.stores[record.type].delete(record.id);
  }

  /** Resolves when these records stand on disk as they stand in memory, and no id can be given twice. */
  async saved(records: Iterable<CrmRecord>): Promise<void> {
    const changed = [...records];
    await Promise.all([
      this.reservedSaved(),
      ...OBJECT_TYPES.map((type) => this.stores[type].saved(changed.flatMap((r) => (r.type === type ? [r.id] : [])))),
    ]);
  }

  private savedReservation = '';
  private async reservedSaved(): Promise<void> {
    const present = JSON.stringify(this.meta.value);
    if (present === this.savedReservation) return;
    await this.meta.save();
    this.savedReservation = present;
  }

  definitions(type: ObjectType): PropertyDefinition[] {
    return [...builtIn(type, this.settings().privacyTools), ...(this.own.value[type] ?? [])];
  }

  async define(type: ObjectType, definition: PropertyDefinition): Promise<void> {
    (this.own.value[type] ??= []).push(definition);
    this.uniqueNames.delete(type);
    await this.own.save();
  }

  /** @param mark a keyed hash of an address: the list remembers without knowing */
  block(mark: string): Promise<void> {
    if (!this.blocklist.value.includes(mark)) this.blocklist.value.push(mark);
    return this.blocklist.save();
  }

  blocked(mark: string): boolean {
    return this.blocklist.value.includes(mark);
  }

  countBypass(): void {
    this.meta.value.blocklistBypassed += 1;
  }

  get counts(): { blocklist: number; blocklistBypassed: number } {
    return { blocklist: this.blocklist.value.length, blocklistBypassed: this.meta.value.blocklistBypassed };
  }

  private readonly uniqueNames = new Map<ObjectType, string[]>();
  uniqueProperties(type: ObjectType): string[] {
    const known = this.uniqueNames.get(type);
    if (known) return known;
    const names = this.definitions(type).flatMap((d) => (d.hasUniqueValue ? [d.name] : []));
    this.uniqueNames.set(type, names);
    return names;
  }

  private index(record: CrmRecord): void {
    if (record.archivedAt || record.mergedInto) return;
    for (const key of this.keys(record)) this.unique.set(key, record.id);
  }

  private unindex(record: CrmRecord): void {
    for (const key of this.keys(record)) if (this.unique.get(key) === record.id) this.unique.delete(key);
  }

  private keys(record: CrmRecord): string[] {
    const { properties, type } = record;
    const own = this.uniqueProperties(type).flatMap((name) => {
      const value = properties[name];
      return value ? [uniqueKey(type, name, value)] : [];
    });
    const more = (properties['hs_additional_emails'] ?? '').split(';').filter(Boolean);
    return [...own, ...more.map((email) => uniqueKey(type, 'email', email))];
  }
}

function uniqueKey(type: ObjectType, property: string, value: string): string {
  return `${type} ${property} ${property === 'email' ? value.trim().toLowerCase() : value}`;
}
