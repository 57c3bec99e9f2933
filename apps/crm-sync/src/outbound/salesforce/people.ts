import { RetryLater } from '@avtala/contracts';
import type { VendorRecord } from '../../domain/records.js';
import { SALESFORCE_WORDS } from '../../domain/words-salesforce.js';
import type { CallOptions, ContactBook, FindOptions, Write, WriteOutcome } from '../needs.js';
import { outcomesOf } from './answers.js';
import { objectOf, type Row, SalesforceRecords, textsOf } from './records.js';
import type { SObject } from './schema.js';

const KEY = SALESFORCE_WORDS.leadKey;
const SYSTEM = ['IsDeleted', 'MasterRecordId', 'LastModifiedById', KEY];
const INDIVIDUAL = 'IndividualId';
/** Some orgs have them, and show them to our user. */
const OPT_OUT = {
  person: ['HasOptedOutOfEmail', 'DoNotCall'],
  individual: ['HasOptedOutSolicit', 'HasOptedOutProcessing'],
};
/** A record may have been converted, and what it became merged, and that again. */
const LONGEST_CHAIN = 5;

interface Chain {
  readonly asked: string;
  /** From the record asked for to what it became. */
  readonly rows: readonly Row[];
}

/** People: leads, and the contacts that leads became. New ones are leads; converted ones are followed to their contact. */
export class SalesforcePeople extends SalesforceRecords implements ContactBook {
  protected base(object: SObject): readonly string[] {
    return object === 'Lead' ? [...SYSTEM, 'IsConverted', 'ConvertedContactId'] : SYSTEM;
  }

  async find(
    by: 'id' | 'key' | 'email',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    if (values.length === 0) return new Map();
    if (by === 'email') return this.byEmail(values, properties, o);
    const starts = await this.starts(by, values, properties, o);
    const chains = o.exact ? starts : await this.followed(starts, properties, o);
    const found = new Map<string, VendorRecord>();
    for (const chain of chains) {
      const record = await this.ofChain(chain, properties, o);
      const known = found.get(chain.asked);
      // A key may stand on a lead and on the contact it became: what lives, and can be written, wins.
      if (record && (!known || known.archived || known.frozen)) found.set(chain.asked, record);
    }
    return found;
  }

