import { Refusal, type Reply } from '../web.js';
import { linkAll, type GivenLink } from './associations.js';
import { batchReply, definitionsOf, lookUp, requireUnique, shown, typeOf, type Call } from './call.js';
import type { CrmRecord } from './portal.js';
import type { ObjectType } from './property-names.js';
import { noteBypass } from './single.js';
import { blank, conflict, valueProblems, written } from './values.js';
import { itemError, vendorError, type ItemError } from './vendor-error.js';

interface Input {
  id: string;
  idProperty?: string;
  objectWriteTraceId?: string;
  properties: Record<string, string>;
  associations?: GivenLink[];
}

/** Reads up to 100 by id or unique property; 207 names those that are not there. */
export async function readBatch(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const body = call.body as {
    inputs: { id: string }[];
    idProperty?: string;
    properties: string[];
    propertiesWithHistory: string[];
  };
  const most = body.propertiesWithHistory.length > 0 ? 50 : 100;
  if (body.inputs.length > most) {
    throw vendorError(400, 'VALIDATION_ERROR', `The batch is over its limit of ${most} inputs`);
  }
  const find =
    call.query.get('archived') === 'true'
      ? archivedBy(call, type, body.idProperty)
      : liveBy(call, type, body.idProperty);
  const found: CrmRecord[] = [];
  const missing: string[] = [];
  for (const { id } of body.inputs) {
    const record = find(id);
    if (record) found.push(record);
    else missing.push(id);
  }
  const errors =
    missing.length === 0 ? [] : [itemError('OBJECT_NOT_FOUND', 'Could not get some of the objects', { ids: missing })];
  const results = [...new Set(found)].map((r) => shown(r, body.properties, body.propertiesWithHistory));
  return batchReply(call.at, results, errors);
}

type Find = (value: string) => CrmRecord | undefined;

/** An id that was merged away leads nowhere in a batch; asked alone it leads to the primary. */
function liveBy(call: Call, type: ObjectType, idProperty: string | undefined): Find {
  return (id) =>
    !idProperty && call.portal.find(type, id)?.mergedInto ? undefined : lookUp(call, type, id, idProperty);
}

function archivedBy(call: Call, type: ObjectType, idProperty: string | undefined): Find {
  const byId: Find = (id) => (call.portal.find(type, id)?.archivedAt ? call.portal.find(type, id) : undefined);
  if (!idProperty) return byId;
  requireUnique(call.portal, type, idProperty);
  const filed = new Map<string, CrmRecord>();
  for (const record of call.portal.all(type)) {
    const value = record.archivedAt ? record.properties[idProperty] : undefined;
    if (value) filed.set(value, record);
  }
  return (value) => filed.get(idProperty === 'email' ? value.trim().toLowerCase() : value);
}

/** Creates or updates by a unique property. What one input breaks is answered for that input alone when every input has a trace id;
 * without trace ids a wrong value refuses the whole batch. Conflicts of unique values are always answered one by one. */
export async function upsertBatch(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { inputs } = call.body as { inputs: Input[] };
  refuseTwins(call, type, inputs);
  return writeEach(call, type, inputs, (input) => {
    const before = lookUp(call, type, input.id, input.idProperty);
    if (!before && !input.idProperty) return absent(input);
    const own = input.idProperty ? { [input.idProperty]: input.id } : {};
    return { before, values: { ...input.properties, ...own } };
  });
}

export async function updateBatch(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { inputs } = call.body as { inputs: Input[] };
  refuseTwins(call, type, inputs);
  return writeEach(call, type, inputs, (input) => {
    const before = lookUp(call, type, input.id, input.idProperty);
    return before ? { before, values: input.properties } : absent(input);
  });
}

/** Without trace ids the first problem refuses the whole batch and only that one is told, as the vendor does. */
export async function createBatch(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { inputs } = call.body as { inputs: Input[] };
  if (!traced(inputs)) {
    const taken = new Map<string, Set<string>>();
    for (const input of inputs) {
      const found = conflict(call.portal, type, input.properties, undefined) ?? twinValue(call, type, input, taken);
      if (found) throw vendorError(409, 'CONFLICT', found.message, { context: found.context });
    }
  }
  return writeEach(call, type, inputs, (input) => ({ before: undefined, values: input.properties }), 201);
}

