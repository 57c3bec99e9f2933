import { RetryLater } from '@avtala/contracts';
import type { VendorRecord } from '../../domain/records.js';
import type { CallOptions, Write, WriteOutcome } from '../needs.js';
import { VendorRefused } from '../vendor-errors.js';
import { outcomesOf } from './answers.js';
import { hardDelete } from './hard-delete.js';
import type { SalesforceOrg } from './org.js';
import { PREFIX, type Schema, type SObject } from './schema.js';

/** The vendor's limit for a collection, a deletion and the recycle bin. */
const BATCH = 200;
/** A query is a GET: its address must stay under 16,384 characters. */
const ASKED = 100;

export type Row = Readonly<Record<string, unknown>> & { readonly Id: string };

/** What leads, contacts and events have in common; `extends` it for what differs. */
export abstract class SalesforceRecords {
  constructor(
    protected readonly org: SalesforceOrg,
    protected readonly schema: Schema,
  ) {}

  /** Rows of one object where a field has one of the values. @param bin the recycle bin too */
  protected async rows(
    object: SObject,
    where: { readonly field: string; readonly values: readonly string[]; readonly and?: string },
    properties: readonly string[],
    o: CallOptions & { readonly bin: boolean },
  ): Promise<Row[]> {
    const fields = await this.schema.fields(object, o);
    if (!fields.has(where.field)) return [];
    const names = [...new Set(['Id', ...this.base(object), ...properties])].filter((n) => fields.has(n));
    const asked = [...new Set(where.values)];
    const found: Row[] = [];
    for (let at = 0; at < asked.length; at += ASKED) {
      const list = asked
        .slice(at, at + ASKED)
        .map(quoted)
        .join(',');
      const and = where.and ? ` AND ${where.and}` : '';
      const soql = `SELECT ${names.join(', ')} FROM ${object} WHERE ${where.field} IN (${list})${and} ORDER BY CreatedDate`;
      const path = `/${o.bin ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`;
      const answer = await this.org.call<{ records?: Row[] }>({ method: 'GET', path }, o);
      found.push(...(answer.records ?? []));
    }
    return found;
  }

  /** Fields that are always asked for. */
  protected abstract base(object: SObject): readonly string[];

  /** Makes records, or brings those that carry the keys up to date. A duplicate that a rule names is an outcome; where it names none that we could
   * see and lets people go on, we go on. */
  protected async upsertBy(
    object: SObject,
    keyField: string,
    writes: readonly Write[],
    o: CallOptions,
  ): Promise<WriteOutcome[]> {
    const toRecord = (w: Write) => ({ ...w.properties, [keyField]: w.key });
    const path = `/composite/sobjects/${object}/${keyField}`;
    const first = await this.write(object, path, writes, toRecord, false, o);
    const unseen = first.filter((r) => !r.ok && r.code === 'DUPLICATES_DETECTED' && !r.existingId);
    if (unseen.length === 0) return first;
    const keys = new Set(unseen.map((r) => r.key));
    const second = await this.write(
      object,
      path,
      writes.filter((w) => keys.has(w.key)),
      toRecord,
      true,
      o,
    );
    return [...first.filter((r) => !keys.has(r.key)), ...second];
  }

