import type { Params, Reply } from '../web.js';
import type { Author, CrmRecord, HubSpotSettings, Portal } from './portal.js';
import { DEFAULT_PROPERTIES, objectType, type ObjectType, type PropertyDefinition } from './property-names.js';
import { notFound, vendorError, type ItemError } from './vendor-error.js';

/** One request that has passed the front door: whose account, by whom, when (test clock), with what. */
export interface Call {
  portal: Portal;
  author: Author;
  at: string;
  params: Params;
  query: URLSearchParams;
  body: unknown;
  settings: HubSpotSettings;
  /** Keyed hash of an address, for the blocklist. */
  mark(address: string): string;
  /** Whether this deletion is to be answered with 204 and not done. */
  lies(): boolean;
}

export type Operation = (call: Call) => Promise<Reply>;

/** @throws Refusal 400 for a type this stand-in does not hold */
export function typeOf(name: string | undefined): ObjectType {
  const type = objectType(name ?? '');
  if (!type) throw vendorError(400, 'VALIDATION_ERROR', `Unable to infer object type from: ${name}`);
  return type;
}

export function definitionsOf(portal: Portal, type: ObjectType): ReadonlyMap<string, PropertyDefinition> {
  return new Map(portal.definitions(type).map((d) => [d.name, d]));
}

/** Finds by record id or by a unique property.
 * @throws Refusal 400 when the property is not unique */
export function lookUp(call: Call, type: ObjectType, id: string, idProperty?: string | null): CrmRecord | undefined {
  if (!idProperty) return call.portal.live(type, id);
  requireUnique(call.portal, type, idProperty);
  return call.portal.byUnique(type, idProperty, id);
}

export function requireUnique(portal: Portal, type: ObjectType, idProperty: string): void {
  if (portal.uniqueProperties(type).includes(idProperty)) return;
  throw vendorError(400, 'VALIDATION_ERROR', `idProperty must be a unique property; "${idProperty}" is not`);
}

/** @throws Refusal 404 */
export function mustLookUp(call: Call, type: ObjectType, id: string, idProperty?: string | null): CrmRecord {
  const record = lookUp(call, type, id, idProperty);
  if (!record) throw notFound(`${type} record`);
  return record;
}

/** A list given as `a,b`, as repeated parameters, or both. */
export function listed(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((v) => v.split(','))
    .filter(Boolean);
}

/** A record as the vendor shows it.
 * @param wanted property names; empty = the usual few; null = all that are set */
export function shown(record: CrmRecord, wanted: readonly string[] | null, history: readonly string[] = []) {
  const usual = DEFAULT_PROPERTIES[record.type];
  const names = wanted === null ? Object.keys(record.properties) : wanted.length === 0 ? usual : [...wanted, ...usual];
  return {
    id: record.id,
    properties: Object.fromEntries([...new Set(names)].map((n) => [n, record.properties[n] ?? null])),
    ...(history.length === 0 ? {} : { propertiesWithHistory: historyOf(record, history) }),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    archived: record.archivedAt !== undefined,
    ...(record.archivedAt ? { archivedAt: record.archivedAt } : {}),
    url: `https://app.hubspot.example/contacts/record/${record.id}`,
  };
}

/** Only the present value and its author: a stand-in that kept former values would keep what was to be erased. */
function historyOf(record: CrmRecord, names: readonly string[]) {
  const entries = names.map((name) => {
    const stamp = record.written[name];
    if (!stamp) return [name, []] as const;
    const [timestamp, author] = stamp;
    return [name, [{ value: record.properties[name] ?? '', timestamp, ...author }]] as const;
  });
  return Object.fromEntries(entries);
}

/** The answer to a batch: 207 as soon as one input failed, 200 (or `good`) otherwise. */
export function batchReply(at: string, results: unknown[], errors: ItemError[], good = 200): Reply {
  const body = { status: 'COMPLETE', results, startedAt: at, completedAt: at };
  return errors.length === 0
    ? { status: good, body }
    : { status: 207, body: { ...body, numErrors: errors.length, errors } };
}
