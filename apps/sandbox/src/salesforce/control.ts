import type { Journal } from '../journal.js';
import { Refusal } from '../web.js';
import type { SObjectName } from './fields.js';
import { hasObject, sobjectOf } from './fields.js';
import { idOf } from './ids.js';
import { userOf } from './oauth.js';
import { DEFAULT_SETTINGS, type Org, type OrgSettings, type SRecord } from './org.js';
import { ORG_NAME, type Orgs } from './orgs.js';
import { emptyFromBin, recycle, remove } from './removal.js';
import { readFields, write, type Writer } from './writing.js';

/** A person working in the vendor's own screens. */
const SOMEBODY = idOf('005', 7);

type Order = Record<string, unknown>;

/** What a test does to the stand-in behind our back, and how it looks inside. */
export class SalesforceControl {
  constructor(
    private readonly orgs: Orgs,
    private readonly journal: Journal,
  ) {}

  /** Everything there is, for counting and comparing. @param only one org; absent = all */
  async state(only: string | null) {
    await this.orgs.due();
    const orgs = await this.orgs.opened(only);
    const of = (type: SObjectName) => orgs.flatMap((o) => [...o.all(type)].map((r) => dumped(o, r)));
    const sum = (pick: (o: Org) => number) => orgs.reduce((n, o) => n + pick(o), 0);
    return {
      ...{ leads: of('Lead'), contacts: of('Contact'), accounts: of('Account'), events: of('Event') },
      individuals: of('Individual'),
      contractViolations: this.journal.contractViolations('salesforce'),
      over200: sum((o) => o.counts.over200),
      limitViolations: sum((o) => o.counts.limitViolations),
      resent: sum((o) => o.counts.resent),
      refreshes: sum((o) => o.counts.refreshes),
      killedGrants: sum((o) => o.counts.killedGrants),
      callsUsed: sum((o) => o.used),
      settings: Object.fromEntries(orgs.map((o) => [o.name, o.settings])),
    };
  }

  /** Records that existed before us: `{org, object, records: [{Field: value}]}`. */
  async seed(order: Order): Promise<{ ids: string[] }> {
    const org = await this.orgOf(order);
    const type = typeIn(org, order);
    const records = (order['records'] ?? []) as Record<string, unknown>[];
    const made = records.map((fields) => this.stored(org, type, undefined, fields));
    await org.saved(made);
    return { ids: made.map((r) => r.id) };
  }

  /** Somebody else writes to a record, deletes it, brings it back, or purges it: `{org, id, fields?, act?: delete|undelete|purge}`. */
  async edit(order: Order): Promise<{ id: string }> {
    const org = await this.orgOf(order);
    const record = recordIn(org, order['id']);
    const at = this.orgs.iso();
    const changed: SRecord[] = [];
    if (order['fields'])
      changed.push(this.stored(org, record.type, record, order['fields'] as Record<string, unknown>));
    if (order['act'] === 'delete') changed.push(...remove(org, record.id, SOMEBODY, at).changed);
    if (order['act'] === 'purge') changed.push(...emptyFromBin(org, record.id).dropped);
    if (order['act'] === 'undelete') {
      const { deletedAt: _, masterId: _m, ...back } = record;
      org.put({ ...back, modifiedAt: at, modifiedBy: SOMEBODY });
      changed.push(record);
    }
    await org.saved(changed);
    return { id: record.id };
  }

  /** Makes a contact (and an account) of a lead, which is read-only from now on: `{org, id, mapKey?: false}`. Our key goes along where the
   * administrator has mapped the field, which is the default here. */
  async convert(order: Order): Promise<{ contactId: string; accountId: string }> {
    const org = await this.orgOf(order);
    const lead = recordIn(org, order['id']);
    if (lead.type !== 'Lead' || lead.fields['IsConverted']) throw refuse(409, 'No lead that can be converted');
    const at = this.orgs.iso();
    const account = this.stored(org, 'Account', undefined, { Name: lead.fields['Company'] });
    const kept = ['FirstName', 'LastName', 'Title', 'Email', 'Phone', 'MobilePhone', 'Avtala_Lead_Key__c'].filter(
      (n) => org.fields('Contact').has(n) && (n !== 'Avtala_Lead_Key__c' || order['mapKey'] === true),
    );
    const contact = this.stored(org, 'Contact', undefined, {
      ...Object.fromEntries(kept.flatMap((n) => (lead.fields[n] ? [[n, lead.fields[n]]] : []))),
      AccountId: account.id,
    });
    const converted: SRecord = {
      ...lead,
      fields: {
        ...lead.fields,
        ...{ IsConverted: true, ConvertedContactId: contact.id, ConvertedAccountId: account.id, ConvertedDate: at },
      },
      ...{ modifiedAt: at, modifiedBy: SOMEBODY },
    };
    org.put(converted);
    const moved = [...org.all('Event')]
      .filter((e) => e.fields['WhoId'] === lead.id)
      .map((e) => ({ ...e, fields: { ...e.fields, WhoId: contact.id } }));
    for (const event of moved) org.put(event);
    await org.saved([account, contact, converted, ...moved]);
    return { contactId: contact.id, accountId: account.id };
  }

