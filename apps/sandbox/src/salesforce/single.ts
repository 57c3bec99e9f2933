import type { Reply } from '../web.js';
import type { SalesforceCall } from './call.js';
import { type ItemError, Malformed, restError } from './errors.js';
import { PREFIXES, SOBJECTS, type SObjectName } from './fields.js';
import { readId } from './ids.js';
import type { SRecord } from './org.js';
import { describe, objectOf, replicated, runQuery, shown, VERSION } from './reading.js';
import { remove } from './removal.js';
import { readFields, write, type Written } from './writing.js';

const notFound = () => restError(404, 'NOT_FOUND', 'The requested resource does not exist');

export const versions: (call: SalesforceCall) => Promise<Reply> = async () => ({
  status: 200,
  body: ['66.0', VERSION].map((version) => ({ label: `v${version}`, url: `/services/data/v${version}`, version })),
});

export const limits: (call: SalesforceCall) => Promise<Reply> = async ({ org }) => {
  const Max = org.settings.dailyLimit;
  return { status: 200, body: { DailyApiRequests: { Max, Remaining: Math.max(0, Max - org.used) } } };
};

export const query = async (call: SalesforceCall): Promise<Reply> => ({
  status: 200,
  body: runQuery(call.org, call.query.get('q'), call.uriLength, false),
});

export const queryAll = async (call: SalesforceCall): Promise<Reply> => ({
  status: 200,
  body: runQuery(call.org, call.query.get('q'), call.uriLength, true),
});

export const describeObjects = async ({ org }: SalesforceCall): Promise<Reply> => ({
  status: 200,
  body: {
    sobjects: SOBJECTS.filter((s) => s !== 'Individual' || org.settings.privacy).map((name) => ({
      name,
      keyPrefix: PREFIXES[name],
    })),
  },
});

export const describeObject = async (call: SalesforceCall): Promise<Reply> => ({
  status: 200,
  body: describe(call.org, objectOf(call.org, call.params['sobject'])),
});

export const changed = async (call: SalesforceCall): Promise<Reply> => ({
  status: 200,
  body: replicated(
    call.org,
    objectOf(call.org, call.params['sobject']),
    call.params['kind'] ?? '',
    call.query,
    call.orgs.now(),
  ),
});

function bodyFields(call: SalesforceCall, type: SObjectName): Record<string, unknown> {
  if (typeof call.body !== 'object' || call.body === null || Array.isArray(call.body))
    throw new Malformed(400, 'JSON_PARSER_ERROR', 'an object was expected');
  return readFields(call.org, type, call.body as Record<string, unknown>);
}

async function stored(call: SalesforceCall, written: Written, good: number): Promise<Reply> {
  if (!written.ok) throw ofItem(written.error);
  await call.org.saved([written.record]);
  return good === 204
    ? { status: 204 }
    : { status: good, body: { id: written.record.id, success: true, errors: [], created: written.created } };
}

const ofItem = ({ statusCode, message, fields, duplicateResult }: ItemError) =>
  restError(400, statusCode, message, { fields, ...(duplicateResult ? { duplicateResult } : {}) });

export async function createOne(call: SalesforceCall): Promise<Reply> {
  const type = objectOf(call.org, call.params['sobject']);
  return stored(call, write(call.org, type, undefined, bodyFields(call, type), call.writer), 201);
}

function present(call: SalesforceCall): SRecord {
  const type = objectOf(call.org, call.params['sobject']);
  const id = readId(call.params['id']);
  const record = id ? call.org.find(type, id) : undefined;
  if (!record) throw notFound();
  if (record.deletedAt) throw restError(404, 'ENTITY_IS_DELETED', 'entity is deleted');
  return record;
}

export async function readOne(call: SalesforceCall): Promise<Reply> {
  const record = present(call);
  const names = call.query.get('fields')?.split(',');
  for (const n of names ?? [])
    if (!call.org.fields(record.type).has(n)) throw restError(400, 'INVALID_FIELD', `No such column '${n}'`);
  return { status: 200, body: shown(call.org, record, names) };
}

export async function updateOne(call: SalesforceCall): Promise<Reply> {
  const record = present(call);
  return stored(call, write(call.org, record.type, record, bodyFields(call, record.type), call.writer), 204);
}

export async function removeOne(call: SalesforceCall): Promise<Reply> {
  const record = present(call);
  if (!call.lies()) {
    const { changed: gone } = remove(call.org, record.id, call.writer.by, call.writer.at);
    await call.org.saved(gone);
  }
  return { status: 204 };
}

/** By external id. */
export async function upsertOne(call: SalesforceCall): Promise<Reply> {
  const type = objectOf(call.org, call.params['sobject']);
  const { field: name = '', value = '' } = call.params;
  if (!call.org.fields(type).get(name)?.externalId) throw notFound();
  const before = call.org.byUnique(type, name, value);
  const fields = { ...bodyFields(call, type), [name]: value };
  return stored(call, write(call.org, type, before, fields, call.writer), before ? 200 : 201);
}

export async function readByKey(call: SalesforceCall): Promise<Reply> {
  const type = objectOf(call.org, call.params['sobject']);
  const { field: name = '', value = '' } = call.params;
  if (!call.org.fields(type).get(name)?.externalId) throw notFound();
  const record = call.org.byUnique(type, name, value);
  if (!record) throw notFound();
  return { status: 200, body: shown(call.org, record) };
}
