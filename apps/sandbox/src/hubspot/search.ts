import type { Reply } from '../web.js';
import { shown, typeOf, type Call } from './call.js';
import type { CrmRecord } from './portal.js';
import { vendorError } from './vendor-error.js';

interface Filter {
  propertyName: string;
  operator: string;
  value?: string;
  highValue?: string;
  values?: string[];
}

interface SearchRequest {
  after: string;
  filterGroups: { filters: Filter[] }[];
  limit: number;
  properties: string[];
  sorts: string[];
  query?: string;
}

/** Searches live records; archived and merged ones are never found. */
export async function search(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const request = call.body as SearchRequest;
  refuse(request, new Set(call.portal.definitions(type).map((d) => d.name)));
  const words = request.query?.trim().toLowerCase();
  const found = [...call.portal.all(type)].filter(
    (r) =>
      !r.archivedAt &&
      !r.mergedInto &&
      (request.filterGroups.length === 0 || request.filterGroups.some((g) => g.filters.every((f) => holds(r, f)))) &&
      (!words || Object.values(r.properties).some((v) => v.toLowerCase().includes(words))),
  );
  found.sort(order(request.sorts));
  const start = Number(request.after || 0);
  const page = found.slice(start, start + request.limit);
  const next =
    found.length > start + request.limit ? { paging: { next: { after: String(start + request.limit) } } } : {};
  return {
    status: 200,
    body: { total: found.length, results: page.map((r) => shown(r, request.properties)), ...next },
  };
}

function refuse(r: SearchRequest, known: ReadonlySet<string>): void {
  const wrong = (message: string) => vendorError(400, 'VALIDATION_ERROR', message);
  if (r.limit < 1 || r.limit > 200) throw wrong('limit must be between 1 and 200');
  if (!/^\d*$/.test(r.after)) throw wrong('after must be a paging cursor');
  if (r.filterGroups.length > 5) throw wrong('too many filter groups');
  const filters = r.filterGroups.flatMap((g) => g.filters);
  if (filters.length > 18 || r.filterGroups.some((g) => g.filters.length > 6)) throw wrong('too many filters');
  for (const f of filters) {
    if (!known.has(f.propertyName)) throw wrong(`Property "${f.propertyName}" does not exist`);
    const many = f.operator === 'IN' || f.operator === 'NOT_IN';
    if (many && (!f.values || f.values.length > 100)) throw wrong(`${f.operator} needs 1 to 100 values`);
    if (!many && !f.operator.endsWith('HAS_PROPERTY') && f.value === undefined)
      throw wrong(`${f.operator} needs a value`);
    if (f.operator === 'BETWEEN' && f.highValue === undefined) throw wrong('BETWEEN needs a highValue');
  }
}

function holds(record: CrmRecord, f: Filter): boolean {
  const value = record.properties[f.propertyName];
  const same = (wanted: string) => value !== undefined && fold(value) === fold(wanted);
  switch (f.operator) {
    case 'HAS_PROPERTY':
      return value !== undefined;
    case 'NOT_HAS_PROPERTY':
      return value === undefined;
    case 'EQ':
      return same(f.value as string);
    case 'NEQ':
      return !same(f.value as string);
    case 'IN':
      return (f.values ?? []).some(same);
    case 'NOT_IN':
      return !(f.values ?? []).some(same);
    case 'CONTAINS_TOKEN':
      return value !== undefined && hasToken(value, f.value as string);
    case 'NOT_CONTAINS_TOKEN':
      return value === undefined || !hasToken(value, f.value as string);
    default:
      return value !== undefined && inRange(f, value);
  }
}

function inRange(f: Filter, value: string): boolean {
  const v = comparable(value);
  const low = comparable(f.value as string);
  if (f.operator === 'LT') return v < low;
  if (f.operator === 'LTE') return v <= low;
  if (f.operator === 'GT') return v > low;
  if (f.operator === 'GTE') return v >= low;
  return v >= low && v <= comparable(f.highValue as string);
}

const fold = (value: string) => value.trim().toLowerCase();

function hasToken(value: string, wanted: string): boolean {
  const pattern = fold(wanted)
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '\\S*');
  return new RegExp(`(^|[\\s@.,;])${pattern}($|[\\s@.,;])`).test(fold(value));
}

function comparable(value: string): number | string {
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? value : ms;
}

/** `name` or `-name`; by id when nothing was asked for. */
function order(sorts: readonly string[]): (a: CrmRecord, b: CrmRecord) => number {
  const [first] = sorts;
  if (!first) return (a, b) => Number(a.id) - Number(b.id);
  const name = first.replace(/^-/, '');
  const sign = first.startsWith('-') ? -1 : 1;
  return (a, b) => {
    const [x, y] = [comparable(a.properties[name] ?? ''), comparable(b.properties[name] ?? '')];
    return x < y ? -sign : x > y ? sign : Number(a.id) - Number(b.id);
  };
}
