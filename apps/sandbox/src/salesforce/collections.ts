import type { Reply } from '../web.js';
import type { SalesforceCall } from './call.js';
import { itemError, type ItemError, Malformed, restError } from './errors.js';
import { failed, objectOf, shown } from './reading.js';
import { readId } from './ids.js';
import type { SRecord } from './org.js';
import { remove } from './removal.js';
import { readFields, write, type Written } from './writing.js';
import { sobjectOf } from './fields.js';

const MOST = 200;

interface Collection {
  allOrNone: boolean;
  records: { type: string; body: Record<string, unknown> }[];
}

/** @throws Malformed for anything but `{allOrNone?, records: [{attributes: {type}, …}]}` with at most 200 */
function readCollection(call: SalesforceCall): Collection {
  const body = call.body as { allOrNone?: unknown; records?: unknown } | undefined;
  const extra = Object.keys(body ?? {}).find((k) => k !== 'allOrNone' && k !== 'records');
  if (!body || extra) throw new Malformed(400, 'JSON_PARSER_ERROR', `unrecognized field ${extra ?? ''}`);
  const { allOrNone = false, records } = body;
  if (typeof allOrNone !== 'boolean') throw new Malformed(400, 'JSON_PARSER_ERROR', 'allOrNone must be a boolean');
  if (!Array.isArray(records) || records.length === 0) throw new Malformed(400, 'JSON_PARSER_ERROR', 'records missing');
  requireFew(call, records.length);
  return {
    allOrNone,
    records: (records as Record<string, unknown>[]).map((record) => {
      const type = (record['attributes'] as { type?: unknown } | undefined)?.type;
      if (typeof type !== 'string') throw new Malformed(400, 'INVALID_INPUT', 'attributes.type is missing');
      return { type, body: record };
    }),
  };
}

function requireFew(call: SalesforceCall, n: number): void {
  if (n <= MOST) return;
  call.org.counts.over200 += 1;
  throw new Malformed(400, 'EXCEEDED_ID_LIMIT', 'record limit reached. cannot submit more than 200 records');
}

/** `PATCH /composite/sobjects/{SObject}/{ExtIdField}`: answers in the order of the request, HTTP 200 whatever became of each. */
export async function upsertCollection(call: SalesforceCall): Promise<Reply> {
  const type = objectOf(call.org, call.params['sobject']);
  const name = call.params['field'] ?? '';
  const { allOrNone, records } = readCollection(call);
  const field = call.org.fields(type).get(name);
  if (!field?.externalId)
    throw restError(400, 'INVALID_FIELD', `Provided external ID field does not exist or is not accessible: ${name}`);
  if (records.some((r) => r.type !== type)) throw new Malformed(400, 'INVALID_INPUT', 'records of another type');
  const keys = records.map((r) => String(r.body[name] ?? ''));
  const steps = records.map(({ body }, i) => (): Written => {
    const key = keys[i]!;
    if (!key) return { ok: false, error: itemError('MISSING_ARGUMENT', `${name} not specified`, [name]) };
    if (keys.filter((k) => k.toLowerCase() === key.toLowerCase()).length > 1)
      return { ok: false, error: itemError('DUPLICATE_EXTERNAL_ID', 'Duplicate external id specified', [name]) };
    const fields = readFields(call.org, type, body);
    return write(call.org, type, call.org.byUnique(type, name, key), fields, call.writer);
  });
  return run(call, steps, allOrNone, true);
}

/** `PATCH /composite/sobjects`: update by `id`. */
export async function updateCollection(call: SalesforceCall): Promise<Reply> {
  const { allOrNone, records } = readCollection(call);
  const steps = records.map(({ type: name, body }) => (): Written => {
    const type = objectOf(call.org, name);
    const { id: lower, Id: upper, ...rest } = body;
    const id = readId(lower ?? upper);
    if (!id || sobjectOf(id) !== type) return { ok: false, error: itemError('MALFORMED_ID', 'malformed id', ['Id']) };
    const before = call.org.find(type, id);
    const fields = readFields(call.org, type, rest);
    if (!before) return { ok: false, error: itemError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id') };
    return write(call.org, type, before, fields, call.writer);
  });
  return run(call, steps, allOrNone, false);
}

async function run(
  call: SalesforceCall,
  steps: readonly (() => Written)[],
  allOrNone: boolean,
  upsert: boolean,
): Promise<Reply> {
  const results: Written[] = [];
  try {
    for (const step of steps)
      results.push(
        call.locked()
          ? { ok: false, error: itemError('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access') }
          : step(),
      );
  } catch (error) {
    undo(call, results); // a column nobody knows has the whole request refused
    throw error;
  }
  if (allOrNone && results.some((r) => !r.ok)) {
    undo(call, results);
    const rolledBack = itemError('ALL_OR_NONE_OPERATION_ROLLED_BACK', 'Record rolled back');
    return { status: 200, body: results.map((r) => failed(r.ok ? rolledBack : r.error)) };
  }
  await call.org.saved(results.flatMap((r) => (r.ok ? [r.record] : [])));
  const body = results.map((r) =>
    r.ok ? { id: r.record.id, success: true, errors: [], ...(upsert ? { created: r.created } : {}) } : failed(r.error),
  );
  return { status: 200, body };
}

function undo(call: SalesforceCall, results: readonly Written[]): void {
  for (const r of results.toReversed()) {
    if (!r.ok) continue;
    if (r.before) call.org.put(r.before);
    else call.org.drop(r.record);
  }
}

/** `DELETE /composite/sobjects?ids=a,b&allOrNone=false`: into the recycle bin. */
export async function deleteCollection(call: SalesforceCall): Promise<Reply> {
  const ids = (call.query.get('ids') ?? '').split(',').filter(Boolean);
  if (ids.length === 0) throw new Malformed(400, 'MISSING_ARGUMENT', 'ids is missing');
  requireFew(call, ids.length);
  const changed: SRecord[] = [];
  const body = ids.map((id) => {
    const lie = call.lies();
    const done = lie ? { changed: [] } : remove(call.org, id, call.writer.by, call.writer.at);
    changed.push(...done.changed);
    const error = (done as { error?: ItemError }).error;
    return error ? { id, ...failed(error) } : { id, success: true, errors: [] };
  });
  await call.org.saved(changed);
  return { status: 200, body };
}

/** `GET /composite/sobjects/{SObject}?ids=&fields=`: null where there is none. */
export async function readCollectionOf(call: SalesforceCall): Promise<Reply> {
  const type = objectOf(call.org, call.params['sobject']);
  const ids = (call.query.get('ids') ?? '').split(',').filter(Boolean);
  requireFew(call, ids.length);
  const names = (call.query.get('fields') ?? '').split(',').filter(Boolean);
  for (const n of names)
    if (!call.org.fields(type).has(n)) throw restError(400, 'INVALID_FIELD', `No such column '${n}'`, { fields: [n] });
  const records = ids.map((id) => {
    const full = readId(id);
    const record = full && call.org.live(type, full);
    return record ? shown(call.org, record, names) : null;
  });
  return { status: 200, body: records };
}
