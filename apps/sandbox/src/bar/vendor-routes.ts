import type { Controlled } from '../control.js';
import { bodyOf, refuse, type Handler } from '../control-words.js';
import { route, type Route } from '../web.js';
import { numberOf } from './mail-routes.js';

const MOST = 1_000;

/** A record as the vendor has it, whoever the vendor is. */
interface VendorRecord {
  /** HubSpot's portal, Salesforce's org. */
  account: string;
  object: string;
  id: string;
  /** `deleted`: in the recycle bin or the archive, with its text, until it is purged. */
  state: 'live' | 'deleted';
  fields: Record<string, unknown>;
  createdBy: string;
  createdAt: string;
  changedAt: string;
}

/** CRM and calendars as the vendors have them, and how they misbehave. */
export function vendorRoutes(c: Controlled): Route<Handler>[] {
  return [
    route<Handler>('GET', '/sandbox/crm/{vendor}', async ({ query }, { vendor }) => {
      const records = await recordsOf(c, vendor!);
      const limit = numberOf(query.get('limit') ?? '200', 1, MOST, 'limit');
      records.sort((a, b) => (a.changedAt < b.changedAt ? 1 : -1));
      return { total: records.length, items: records.slice(0, limit) };
    }),
    route<Handler>('GET', '/sandbox/calendars', () => ({
      items: c.calendars.list().map(({ id, timeZone, unreadable, busy }) => ({
        ...{ id, timeZone, unreadable: unreadable ?? false, busy: busy ?? [] },
        events: c.calendars.of(id).map(({ resource }) => resource),
      })),
    })),
    route<Handler>('PUT', '/sandbox/calendars', async (asked) => {
      const { id, unreadable, ...more } = bodyOf(asked);
      const known = c.calendars.list().some((calendar) => calendar.id === id);
      if (typeof unreadable !== 'boolean' || typeof id !== 'string' || Object.keys(more).length)
        throw refuse(
          400,
          'request-invalid',
          'id says which calendar, unreadable whether it can be read: true or false',
        );
      if (!known) throw refuse(404, 'not-found', 'No such calendar');
      await c.calendars.change(id, { unreadable });
      return { id, unreadable };
    }),
    route<Handler>('GET', '/sandbox/misbehave', () => switchesOf(c)),
    route<Handler>('POST', '/sandbox/misbehave', (asked) => {
      const { standIn, ...order } = bodyOf(asked);
      const switches = standInOf(c, standIn);
      try {
        switches.add(order);
      } catch (error) {
        if (error instanceof RangeError) throw refuse(400, 'invalid-misbehaviour', error.message);
        throw error;
      }
      return { status: 201, body: switchesOf(c) };
    }),
    route<Handler>('DELETE', '/sandbox/misbehave/{standIn}', (_, { standIn }) => {
      standInOf(c, standIn).clear();
      return switchesOf(c);
    }),
    route<Handler>('DELETE', '/sandbox/misbehave/{standIn}/{kind}', (_, { standIn, kind }) => {
      standInOf(c, standIn).clear(kind);
      return switchesOf(c);
    }),
  ];
}

async function recordsOf(c: Controlled, vendor: string): Promise<VendorRecord[]> {
  if (vendor === 'hubspot') {
    const { contacts, meetings, notes, calls } = await c.hubspot.state(null);
    return [...contacts, ...meetings, ...notes, ...calls].map((r) => ({
      ...{
        account: r.portalId,
        object: r.type,
        id: r.id,
        state: r.archived ? 'deleted' : 'live',
        fields: r.properties,
      },
      ...{ createdBy: r.createdBy, createdAt: r.createdAt, changedAt: r.updatedAt },
    }));
  }
  if (vendor === 'salesforce') {
    const { leads, contacts, accounts, events, individuals } = await c.salesforce.state(null);
    return [...leads, ...contacts, ...accounts, ...events, ...individuals].map((r) => ({
      ...{ account: r.org, object: r.type, id: r.id, state: r.deleted ? 'deleted' : 'live', fields: r.fields },
      ...{ createdBy: r.createdBy, createdAt: r.createdAt, changedAt: r.modifiedAt },
    }));
  }
  throw refuse(404, 'not-found', 'The sandbox plays hubspot and salesforce');
}

/** What each stand-in can be told to do wrong, and what it has been told. */
export function switchesOf(c: Controlled) {
  const of = (name: keyof Controlled['misbehaviours']) => ({
    standIn: name,
    kinds: c.misbehaviours[name].kinds,
    on: c.misbehaviours[name].pending(),
  });
  return { items: (['hubspot', 'salesforce', 'google', 'mail'] as const).map(of) };
}

function standInOf(c: Controlled, name: unknown) {
  if (typeof name !== 'string' || !Object.hasOwn(c.misbehaviours, name))
    throw refuse(404, 'not-found', `standIn is one of ${Object.keys(c.misbehaviours).join(', ')}`);
  return c.misbehaviours[name as keyof Controlled['misbehaviours']];
}
