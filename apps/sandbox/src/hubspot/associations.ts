import type { Reply } from '../web.js';
import { batchReply, mustLookUp, typeOf, type Call } from './call.js';
import type { CrmRecord, Portal } from './portal.js';
import { associationTypeId, OBJECT_TYPES, type ObjectType } from './property-names.js';
import { itemError, vendorError, type ItemError } from './vendor-error.js';

/** A link given while a record is created. */
export interface GivenLink {
  to: { id: string };
  types: { associationCategory: string; associationTypeId: number }[];
}

/** Stores a new record with the links it came with.
 * @returns every record that changed
 * @throws Refusal 400 when a link names another type or nobody */
export function linkAll(portal: Portal, record: CrmRecord, given: readonly GivenLink[]): CrmRecord[] {
  const targets = given.flatMap((g) =>
    g.types.map((t) => [target(record.type, t.associationTypeId), g.to.id] as const),
  );
  for (const [type, id] of targets) {
    if (type && portal.live(type, id)) continue;
    throw vendorError(400, 'VALIDATION_ERROR', 'One or more associations are not valid', { context: { ids: [id] } });
  }
  portal.put(record);
  return [record, ...targets.flatMap(([type, id]) => link(portal, record.type, record.id, type as ObjectType, id))];
}

function target(from: ObjectType, typeId: number): ObjectType | undefined {
  return OBJECT_TYPES.find((to) => associationTypeId(from, to) === typeId);
}

function link(portal: Portal, fromType: ObjectType, from: string, toType: ObjectType, to: string): CrmRecord[] {
  return [add(portal, fromType, from, toType, to), add(portal, toType, to, fromType, from)];
}

function add(portal: Portal, type: ObjectType, id: string, otherType: ObjectType, other: string): CrmRecord {
  const record = portal.find(type, id) as CrmRecord;
  const links = { ...record.links, [otherType]: [...new Set([...(record.links[otherType] ?? []), other])] };
  const after = { ...record, links };
  portal.put(after);
  return after;
}

function removeLink(portal: Portal, type: ObjectType, id: string, otherType: ObjectType, other: string): CrmRecord[] {
  const record = portal.find(type, id);
  if (!record?.links[otherType]?.includes(other)) return [];
  const after = {
    ...record,
    links: { ...record.links, [otherType]: record.links[otherType].filter((x) => x !== other) },
  };
  portal.put(after);
  return [after];
}

/** Takes the record out of its neighbours' links. @returns the neighbours, changed */
export function unlinkAll(portal: Portal, record: CrmRecord): CrmRecord[] {
  return OBJECT_TYPES.flatMap((type) =>
    (record.links[type] ?? []).flatMap((other) => removeLink(portal, type, other, record.type, record.id)),
  );
}

/** The links of a record, by the types that were asked for. */
export function linksShown(record: CrmRecord, wanted: readonly string[]) {
  const shown = wanted.flatMap((name) => {
    const type = typeOf(name);
    const ids = record.links[type] ?? [];
    const label = `${record.type.slice(0, -1)}_to_${type.slice(0, -1)}`;
    return ids.length === 0 ? [] : [[type, { results: ids.map((id) => ({ id, type: label })) }] as const];
  });
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}

function pairOf(call: Call): { from: ObjectType; to: ObjectType; typeId: number } {
  const from = typeOf(call.params['fromObjectType']);
  const to = typeOf(call.params['toObjectType']);
  const typeId = associationTypeId(from, to);
  if (!typeId) throw vendorError(400, 'VALIDATION_ERROR', `No default association from ${from} to ${to}`);
  return { from, to, typeId };
}

const shownPair = (from: string, to: string, typeId: number) => ({
  from: { id: from },
  to: { id: to },
  associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId },
});

export async function linkDefault(call: Call): Promise<Reply> {
  const { from, to, typeId } = pairOf(call);
  const a = mustLookUp(call, from, call.params['fromObjectId'] as string);
  const b = mustLookUp(call, to, call.params['toObjectId'] as string);
  await call.portal.saved(link(call.portal, from, a.id, to, b.id));
  return batchReply(call.at, [shownPair(a.id, b.id, typeId)], []);
}

export async function linkDefaultBatch(call: Call): Promise<Reply> {
  const { from, to, typeId } = pairOf(call);
  const { inputs } = call.body as { inputs: { from: { id: string }; to: { id: string } }[] };
  const results: unknown[] = [];
  const errors: ItemError[] = [];
  const changed: CrmRecord[] = [];
  for (const input of inputs) {
    const a = call.portal.live(from, input.from.id);
    const b = call.portal.live(to, input.to.id);
    if (!a || !b) {
      const ids = [input.from.id, input.to.id];
      errors.push(itemError('OBJECT_NOT_FOUND', 'Could not find some of the objects', { ids }));
      continue;
    }
    changed.push(...link(call.portal, from, a.id, to, b.id));
    results.push(shownPair(a.id, b.id, typeId), shownPair(b.id, a.id, associationTypeId(to, from) ?? typeId));
  }
  await call.portal.saved(changed);
  return batchReply(call.at, results, errors);
}

export async function readLinks(call: Call): Promise<Reply> {
  const { from, to, typeId } = pairOf(call);
  const { inputs } = call.body as { inputs: { id: string }[] };
  const results: unknown[] = [];
  const errors: ItemError[] = [];
  for (const { id } of inputs) {
    const ids = call.portal.live(from, id)?.links[to] ?? [];
    const associationTypes = [{ category: 'HUBSPOT_DEFINED', typeId, label: null }];
    if (ids.length > 0) {
      results.push({ from: { id }, to: ids.map((toObjectId) => ({ toObjectId, associationTypes })) });
    } else {
      const context = { fromObjectId: [id] };
      errors.push(itemError('OBJECT_NOT_FOUND', `No ${to} is associated with ${from} ${id}.`, context));
    }
  }
  return batchReply(call.at, results, errors);
}

export async function unlinkOne(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const toType = typeOf(call.params['toObjectType']);
  const [id, to] = [call.params['objectId'] as string, call.params['toObjectId'] as string];
  await call.portal.saved([
    ...removeLink(call.portal, type, id, toType, to),
    ...removeLink(call.portal, toType, to, type, id),
  ]);
  return { status: 204 };
}

export async function unlinkBatch(call: Call): Promise<Reply> {
  const { from, to } = pairOf(call);
  const { inputs } = call.body as { inputs: { from: { id: string }; to: { id: string }[] }[] };
  const changed = inputs.flatMap((input) =>
    input.to.flatMap(({ id }) => [
      ...removeLink(call.portal, from, input.from.id, to, id),
      ...removeLink(call.portal, to, id, from, input.from.id),
    ]),
  );
  await call.portal.saved(changed);
  return { status: 204 };
}
