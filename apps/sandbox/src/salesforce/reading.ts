import { type ItemError, Malformed, restError } from './errors.js';
import { type Field, hasObject, type SObjectName } from './fields.js';
import { readId } from './ids.js';
import type { Org, SRecord } from './org.js';
import { type Condition, type Literal, parseSoql } from './soql.js';

export const VERSION = '67.0';
const LONGEST_URI = 16_384;
const PAGE = 2_000;
const DAY_MS = 86_400_000;

/** @throws Refusal 404 for an object the org does not have */
export function objectOf(org: Org, name: string | undefined): SObjectName {
  if (name && hasObject(name, org.settings)) return name;
  throw restError(404, 'NOT_FOUND', 'The requested resource does not exist');
}

/** A field's present value. `Name`, the system fields and flags that were never written are computed. */
export function valueOf(record: SRecord, field: Field): unknown {
  const first = record.fields['FirstName'];
  switch (field.name) {
    case 'Id':
      return record.id;
    case 'IsDeleted':
      return record.deletedAt !== undefined;
    case 'CreatedDate':
      return moment(record.createdAt);
    case 'LastModifiedDate':
    case 'SystemModstamp':
      return moment(record.modifiedAt);
    case 'CreatedById':
      return record.createdBy;
    case 'LastModifiedById':
      return record.modifiedBy;
    case 'MasterRecordId':
      return record.masterId ?? null;
    case 'Name':
      if (record.type !== 'Account') return [first, record.fields['LastName']].filter(Boolean).join(' ');
  }
  return record.fields[field.name] ?? field.default ?? null;
}

/** The vendor's spelling of a moment: UTC, with an offset that is no Z. */
export const moment = (iso: string): string => new Date(iso).toISOString().replace('Z', '+0000');

const urlOf = (record: SRecord): string => `/services/data/v${VERSION}/sobjects/${record.type}/${record.id}`;

export function shown(org: Org, record: SRecord, names?: readonly string[]): Record<string, unknown> {
  const fields = org.fields(record.type);
  const wanted = names ?? [...fields.keys()];
  return {
    attributes: { type: record.type, url: urlOf(record) },
    ...Object.fromEntries(wanted.map((n) => [n, valueOf(record, fields.get(n)!)])),
  };
}

/** @param all the recycle bin too (queryAll) */
export function runQuery(org: Org, soql: string | null, uriLength: number, all: boolean): object {
  if (uriLength > LONGEST_URI) throw new Malformed(414, 'URI_TOO_LONG', 'URI too long');
  if (!soql) throw new Malformed(400, 'MALFORMED_QUERY', 'q is missing');
  const query = parseSoql(soql);
  if (query.object === 'UserPermissionAccess') return permissions(org, query.fields);
  if (!hasObject(query.object, org.settings))
    throw restError(400, 'INVALID_TYPE', `sObject type '${query.object}' is not supported`);
  const fields = org.fields(query.object);
  const field = (name: string): Field => {
    const found = fields.get(name);
    if (!found)
      throw restError(400, 'INVALID_FIELD', `No such column '${name}' on entity '${query.object}'`, { fields: [name] });
    return found;
  };
  query.fields.forEach(field);
  const conditions = query.where.map((c) => ({ ...c, field: field(c.field), among: textsOf(c) }));
  for (const c of conditions) requireFitting(c);
  const sort = query.orderBy && { ...query.orderBy, field: field(query.orderBy.field) };
  const found = [...org.all(query.object)].filter(
    (r) => (all || !r.deletedAt) && conditions.every((c) => fits(valueOf(r, c.field), c)),
  );
  found.sort((a, b) => {
    const by = sort ? compare(valueOf(a, sort.field), valueOf(b, sort.field)) * (sort.descending ? -1 : 1) : 0;
    return by || a.id.localeCompare(b.id);
  });
  const records = found.slice(0, Math.min(query.limit ?? PAGE, PAGE)).map((r) => shown(org, r, query.fields));
  return { totalSize: records.length, done: true, records };
}

/** What our user may do beyond records: only what clients of this stand-in ask for. */
function permissions(org: Org, fields: readonly string[]): object {
  const known: Record<string, boolean> = { PermissionsBulkApiHardDelete: org.settings.hardDelete };
  for (const f of fields)
    if (!(f in known)) throw restError(400, 'INVALID_FIELD', `No such column '${f}' on entity 'UserPermissionAccess'`);
  const row = { attributes: { type: 'UserPermissionAccess' }, ...Object.fromEntries(fields.map((f) => [f, known[f]])) };
  return { totalSize: 1, done: true, records: [row] };
}

