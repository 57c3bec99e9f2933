import { type DuplicateHeader, duplicateError } from './duplicates.js';
import { itemError, type ItemError, Malformed, restError } from './errors.js';
import type { Field, SObjectName } from './fields.js';
import { sobjectOf } from './fields.js';
import { readId } from './ids.js';
import type { Org, SRecord } from './org.js';

/** Who writes, when (test clock), and how duplicates are to be treated. */
export interface Writer {
  by: string;
  at: string;
  duplicates: DuplicateHeader;
}

export type Written =
  { ok: true; record: SRecord; created: boolean; before?: SRecord } | { ok: false; error: ItemError };

const EMAIL = /^[^\s@"(),:;<>[\]\\]+@[^\s@]+\.[^\s@.]{2,}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

const bad = (statusCode: string, message: string, fields: string[] = []): { ok: false; error: ItemError } => ({
  ok: false,
  error: itemError(statusCode, message, fields),
});

/** Fields of a record in a body. Unknown columns and values of a wrong type have the vendor refuse the whole request.
 * @throws Refusal 400 INVALID_FIELD; Malformed JSON_PARSER_ERROR */
export function readFields(org: Org, type: SObjectName, body: Record<string, unknown>): Record<string, unknown> {
  const known = org.fields(type);
  const fields: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(body)) {
    if (name === 'attributes') continue;
    const field = known.get(name);
    if (!field)
      throw restError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${type}`, { fields: [name] });
    fields[name] = readValue(field, given);
  }
  return fields;
}

function readValue(field: Field, given: unknown): unknown {
  if (given === null) return null;
  const wrong = () => new Malformed(400, 'JSON_PARSER_ERROR', `${field.name}: value of a wrong type`);
  switch (field.type) {
    case 'boolean':
      if (typeof given !== 'boolean') throw wrong();
      return given;
    case 'int':
      if (!Number.isInteger(given)) throw wrong();
      return given;
    case 'datetime':
      if (typeof given !== 'string' || !MOMENT.test(given) || Number.isNaN(Date.parse(given))) throw wrong();
      return new Date(given).toISOString().replace('Z', '+0000');
    default:
      if (typeof given !== 'string') throw wrong();
      return given.trim() === '' ? null : given;
  }
}

/** Stores one record, new or present, if the org's rules let it.
 * @param before the record that is changed; undefined = a new one */
export function write(
  org: Org,
  type: SObjectName,
  before: SRecord | undefined,
  fields: Record<string, unknown>,
  writer: Writer,
): Written {
  if (before?.deletedAt) return bad('ENTITY_IS_DELETED', 'entity is deleted');
  if (before?.fields['IsConverted'] === true && !org.settings.editConverted)
    return bad('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead');
  const known = org.fields(type);
  const problem = Object.entries(fields)
    .map(([name, value]) => checked(org, known.get(name)!, value))
    .find((p) => p !== undefined);
  if (problem) return { ok: false, error: problem };
  const merged = Object.fromEntries(Object.entries({ ...before?.fields, ...fields }).filter(([, v]) => v !== null));
  const rule = ruleBroken(org, type, before, merged, writer);
  if (rule) return { ok: false, error: rule };
  const same = before && JSON.stringify(sorted(before.fields)) === JSON.stringify(sorted(merged));
  if (same) org.counts.resent += 1;
  const stamp = { modifiedBy: writer.by, modifiedAt: writer.at };
  const record: SRecord = before
    ? { ...before, fields: merged, ...stamp }
    : { id: org.newId(type), type, fields: merged, createdBy: writer.by, createdAt: writer.at, ...stamp };
  org.put(record);
  return { ok: true, record, created: !before, ...(before ? { before } : {}) };
}

const sorted = (o: Record<string, unknown>) => Object.entries(o).toSorted(([a], [b]) => (a < b ? -1 : 1));

function checked(org: Org, field: Field, value: unknown): ItemError | undefined {
  const { name } = field;
  if (field.readOnly)
    return itemError('INVALID_FIELD_FOR_INSERT_UPDATE', `Unable to create/update fields: ${name}`, [name]);
  if (value === null) return undefined;
  if (typeof value === 'string' && field.length !== undefined && [...value].length > field.length)
    return itemError('STRING_TOO_LONG', `${name}: data value too large: ${value} (max length=${field.length})`, [name]);
  if (field.type === 'email' && !EMAIL.test(String(value)))
    return itemError('INVALID_EMAIL_ADDRESS', `${name}: invalid email address: ${String(value)}`, [name]);
  if (field.restricted && !field.restricted.includes(String(value)))
    return itemError('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', `${name}: bad value for restricted picklist field`, [
      name,
    ]);
  if (field.type === 'reference') {
    const id = readId(value);
    if (!id) return itemError('MALFORMED_ID', `${name}: id value of incorrect type`, [name]);
    const type = sobjectOf(id);
    const target = type && org.live(type, id);
    if (name !== 'OwnerId' && !target)
      return itemError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [name]);
    if (name === 'WhoId' && target?.fields['IsConverted'] === true)
      return itemError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead', [name]);
    if (name === 'WhoId' && type !== 'Lead' && type !== 'Contact')
      return itemError('FIELD_INTEGRITY_EXCEPTION', 'WhoId: not a lead or contact', [name]);
  }
  return undefined;
}

function ruleBroken(
  org: Org,
  type: SObjectName,
  before: SRecord | undefined,
  fields: Record<string, unknown>,
  writer: Writer,
): ItemError | undefined {
  const known = [...org.fields(type).values()];
  const missing = known.filter((f) => f.required && fields[f.name] === undefined).map((f) => f.name);
  if (missing.length)
    return itemError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, missing);
  if (type === 'Event') {
    const error = timesBroken(fields);
    if (error) return error;
  }
  for (const f of known.filter((k) => k.unique)) {
    const value = fields[f.name];
    const holder = typeof value === 'string' ? org.byUnique(type, f.name, value) : undefined;
    if (holder && holder.id !== before?.id)
      return itemError(
        'DUPLICATE_VALUE',
        `duplicate value found: ${f.name} duplicates value on record with id: ${holder.id}`,
        [f.name],
      );
  }
  for (const rule of org.settings.validationRules)
    if (rule.object === type && !new RegExp(rule.pattern).test(String(fields[rule.field] ?? '')))
      return itemError('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, [rule.field]);
  return duplicateError(org, type, before?.id, fields, writer.duplicates);
}

function timesBroken(fields: Record<string, unknown>): ItemError | undefined {
  const start = fields['StartDateTime'];
  const end = fields['EndDateTime'];
  if (!start)
    return itemError('REQUIRED_FIELD_MISSING', 'Required fields are missing: [StartDateTime]', ['StartDateTime']);
  if (!end && fields['DurationInMinutes'] === undefined)
    return itemError('REQUIRED_FIELD_MISSING', 'Required fields are missing: [DurationInMinutes]', [
      'DurationInMinutes',
    ]);
  const minutes = end ? (Date.parse(String(end)) - Date.parse(String(start))) / 60_000 : 0;
  if (minutes < 0)
    return itemError('FIELD_INTEGRITY_EXCEPTION', 'EndDateTime: an event cannot end before it starts', ['EndDateTime']);
  if (minutes > 14 * 24 * 60)
    return itemError('NUMBER_OUTSIDE_VALID_RANGE', 'an event cannot last longer than 14 days', ['EndDateTime']);
  return undefined;
}