  /** Changes records by id; a rule that warns of duplicates does not stop a change of a record that is there. */
  protected async updateById(
    writes: readonly (Write & { readonly id: string })[],
    o: CallOptions,
  ): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const object of Object.keys(PREFIX) as SObject[]) {
      const own = writes.filter((w) => objectOf(w.id) === object);
      const toRecord = (w: (typeof own)[number]) => ({ ...w.properties, id: w.id });
      if (own.length) outcomes.push(...(await this.write(object, '/composite/sobjects', own, toRecord, true, o)));
    }
    return outcomes;
  }

  private async write<W extends Write>(
    object: SObject,
    path: string,
    writes: readonly W[],
    toRecord: (write: W) => Record<string, string>,
    allowSave: boolean,
    o: CallOptions,
  ): Promise<WriteOutcome[]> {
    const fields = await this.schema.fields(object, o);
    const unknown = (w: W) => Object.keys(w.properties).filter((p) => !fields.get(p)?.updateable);
    const outcomes: WriteOutcome[] = [];
    const good: W[] = [];
    for (const w of new Map(writes.map((x) => [toRecord(x)['id'] ?? x.key, x])).values()) {
      // A column nobody knows would have the vendor refuse all the others with it.
      const names = unknown(w);
      if (names.length) outcomes.push({ key: w.key, ok: false, code: 'INVALID_FIELD', fields: names });
      else good.push(w);
    }
    for (let at = 0; at < good.length; at += BATCH)
      outcomes.push(...(await this.send(object, path, good.slice(at, at + BATCH), toRecord, allowSave, o)));
    return outcomes;
  }

  private async send<W extends Write>(
    object: SObject,
    path: string,
    writes: readonly W[],
    toRecord: (write: W) => Record<string, string>,
    allowSave: boolean,
    o: CallOptions,
  ): Promise<WriteOutcome[]> {
    const records = writes.map((w) => ({ attributes: { type: object }, ...emptied(toRecord(w)) }));
    const headers = {
      'Sforce-Duplicate-Rule-Header': `allowSave=${allowSave}; includeRecordDetails=false; runAsCurrentUser=true`,
    };
    try {
      const body = { allOrNone: false, records };
      const answer = await this.org.call<unknown>({ method: 'PATCH', path, body, headers }, o);
      if (!Array.isArray(answer)) throw new RetryLater('salesforce-unclear');
      return outcomesOf(
        answer,
        writes.map((w) => w.key),
      );
    } catch (error) {
      // One record the vendor cannot take had it refuse all of them: halved until it stands alone.
      if (!(error instanceof VendorRefused)) throw error;
      this.schema.forget(); // the administrator may have changed the org
      if (writes.length === 1) return [{ key: writes[0]!.key, ok: false, code: error.code, fields: error.fields }];
      const half = Math.ceil(writes.length / 2);
      return [
        ...(await this.send(object, path, writes.slice(0, half), toRecord, allowSave, o)),
        ...(await this.send(object, path, writes.slice(half), toRecord, allowSave, o)),
      ];
    }
  }

  /** Into the recycle bin and out of it, or past it where only that is permitted: what stays there for 15 days has not gone. What could not be
   * done shows when it is read back.
   * @returns those there was time for */
  protected async remove(ids: readonly string[], o: CallOptions): Promise<string[]> {
    const asked = [...new Set(ids)];
    const done: string[] = [];
    for (let at = 0; at < asked.length; at += BATCH) {
      if (done.length && Date.now() > o.until) break;
      const chunk = asked.slice(at, at + BATCH);
      const enough = { ...o, until: Math.max(o.until, Date.now() + 2_000) };
      const path = `/composite/sobjects?ids=${chunk.join(',')}&allOrNone=false`;
      await this.org.call<unknown>({ method: 'DELETE', path }, enough);
      const left = await this.org.emptyRecycleBin(chunk, enough);
      if (left.length) await hardDelete(this.org, left, enough);
      done.push(...chunk);
    }
    return done;
  }
}

/** An empty text takes a value out. */
const emptied = (record: Record<string, string>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(record).map(([k, v]) => [k, v === '' ? null : v]));

const quoted = (value: string): string => `'${value.replace(/[\\']/g, '\\$&').replace(/[\r\n\t]/g, ' ')}'`;

export const objectOf = (id: string): SObject | undefined =>
  (Object.keys(PREFIX) as SObject[]).find((o) => id.startsWith(PREFIX[o]));

/** The texts of a row that are not empty, among those asked for. */
export const textsOf = (row: Row, names: readonly string[]): VendorRecord['properties'] =>
  Object.fromEntries(names.flatMap((n) => (typeof row[n] === 'string' && row[n] !== '' ? [[n, row[n]]] : [])));