function requireFitting(c: Omit<Condition, 'field'> & { field: Field }): void {
  for (const value of c.values) {
    const type = value === null ? 'null' : value instanceof Date ? 'datetime' : typeof value;
    const wanted =
      c.field.type === 'boolean' || c.field.type === 'datetime'
        ? c.field.type
        : c.field.type === 'int'
          ? 'number'
          : 'string';
    if (type !== 'null' && type !== wanted)
      throw new Malformed(400, 'INVALID_QUERY_FILTER_OPERATOR', 'literal does not fit the field');
    if ((c.field.type === 'reference' || c.field.type === 'id') && value !== null && !readId(value))
      throw new Malformed(400, 'INVALID_QUERY_FILTER_OPERATOR', 'invalid id');
    if (c.field.type === 'textarea') throw new Malformed(400, 'INVALID_FIELD', 'field can not be filtered');
  }
}

const compare = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);

/** The texts of a list, for looking a value up instead of comparing it with each. */
const textsOf = (c: Condition): ReadonlySet<string> | undefined =>
  c.operator === 'IN' && c.values.every((v) => typeof v === 'string')
    ? new Set(c.values.map((v) => (readId(v) ?? (v as string)).toLowerCase()))
    : undefined;

function fits(
  value: unknown,
  c: Omit<Condition, 'field'> & { field: Field; among: ReadonlySet<string> | undefined },
): boolean {
  if (c.among) return typeof value === 'string' && c.among.has(value.toLowerCase());
  const same = (literal: Literal): boolean => {
    if (literal === null || value === null) return literal === value;
    if (literal instanceof Date) return Date.parse(String(value)) === literal.getTime();
    if (c.field.type === 'id' || c.field.type === 'reference') return value === readId(literal);
    return typeof value === 'string' && typeof literal === 'string'
      ? value.toLowerCase() === literal.toLowerCase()
      : value === literal;
  };
  const [first = null] = c.values;
  if (c.operator === '=' || c.operator === 'IN') return c.values.some(same);
  if (c.operator === '!=') return !same(first);
  if (value === null || first === null) return false;
  const order = first instanceof Date ? Date.parse(String(value)) - first.getTime() : compare(value, first);
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[c.operator];
}

export function describe(org: Org, type: SObjectName): object {
  const fields = [...org.fields(type).values()].map((f) => ({
    ...{ name: f.name, type: f.type, length: f.length ?? 0, custom: f.custom ?? false },
    nillable: !f.required && f.type !== 'boolean',
    ...{ createable: !f.readOnly, updateable: !f.readOnly },
    ...{ externalId: f.externalId ?? false, unique: f.unique ?? false, idLookup: f.externalId ?? f.name === 'Id' },
    restrictedPicklist: f.restricted !== undefined,
    picklistValues: (f.restricted ?? []).map((value) => ({ active: true, value, label: value })),
  }));
  return { name: type, custom: false, createable: true, updateable: true, deletable: true, queryable: true, fields };
}

/** getUpdated and getDeleted: a window that lies within the last 30 days. */
export function replicated(org: Org, type: SObjectName, kind: string, query: URLSearchParams, now: number): object {
  const [start, end] = ['start', 'end'].map((name) => {
    const text = query.get(name) ?? '';
    const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at)) throw new Malformed(400, 'INVALID_REPLICATION_DATE', `${name} is no moment`);
    return at;
  }) as [number, number];
  if (end - start < 60_000) throw restError(400, 'INVALID_REPLICATION_DATE', 'startDate before endDate by a minute');
  if (start < now - 30 * DAY_MS)
    throw restError(400, 'INVALID_REPLICATION_DATE', 'startDate cannot be more than 30 days ago');
  const within = (iso: string) => Date.parse(iso) >= start && Date.parse(iso) < end;
  const latestDateCovered = moment(new Date(Math.min(end, now)).toISOString());
  if (kind === 'updated') {
    const ids = [...org.all(type)].filter((r) => !r.deletedAt && within(r.modifiedAt)).map((r) => r.id);
    return { ids, latestDateCovered };
  }
  const deletedRecords = org
    .deletions(type)
    .filter((d) => within(d.deletedDate))
    .map((d) => ({ id: d.id, deletedDate: moment(d.deletedDate) }));
  return {
    deletedRecords,
    earliestDateAvailable: moment(new Date(now - 30 * DAY_MS).toISOString()),
    latestDateCovered,
  };
}

export const failed = (error: ItemError): object => ({ success: false, errors: [error] });