type Plan = { before: CrmRecord | undefined; values: Record<string, string> } | ItemError;

async function writeEach(
  call: Call,
  type: ObjectType,
  inputs: Input[],
  plan: (input: Input) => Plan,
  good = 200,
): Promise<Reply> {
  const definitions = definitionsOf(call.portal, type);
  const perInput = traced(inputs);
  const problems = inputs.map((input) => {
    const creating = good === 201;
    const found = valueProblems(definitions, type, input.properties, creating);
    return found.length === 0
      ? undefined
      : itemError('VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(found)}`, of(input));
  });
  const first = problems.find((p) => p);
  if (first && !perInput) throw vendorError(400, first.category, first.message, { errors: [first] });

  const results: unknown[] = [];
  const errors: ItemError[] = [];
  const changed: CrmRecord[] = [];
  for (const [i, input] of inputs.entries()) {
    const done = problems[i] ?? writeOne(call, type, input, plan(input), definitions);
    if ('category' in done) errors.push({ ...done, context: { ...done.context, ...of(input) } });
    else {
      changed.push(...done.changed);
      const trace = input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId };
      results.push({ ...shown(done.record, null), new: done.isNew, ...trace });
    }
  }
  await call.portal.saved(changed);
  return batchReply(call.at, results, errors, good);
}

function writeOne(
  call: Call,
  type: ObjectType,
  input: Input,
  planned: Plan,
  definitions: ReturnType<typeof definitionsOf>,
): ItemError | { record: CrmRecord; changed: CrmRecord[]; isNew: boolean } {
  if ('category' in planned) return planned;
  const { before, values } = planned;
  const creating = before === undefined;
  const incomplete = creating ? valueProblems(definitions, type, values, true) : [];
  if (incomplete.length > 0)
    return itemError('VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(incomplete)}`);
  const taken = conflict(call.portal, type, values, before?.id);
  if (taken) return taken;
  if (creating) noteBypass(call, values);
  const start = before ?? blank(type, call.portal.newId(type), call.author, call.at);
  const record = written(definitions, start, values, call.author, call.at);
  try {
    return { record, changed: linkAll(call.portal, record, input.associations ?? []), isNew: creating };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return itemError('VALIDATION_ERROR', 'One or more associations are not valid');
  }
}

function refuseTwins(call: Call, type: ObjectType, inputs: Input[]): void {
  const seen = new Set<string>();
  for (const { id, idProperty } of inputs) {
    if (idProperty) requireUnique(call.portal, type, idProperty);
    const key = `${idProperty ?? ''} ${idProperty === 'email' ? id.trim().toLowerCase() : id}`;
    if (seen.has(key)) throw vendorError(400, 'VALIDATION_ERROR', `Duplicate IDs found in batch input: [${id}]`);
    seen.add(key);
  }
}

function twinValue(call: Call, type: ObjectType, input: Input, taken: Map<string, Set<string>>): ItemError | undefined {
  for (const name of call.portal.uniqueProperties(type)) {
    const value = input.properties[name]?.trim().toLowerCase();
    if (!value) continue;
    const values = taken.get(name) ?? new Set();
    if (values.has(value)) return itemError('CONFLICT', `Duplicate value of ${name} in the batch`);
    taken.set(name, values.add(value));
  }
  return undefined;
}

/** Trace ids on every input, all different, ask for an answer per input. */
function traced(inputs: readonly Input[]): boolean {
  const ids = new Set(inputs.map((i) => i.objectWriteTraceId));
  return !ids.has(undefined) && ids.size === inputs.length;
}

function of(input: Input): Record<string, string[]> {
  return {
    ...(input.id === undefined ? {} : { ids: [input.id] }),
    ...(input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: [input.objectWriteTraceId] }),
  };
}

function absent(input: Input): ItemError {
  return itemError('OBJECT_NOT_FOUND', 'Could not find the object', of(input));
}