  upsert(writes: readonly Write[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.upsertBy('Lead', KEY, writes, o);
  }

  update(writes: readonly (Write & { readonly id: string })[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.updateById(writes, o);
  }

  /** Who wrote last is known of the record only: no property needs to be read for it. */
  async writable(): Promise<string[]> {
    return [];
  }

  erase(ids: readonly string[], o: CallOptions): Promise<string[]> {
    return this.remove(ids, o);
  }

  /** In the fields of the person's record and, where the org keeps Individuals ("Data Protection and Privacy"), in theirs. */
  async optOut(ids: readonly string[], o: CallOptions): Promise<string[]> {
    const people = [...(await this.find('id', ids, [INDIVIDUAL], o)).values()].filter((r) => !r.frozen);
    const individuals = people.flatMap((r) => r.properties[INDIVIDUAL] ?? []);
    const persons = people.map((r) => r.id);
    return [...(await this.flag(persons, OPT_OUT.person, o)), ...(await this.flag(individuals, OPT_OUT.individual, o))];
  }

  /** @returns codes of those the org refused to mark */
  private async flag(ids: readonly string[], names: readonly string[], o: CallOptions): Promise<string[]> {
    const records: { readonly attributes: object; readonly id: string }[] = [];
    for (const id of new Set(ids)) {
      const type = objectOf(id);
      const fields = type && (await this.schema.fields(type, o));
      const there = names.filter((n) => fields?.get(n)?.updateable);
      const flags = Object.fromEntries(there.map((n) => [n, true]));
      if (there.length) records.push({ attributes: { type }, id, ...flags });
    }
    const refused: string[] = [];
    for (let at = 0; at < records.length; at += 200)
      refused.push(...(await this.sendFlags(records.slice(at, at + 200), o)));
    return refused;
  }

  /** The answer to a collection is a success whatever became of each record. */
  private async sendFlags(records: readonly { readonly id: string }[], o: CallOptions): Promise<string[]> {
    const body = { allOrNone: false, records };
    const answer = await this.org.call<unknown>({ method: 'PATCH', path: '/composite/sobjects', body }, o);
    const ids = records.map((r) => r.id);
    const outcomes = outcomesOf(answer, ids);
    if (outcomes.length < ids.length) throw new RetryLater('salesforce-unclear');
    return outcomes.flatMap((r) => (r.ok ? [] : [r.code]));
  }

  /** Somebody with this address that we have nothing to do with yet: an open lead first, then a contact; the oldest of several. */
  private async byEmail(
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    const wanted = new Set(values.map((v) => v.toLowerCase()));
    const names = [...new Set(['Email', ...properties])];
    const live = { ...o, bin: false };
    const leads = await this.rows('Lead', { field: 'Email', values, and: 'IsConverted = false' }, names, live);
    const contacts = await this.rows('Contact', { field: 'Email', values }, names, live);
    const found = new Map<string, VendorRecord>();
    for (const row of [...leads, ...contacts]) {
      const email = String(row['Email']).toLowerCase();
      if (wanted.has(email) && !found.has(email)) found.set(email, await this.toRecord(row, properties, o));
    }
    return found;
  }

  /** The records that were asked for, whatever became of them. */
  private async starts(
    by: 'id' | 'key',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Chain[]> {
    const found: Chain[] = [];
    for (const object of ['Lead', 'Contact'] as const) {
      const own = by === 'key' ? values : values.filter((id) => objectOf(id) === object);
      if (own.length === 0) continue;
      const rows = await this.rows(object, { field: by === 'key' ? KEY : 'Id', values: own }, properties, {
        ...o,
        bin: true,
      });
      const wanted = new Set(own);
      for (const row of rows) {
        const asked = by === 'key' ? String(row[KEY]).toLowerCase() : row.Id;
        if (wanted.has(asked)) found.push({ asked, rows: [row] });
      }
    }
    return found;
  }

  /** Goes from merged records to their masters and from converted leads to their contacts, as far as they can still be read. */
  private async followed(chains: readonly Chain[], properties: readonly string[], o: FindOptions): Promise<Chain[]> {
    let now = [...chains];
    for (let round = 0; round < LONGEST_CHAIN; round++) {
      const next = [...new Set(now.flatMap((c) => successorOf(c.rows.at(-1)!) ?? []))];
      if (next.length === 0) break;
      const rows = new Map((await this.starts('id', next, properties, o)).map((c) => [c.asked, c.rows[0]!] as const));
      const longer = now.map((c) => {
        const row = rows.get(successorOf(c.rows.at(-1)!) ?? '');
        return row && !c.rows.some((r) => r.Id === row.Id) ? { ...c, rows: [...c.rows, row] } : c;
      });
      if (longer.every((c, i) => c === now[i])) break;
      now = longer;
    }
    return now;
  }

  private async ofChain(
    { rows }: Chain,
    properties: readonly string[],
    o: FindOptions,
  ): Promise<VendorRecord | undefined> {
    const last = rows.at(-1)!;
    if (o.exact) return this.toRecord(last, properties, o);
    const former = rows.slice(0, -1);
    const inBin = last['IsDeleted'] === true;
    // What it became was deleted: a converted lead is all that is left, and nobody can write it.
    const frozen =
      inBin || last['IsConverted'] === true
        ? rows.findLast((r) => r['IsConverted'] === true && !r['IsDeleted'])
        : undefined;
    if (inBin && !frozen && !o.archived) return undefined;
    if (frozen && o.archived) return undefined; // it lives, and was found among the living
    const row = frozen ?? last;
    const others = frozen ? rows.filter((r) => r !== frozen) : former;
    if (o.archived && !inBin) return undefined;
    return {
      ...(await this.toRecord(row, properties, o)),
      mergedIds: former.filter((r) => r !== row).map((r) => r.Id),
      ...(frozen ? { frozen: true } : {}),
      shells: await Promise.all(others.map((r) => this.toRecord(r, properties, o))),
    };
  }

  private async toRecord(row: Row, properties: readonly string[], o: CallOptions): Promise<VendorRecord> {
    const fields = await this.schema.fields(objectOf(row.Id) ?? 'Lead', o);
    const { ourselves } = this.org;
    return {
      id: row.Id,
      archived: row['IsDeleted'] === true,
      properties: textsOf(row, [...new Set([...properties, KEY])]),
      mergedIds: [],
      foreign: [],
      // Deleting is an edit too: of what lies in the bin nobody can say who worked with it before.
      ...(ourselves && !row['IsDeleted'] ? { touched: row['LastModifiedById'] !== ourselves } : {}),
      lacks: [KEY, ...properties].filter((p) => !fields.get(p)?.updateable),
    };
  }
}

const successorOf = (row: Row): string | undefined => {
  if (row['IsDeleted'] === true && typeof row['MasterRecordId'] === 'string') return row['MasterRecordId'];
  if (row['IsConverted'] === true && typeof row['ConvertedContactId'] === 'string') return row['ConvertedContactId'];
  return undefined;
};
