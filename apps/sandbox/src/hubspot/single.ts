import type { Reply } from '../web.js';
import { linkAll, linksShown, type GivenLink } from './associations.js';
import { definitionsOf, listed, lookUp, mustLookUp, shown, typeOf, type Call } from './call.js';
import type { CrmRecord } from './portal.js';
import { archived } from './removal.js';
import { blank, conflict, valueProblems, written } from './values.js';
import { notFound, vendorError, type ItemError } from './vendor-error.js';

/** GET one: live, or with `archived=true` only among the archived. */
export async function readOne(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const id = call.params['objectId'] as string;
  const among = call.query.get('archived') === 'true';
  const record = among ? archivedRecord(call, id) : lookUp(call, type, id, call.query.get('idProperty'));
  if (!record) throw notFound(`${type} record`);
  const associations = linksShown(record, listed(call.query, 'associations'));
  const body = shown(record, listed(call.query, 'properties'), listed(call.query, 'propertiesWithHistory'));
  return { status: 200, body: { ...body, ...(associations ? { associations } : {}) } };
}

function archivedRecord(call: Call, id: string): CrmRecord | undefined {
  const type = typeOf(call.params['objectType']);
  const by = call.query.get('idProperty');
  if (!by) {
    const record = call.portal.find(type, id);
    return record?.archivedAt ? record : undefined;
  }
  const wanted = by === 'email' ? id.trim().toLowerCase() : id;
  return [...call.portal.all(type)].find((r) => r.archivedAt !== undefined && r.properties[by] === wanted);
}

/** GET all, by pages of at most 100, in the order of their ids. */
export async function readPage(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const limit = Math.min(Number(call.query.get('limit') ?? 10), 100);
  const after = Number(call.query.get('after') ?? 0);
  const among = call.query.get('archived') === 'true';
  const records = [...call.portal.all(type)]
    .filter((r) => !r.mergedInto && (r.archivedAt !== undefined) === among && Number(r.id) > after)
    .sort((a, b) => Number(a.id) - Number(b.id));
  const page = records.slice(0, limit);
  const wanted = listed(call.query, 'properties');
  const results = page.map((r) => shown(r, wanted, listed(call.query, 'propertiesWithHistory')));
  const next = records.length > limit ? { paging: { next: { after: page.at(-1)?.id ?? '' } } } : {};
  return { status: 200, body: { results, ...next } };
}

export async function createOne(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { properties, associations } = call.body as { properties: Record<string, string>; associations: GivenLink[] };
  refuseValues(call, type, properties, true);
  refuseConflict(conflict(call.portal, type, properties, undefined));
  const record = written(
    definitionsOf(call.portal, type),
    blank(type, call.portal.newId(type), call.author, call.at),
    properties,
    call.author,
    call.at,
  );
  const touched = linkAll(call.portal, record, associations);
  noteBypass(call, properties);
  await call.portal.saved(touched);
  return { status: 201, body: shown(record, null) };
}

export async function updateOne(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { properties } = call.body as { properties: Record<string, string> };
  const given = call.params['objectId'] as string;
  const record = mustLookUp(call, type, given, call.query.get('idProperty'));
  refuseValues(call, type, properties, false);
  refuseConflict(conflict(call.portal, type, properties, record.id));
  const after = written(definitionsOf(call.portal, type), record, properties, call.author, call.at);
  call.portal.put(after);
  await call.portal.saved([after]);
  return { status: 200, body: shown(after, null) };
}

export async function archiveOne(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const record = mustLookUp(call, type, call.params['objectId'] as string);
  if (call.lies()) return { status: 204 };
  const after = archived(record, call.at);
  call.portal.put(after);
  await call.portal.saved([after]);
  return { status: 204 };
}

/** @throws Refusal 400 VALIDATION_ERROR with all problems */
function refuseValues(call: Call, type: CrmRecord['type'], values: Record<string, string>, creating: boolean): void {
  const problems = valueProblems(definitionsOf(call.portal, type), type, values, creating);
  if (problems.length === 0) return;
  throw vendorError(400, 'VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(problems)}`, {
    errors: problems.map((p) => ({ message: p.message, code: p.error, context: { propertyName: [p.name] } })),
  });
}

function refuseConflict(found: ItemError | undefined): void {
  if (!found) return;
  throw vendorError(found.category === 'CONFLICT' ? 409 : 400, found.category, found.message, {
    context: found.context,
  });
}

/** The vendor's blocklist does not stop creation by API: that would be our mistake, so it is counted. */
export function noteBypass(call: Call, properties: Record<string, string>): void {
  const email = properties['email']?.trim().toLowerCase();
  if (email && call.portal.blocked(call.mark(email))) call.portal.countBypass();
}
