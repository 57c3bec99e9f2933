import { RetryLater } from '@avtala/contracts';
import type { VendorRecord } from '../../domain/records.js';
import { MORE_EMAILS } from '../../domain/words-hubspot.js';
import type { CallOptions, FindOptions, Write, WriteOutcome } from '../needs.js';
import { VendorRefused } from '../vendor-errors.js';
import { type Answer, outcomesOf, textsOf } from './answers.js';
import type { HubSpotAccount } from './http.js';

/** The documented limit of a batch; the vendor's file names none. */
const BATCH = 100;
/** Reading with history is limited to half. */
const BATCH_WITH_HISTORY = 50;
const MERGED = 'hs_merged_object_ids';
/** Writers that are the vendor's own machinery: a value it computed is nobody's edit. */
const MACHINERY = new Set(['CALCULATED', 'ANALYTICS', 'INTERNAL_PROCESSING', 'DEFAULT', 'PROPERTY_SETTINGS']);

type Json = Record<string, unknown>;

/** What contacts and meetings have in common on the 2026-09 paths; `extends` it for what differs. */
export abstract class HubSpotObjects {
  private readonly root: string;

  constructor(
    protected readonly account: HubSpotAccount,
    type: 'contacts' | 'meetings',
    /** Our own unique property. */
    private readonly keyProperty: string,
    /** As which writer the vendor's history names us. */
    private readonly ourselves: readonly string[],
  ) {
    this.root = `/crm/objects/2026-09/${type}`;
  }

  /** Finds by id (`idProperty` undefined) or by a unique property; asked value → record. */
  protected async read(
    idProperty: string | undefined,
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    const found = new Map<string, VendorRecord>();
    const by = idProperty === 'email' ? ['email', MORE_EMAILS] : idProperty ? [idProperty] : [];
    const names = [...new Set([...properties, this.keyProperty, MERGED, ...by])];
    const asked = [...new Set(values)];
    const size = o.authors ? BATCH_WITH_HISTORY : BATCH;
    for (let at = 0; at < asked.length; at += size) {
      const chunk = asked.slice(at, at + size);
      const answer = await this.account.call(
        {
          method: 'POST',
          path: `${this.root}/batch/read`,
          ...(o.archived ? { query: { archived: 'true' } } : {}),
          body: {
            inputs: chunk.map((id) => ({ id })),
            properties: names,
            propertiesWithHistory: o.authors ? names : [],
            ...(idProperty ? { idProperty } : {}),
          },
        },
        o,
        [404], // some versions answer 404 when none of them is there
      );
      const wanted = new Set(chunk);
      for (const item of results(answer)) {
        const record = this.toRecord(item);
        const present = by.flatMap((p) => (record.properties[p] ?? '').split(';'));
        for (const name of idProperty ? present : [record.id, ...record.mergedIds])
          if (name && wanted.has(name)) found.set(name, record);
      }
    }
    return found;
  }

  /** One record by id; a merged one is answered by the record it was merged into. */
  protected async readOne(
    id: string,
    properties: readonly string[],
    o: FindOptions,
  ): Promise<VendorRecord | undefined> {
    const names = [...new Set([...properties, this.keyProperty, MERGED])].join(',');
    const answer = await this.account.call(
      {
        method: 'GET',
        path: `${this.root}/${encodeURIComponent(id)}`,
        query: {
          properties: names,
          archived: String(o.archived ?? false),
          ...(o.authors ? { propertiesWithHistory: names } : {}),
        },
      },
      o,
      [404],
    );
    return answer.status === 404 ? undefined : this.toRecord(answer.body as Json);
  }

  /** Finds by a property that is not unique, through the search index (which may lag behind by seconds). */
  protected async search(
    property: string,
    values: readonly string[],
    properties: readonly string[],
    o: CallOptions,
  ): Promise<Map<string, VendorRecord>> {
    const found = new Map<string, VendorRecord>();
    const asked = [...new Set(values)];
    for (let at = 0; at < asked.length; at += BATCH) {
      const chunk = asked.slice(at, at + BATCH);
      const answer = await this.account.call(
        {
          method: 'POST',
          path: `${this.root}/search`,
          body: {
            filterGroups: [{ filters: [{ propertyName: property, operator: 'IN', values: chunk }] }],
            properties: [...new Set([...properties, this.keyProperty, property])],
            sorts: [],
            limit: BATCH,
            after: '0',
          },
        },
        o,
      );
      for (const item of results(answer)) {
        const record = this.toRecord(item);
        const value = record.properties[property];
        // Several records may share a value; the oldest of them, which comes first by id, is the one the client knows.
        if (value && chunk.includes(value) && !found.has(value)) found.set(value, record);
      }
    }
    return found;
  }

