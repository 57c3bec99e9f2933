import type { Journal } from '../journal.js';
import type { Tokens } from '../tokens.js';
import { Refusal, type Reply } from '../web.js';
import type { Accounts } from './accounts.js';
import { definitionsOf, typeOf, type Call } from './call.js';
import { merge } from './merging.js';
import type { Author, CrmRecord, HubSpotSettings, Portal } from './portal.js';
import { archived, deletePermanently } from './removal.js';
import { blank, conflict, written } from './values.js';

/** A person working in the vendor's own screens. */
const SOMEBODY: Author = { sourceType: 'CRM_UI', sourceId: 'userId:7' };

type Order = Record<string, unknown>;

/** What a test does to the stand-in behind our back, and how it looks inside. */
export class HubSpotControl {
  constructor(
    private readonly accounts: Accounts,
    private readonly tokens: Tokens,
    private readonly journal: Journal,
  ) {}

  /** Everything there is, for counting and comparing; nobody but a test reads it. */
  async state(portalId: string | null) {
    await this.accounts.due();
    const portals = await this.accounts.opened(portalId);
    const all = portals.flatMap((p) => [...p.all()].map((r) => dumped(p, r)));
    const of = (type: string) => all.filter((r) => r.type === type);
    const links = portals.flatMap((p) => [...p.all()].flatMap((r) => linksOf(p, r)));
    const sum = (pick: (p: Portal) => number) => portals.reduce((n, p) => n + pick(p), 0);
    return {
      ...{
        contacts: of('contacts'),
        meetings: of('meetings'),
        notes: of('notes'),
        calls: of('calls'),
        associations: links,
      },
      blocklistCount: sum((p) => p.counts.blocklist),
      blocklistBypassed: sum((p) => p.counts.blocklistBypassed),
      contractViolations: this.journal.contractViolations('hubspot'),
      webhooks: this.accounts.webhooks.counts,
      settings: { ...this.accounts.settings, webhookSecret: undefined },
    };
  }

  /** Records that existed before us. Any property is taken, so that an account can have what the API would refuse. */
  async seed(order: Order): Promise<{ ids: string[] }> {
    const portal = await this.portalOf(order);
    const type = typeOf(String(order['objectType'] ?? 'contacts'));
    const given = (order['contacts'] ?? order['records'] ?? []) as { properties: Record<string, string> }[];
    const at = this.accounts.iso();
    const records = given.map(({ properties }) => {
      if (conflict(portal, type, properties, undefined))
        throw refuse(409, 'A seeded record takes a unique value twice');
      const record = written(
        definitionsOf(portal, type),
        blank(type, portal.newId(type), SOMEBODY, at),
        properties,
        SOMEBODY,
        at,
      );
      portal.put(record);
      return record;
    });
    await portal.saved(records);
    return { ids: records.map((r) => r.id) };
  }

  /** Somebody else writes to a record, or archives it. */
  async edit(order: Order): Promise<{ id: string }> {
    const portal = await this.portalOf(order);
    const type = typeOf(String(order['objectType'] ?? 'contacts'));
    const before = portal.live(type, String(order['id']));
    if (!before) throw refuse(404, 'No such record');
    const at = this.accounts.iso();
    const values = (order['properties'] ?? {}) as Record<string, string>;
    const after = written(definitionsOf(portal, type), before, values, SOMEBODY, at);
    const archive = order['archive'] === true;
    const record = archive ? archived(after, at) : after;
    portal.put(record);
    await portal.saved([record]);
    const by = { portalId: portal.id, objectId: record.id, changeSource: 'CRM_UI', sourceId: SOMEBODY.sourceId };
    if (type === 'contacts')
      this.accounts.webhooks.tell([
        ...Object.entries(values).map(([propertyName, propertyValue]) => ({
          ...{ ...by, subscriptionType: 'contact.propertyChange' },
          ...{ propertyName, propertyValue },
        })),
        ...(archive ? [{ ...by, subscriptionType: 'contact.deletion', changeFlag: 'DELETED' }] : []),
      ]);
    return { id: record.id };
  }