  /** Merges `loser` into `winner`: empty fields of the winner are filled, the loser lies in the recycle bin and names its master. */
  async merge(order: Order): Promise<{ id: string }> {
    const org = await this.orgOf(order);
    const winner = recordIn(org, order['winner']);
    const loser = recordIn(org, order['loser']);
    if (winner.type !== loser.type || winner.id === loser.id) throw refuse(409, 'These cannot be merged');
    const at = this.orgs.iso();
    const gone = recycle(org, loser, SOMEBODY, at, winner.id);
    const { Avtala_Lead_Key__c: _, ...rest } = loser.fields;
    const merged = { ...winner, fields: { ...rest, ...winner.fields }, modifiedAt: at, modifiedBy: SOMEBODY };
    org.put(merged);
    const moved = [...org.all('Event')]
      .filter((e) => e.fields['WhoId'] === loser.id)
      .map((e) => ({ ...e, fields: { ...e.fields, WhoId: winner.id } }));
    for (const event of moved) org.put(event);
    await org.saved([gone, merged, ...moved]);
    return { id: winner.id };
  }

  /** `{org, …}`: any of the org's settings; the rest stays. */
  async settings({ org: name, ...change }: Order): Promise<OrgSettings> {
    const org = await this.orgOf({ org: name });
    for (const [k, v] of Object.entries(change))
      if (!(k in DEFAULT_SETTINGS) || typeof v !== typeof DEFAULT_SETTINGS[k as keyof OrgSettings])
        throw refuse(400, `Settings are ${Object.keys(DEFAULT_SETTINGS).join(', ')}`);
    return org.change(change as Partial<OrgSettings>);
  }

  /** A client app's certificate, against which its assertions are checked: `{clientId, certificate}`. */
  async register({ clientId, certificate }: Order): Promise<{ clientId: string }> {
    if (typeof clientId !== 'string' || typeof certificate !== 'string') throw refuse(400, 'clientId and certificate');
    await this.orgs.register(clientId, certificate).catch(() => {
      throw refuse(400, 'certificate must be PEM');
    });
    return { clientId };
  }

  /** The client takes our access back (`{org, grant?}`), or gives it again (`{org, grant?, again: true}`). */
  async revoke(order: Order): Promise<{ org: string }> {
    const org = await this.orgOf(order);
    for (const grant of typeof order['grant'] === 'string' ? [order['grant']] : ['jwt', 'first'])
      await (order['again'] === true ? org.forgetGrant(grant) : org.setGrant(grant, null));
    return { org: org.name };
  }

  private stored(org: Org, type: SObjectName, before: SRecord | undefined, fields: Record<string, unknown>): SRecord {
    const writer: Writer = {
      ...{ by: SOMEBODY, at: this.orgs.iso() },
      duplicates: { allowSave: true, includeRecordDetails: false },
    };
    const written = write(org, type, before, readFields(org, type, fields), writer);
    if (!written.ok) throw refuse(409, `${written.error.statusCode}: ${written.error.fields.join(', ')}`);
    return written.record;
  }

  private orgOf(order: Order): Promise<Org> {
    const name = String(order['org'] ?? '');
    if (!ORG_NAME.test(name)) throw refuse(400, 'org must be a lower-case name');
    return this.orgs.org(name);
  }
}

function typeIn(org: Org, order: Order): SObjectName {
  const name = String(order['object'] ?? 'Lead');
  if (!hasObject(name, org.settings)) throw refuse(400, 'No such object in this org');
  return name;
}

function recordIn(org: Org, id: unknown): SRecord {
  const type = sobjectOf(String(id));
  const record = type && org.find(type, String(id));
  if (!record) throw refuse(404, 'No such record');
  return record;
}

function dumped(org: Org, r: SRecord) {
  const by = (user: string) => (user === userOf(org) ? 'app' : 'user');
  return {
    ...{ org: org.name, id: r.id, type: r.type, fields: r.fields },
    ...{ createdBy: by(r.createdBy), modifiedBy: by(r.modifiedBy), createdAt: r.createdAt, modifiedAt: r.modifiedAt },
    ...{ deleted: r.deletedAt !== undefined, ...(r.masterId ? { mergedInto: r.masterId } : {}) },
  };
}

function refuse(status: number, message: string): Refusal {
  return new Refusal({ status, body: { code: 'refused', message } });
}