  upsert(writes: readonly Write[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.write('upsert', writes, o, (w) => ({
      id: w.key,
      idProperty: this.keyProperty,
      objectWriteTraceId: w.key,
      properties: { ...w.properties },
    }));
  }

  update(writes: readonly (Write & { readonly id: string })[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.write('update', writes, o, (w) => ({
      id: w.id,
      objectWriteTraceId: w.key,
      properties: { ...w.properties },
    }));
  }

  async archive(ids: readonly string[], o: CallOptions): Promise<void> {
    const asked = [...new Set(ids)];
    for (let at = 0; at < asked.length; at += BATCH) {
      const inputs = asked.slice(at, at + BATCH).map((id) => ({ id }));
      await this.account.call({ method: 'POST', path: `${this.root}/batch/archive`, body: { inputs } }, o);
    }
  }

  /** The same id twice has the vendor refuse the whole batch: only the first of them is sent. */
  private async write<W extends Write>(
    how: 'upsert' | 'update',
    writes: readonly W[],
    o: CallOptions,
    toInput: (write: W) => { id: string },
  ): Promise<WriteOutcome[]> {
    const inputs = new Map<string, { write: W; input: { id: string } }>();
    for (const write of writes) {
      const input = toInput(write);
      if (!inputs.has(input.id)) inputs.set(input.id, { write, input });
    }
    const all = [...inputs.values()];
    const outcomes: WriteOutcome[] = [];
    for (let at = 0; at < all.length; at += BATCH)
      outcomes.push(...(await this.sendBatch(how, all.slice(at, at + BATCH), o)));
    return outcomes;
  }

  private async sendBatch(
    how: 'upsert' | 'update',
    items: readonly { write: Write; input: { id: string } }[],
    o: CallOptions,
  ): Promise<WriteOutcome[]> {
    try {
      const answer = await this.account.call(
        { method: 'POST', path: `${this.root}/batch/${how}`, body: { inputs: items.map((i) => i.input) } },
        o,
      );
      const outcomes = outcomesOf(
        answer,
        items.map((i) => ({ key: i.write.key, id: i.input.id })),
      );
      // An input that neither result nor error names: unknown, so tried again; by key that is harmless.
      if (outcomes.length === 0) throw new RetryLater('hubspot-unclear');
      return outcomes;
    } catch (error) {
      // One record the vendor cannot take had it refuse all of them: halved until it stands alone.
      if (!(error instanceof VendorRefused) || ![400, 404, 409, 422].includes(error.status)) throw error;
      if (items.length > 1) {
        const half = Math.ceil(items.length / 2);
        return [
          ...(await this.sendBatch(how, items.slice(0, half), o)),
          ...(await this.sendBatch(how, items.slice(half), o)),
        ];
      }
      const { code, fields, requestId, existingId } = error;
      return [
        {
          key: items[0]!.write.key,
          ok: false,
          code,
          fields,
          ...(requestId ? { requestId } : {}),
          ...(existingId ? { existingId } : {}),
        },
      ];
    }
  }

  private toRecord(item: Json): VendorRecord {
    const properties = textsOf(item['properties']);
    return {
      id: String(item['id']),
      archived: item['archived'] === true,
      properties,
      mergedIds: (properties[MERGED] ?? '').split(';').filter((id) => id !== ''),
      foreign: this.foreign(item['propertiesWithHistory'], properties),
    };
  }

  /** Properties whose newest version came from a person or from another app. */
  private foreign(history: unknown, properties: Readonly<Record<string, string>>): string[] {
    const versions = typeof history === 'object' && history !== null ? (history as Record<string, unknown>) : {};
    return Object.entries(versions).flatMap(([name, list]) => {
      const newest = (Array.isArray(list) ? list[0] : undefined) as Json | undefined;
      if (!newest || properties[name] === undefined || name.startsWith('hs_')) return [];
      const source = newest['sourceType'];
      const ours = source === 'INTEGRATION' && this.ourselves.includes(String(newest['sourceId']));
      return ours || MACHINERY.has(String(source)) ? [] : [name];
    });
  }
}

const results = (answer: Answer): Json[] => {
  const list = (answer.body as { results?: unknown } | undefined)?.results;
  return Array.isArray(list) ? (list as Json[]) : [];
};