  /** Somebody else deletes a person for good, with the vendor's privacy tools. */
  async erase(order: Order): Promise<Reply> {
    const portal = await this.portalOf(order);
    const id = String(order['id']);
    const reply = await deletePermanently(this.callOf(portal, { objectId: id }));
    const by = { portalId: portal.id, objectId: id, changeSource: 'CRM_UI', sourceId: SOMEBODY.sourceId };
    this.accounts.webhooks.tell([{ ...by, subscriptionType: 'contact.privacyDeletion', changeFlag: 'DELETED' }]);
    return reply;
  }

  /** Other apps of the client's use up calls of the day. */
  async spend(order: Order): Promise<{ spent: number }> {
    const portal = await this.portalOf(order);
    const calls = order['calls'];
    if (typeof calls !== 'number' || !Number.isInteger(calls) || calls < 1) throw refuse(400, 'calls must be ≥ 1');
    portal.rate.spend(calls);
    return { spent: calls };
  }

  async merge(order: Order): Promise<Reply> {
    const portal = await this.portalOf(order);
    const reply = await merge(this.callOf(portal, order, String(order['objectType'] ?? 'contacts')));
    const primary = String(order['primaryObjectId']);
    this.accounts.webhooks.tell([
      {
        ...{ portalId: portal.id, subscriptionType: 'contact.merge', objectId: primary, changeSource: 'CRM_UI' },
        ...{ primaryObjectId: Number(primary), mergedObjectIds: [Number(order['objectIdToMerge'])] },
        ...{ newObjectId: Number(primary), sourceId: SOMEBODY.sourceId },
      },
    ]);
    return reply;
  }

  private callOf(portal: Portal, body: Order, objectType = 'contacts'): Call {
    return {
      ...{ portal, author: SOMEBODY, at: this.accounts.iso(), params: { objectType } },
      ...{ query: new URLSearchParams(), body, settings: this.accounts.settings, lies: () => false },
      mark: (address) => this.tokens.mac(address),
    };
  }

  /** Limits, purge days, privacy tools; the rest stays. */
  settings(order: Order): Promise<HubSpotSettings> {
    const known = this.accounts.settings;
    const change = Object.entries(order).filter(
      ([k, v]) => k in known && typeof v === typeof known[k as keyof HubSpotSettings],
    );
    if (change.length !== Object.keys(order).length) throw refuse(400, `Settings are ${Object.keys(known).join(', ')}`);
    const { timeZone } = order;
    if (typeof timeZone === 'string' && !Intl.supportedValuesOf('timeZone').includes(timeZone))
      throw refuse(400, 'timeZone is an IANA name');
    return this.accounts.change(Object.fromEntries(change));
  }

  private portalOf(order: Order): Promise<Portal> {
    const id = String(order['portalId'] ?? '');
    if (!/^\d{1,12}$/.test(id)) throw refuse(400, 'portalId must be digits');
    return this.accounts.portal(id);
  }
}

function dumped(portal: Portal, r: CrmRecord) {
  return {
    ...{ portalId: portal.id, id: r.id, type: r.type, properties: r.properties },
    ...{ createdBy: r.createdBy.sourceType === 'INTEGRATION' ? 'app' : 'user', createdBySource: r.createdBy.sourceId },
    ...{ createdAt: r.createdAt, updatedAt: r.updatedAt, archived: r.archivedAt !== undefined },
    ...(r.purgeAt ? { purgeAt: r.purgeAt } : {}),
    ...(r.mergedInto ? { mergedInto: r.mergedInto } : {}),
  };
}

function linksOf(portal: Portal, r: CrmRecord) {
  return Object.entries(r.links).flatMap(([toType, ids]) =>
    ids.map((to) => ({ portalId: portal.id, fromType: r.type, from: r.id, toType, to })),
  );
}

function refuse(status: number, message: string): Refusal {
  return new Refusal({ status, body: { code: 'refused', message } });
}
