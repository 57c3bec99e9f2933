import type { Author, CrmRecord, Portal } from './portal.js';
import type { ObjectType, PropertyDefinition } from './property-names.js';
import { itemError, type ItemError } from './vendor-error.js';

interface ValueProblem {
  name: string;
  error: string;
  message: string;
}

/** Why these values would be refused for this type; empty = fine. `''` clears a property and is always allowed. */
export function valueProblems(
  definitions: ReadonlyMap<string, PropertyDefinition>,
  type: ObjectType,
  values: Record<string, string>,
  creating: boolean,
): ValueProblem[] {
  const found: ValueProblem[] = [];
  for (const [name, value] of Object.entries(values)) {
    const problem = valueProblem(definitions.get(name), name, value);
    if (problem) found.push({ name, ...problem });
  }
  if (creating && type === 'meetings' && !values['hs_timestamp'] && !values['hs_meeting_start_time']) {
    found.push({ name: 'hs_timestamp', error: 'REQUIRED_FIELD', message: 'Property "hs_timestamp" is required' });
  }
  if (creating && (type === 'notes' || type === 'calls') && !values['hs_timestamp']) {
    found.push({ name: 'hs_timestamp', error: 'REQUIRED_FIELD', message: 'Property "hs_timestamp" is required' });
  }
  return found;
}

function valueProblem(
  d: PropertyDefinition | undefined,
  name: string,
  value: string,
): Omit<ValueProblem, 'name'> | undefined {
  if (!d) return { error: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` };
  if (d.readOnly)
    return { error: 'READ_ONLY_VALUE', message: `"${name}" is a read only property; its value cannot be set.` };
  if (value === '') return undefined;
  if (value.length > 65_536) return { error: 'PROPERTY_VALUE_TOO_LONG', message: `Property "${name}" is too long` };
  if (name === 'email' && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value.trim())) {
    return { error: 'INVALID_EMAIL', message: `Email address ${value} is invalid` };
  }
  if ((d.type === 'datetime' || d.type === 'date') && instant(value) === undefined) {
    return { error: 'INVALID_DATE', message: `${value} is not a valid date for "${name}"` };
  }
  if (d.type === 'number' && !Number.isFinite(Number(value))) {
    return { error: 'INVALID_INTEGER', message: `${value} is not a number for "${name}"` };
  }
  if (d.type === 'bool' && value !== 'true' && value !== 'false') {
    return { error: 'INVALID_OPTION', message: `${value} is not true or false for "${name}"` };
  }
  if (d.type === 'enumeration' && !value.split(';').every((v) => d.options.some((o) => o.value === v))) {
    return { error: 'INVALID_OPTION', message: `${value} was not one of the allowed options of "${name}"` };
  }
  return undefined;
}

/** ISO 8601 with an offset, or milliseconds since 1970; nothing that depends on a host's zone. */
function instant(value: string): number | undefined {
  if (/^-?\d{1,15}$/.test(value)) return Number(value);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

/** As the vendor stores it: addresses in lower case, moments in UTC. */
function stored(d: PropertyDefinition | undefined, value: string): string {
  if (value === '') return '';
  if (d?.name === 'email') return value.trim().toLowerCase();
  const ms = d?.type === 'datetime' ? instant(value) : undefined;
  return ms === undefined ? value : new Date(ms).toISOString();
}

/** The unique value of another live record that these values would take, as the vendor words it. */
export function conflict(
  portal: Portal,
  type: ObjectType,
  values: Record<string, string>,
  self: string | undefined,
): ItemError | undefined {
  for (const name of portal.uniqueProperties(type)) {
    const value = values[name];
    const other = value ? portal.byUnique(type, name, value) : undefined;
    if (!other || other.id === self) continue;
    const message =
      name === 'email'
        ? `Contact already exists. Existing ID: ${other.id}`
        : `Cannot set PropertyValueCoordinates{propertyName=${name}, value=${value}} on ${self ?? 'new object'}. ${other.id} already has that value.`;
    return itemError(name === 'email' ? 'CONFLICT' : 'VALIDATION_ERROR', message, { existingId: [other.id] });
  }
  return undefined;
}

/** A record with these values written over it. Only the present value is kept: what was overwritten is in no file any more. */
export function written(
  definitions: ReadonlyMap<string, PropertyDefinition>,
  record: CrmRecord,
  values: Record<string, string>,
  by: Author,
  at: string,
): CrmRecord {
  const properties = { ...record.properties };
  const stamps = { ...record.written };
  for (const [name, value] of Object.entries(values)) {
    const kept = stored(definitions.get(name), value);
    if (kept === '') delete properties[name];
    else properties[name] = kept;
    stamps[name] = [at, by];
  }
  if (record.type === 'meetings' && !properties['hs_timestamp'] && properties['hs_meeting_start_time']) {
    properties['hs_timestamp'] = properties['hs_meeting_start_time'];
  }
  const modified = record.type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate';
  properties[modified] = at;
  stamps[modified] = [at, by];
  return { ...record, properties, written: stamps, updatedAt: at };
}

/** A record that is not there yet. */
export function blank(type: ObjectType, id: string, by: Author, at: string): CrmRecord {
  const created = type === 'contacts' ? 'createdate' : 'hs_createdate';
  const properties = {
    ...{ hs_object_id: id, [created]: at, hs_object_source: by.sourceType, hs_object_source_id: by.sourceId },
    hs_object_source_label: by.sourceType,
  };
  return { id, type, properties, written: {}, createdBy: by, createdAt: at, updatedAt: at, links: {} };
}
