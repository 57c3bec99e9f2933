/** What may stand in a log line: ids, codes, counts, times and names of our own things. No person (promise G3; security.md 16.1). */
const EXACT = new Set([
  'action',
  'aal',
  'attempt',
  'attempts',
  'code',
  'codes',
  'context',
  'count',
  'counts',
  'epoch',
  'errorCode',
  'errorName',
  'event',
  'fields',
  'function',
  'kind',
  'lane',
  'left',
  'level',
  'library',
  'method',
  'outstanding',
  'phase',
  'pid',
  'port',
  'ports',
  'position',
  'problem',
  'purpose',
  'reason',
  'recipient',
  'recipients',
  'role',
  'route',
  'rows',
  'schema',
  'sequence',
  'service',
  'stack',
  'state',
  'status',
  'step',
  'table',
  'topic',
  'transport',
  'type',
  'vendor',
  'version',
]);
const ENDINGS = /(Id|Ids|At|On|Ms|Minutes|Seconds|Days|Months|Bytes|Count|Code|Version|Kind|State|Rows|Keys|Epoch)$/;

/** Whether a field of this name may be logged at all. */
export function isLoggable(name: string): boolean {
  return EXACT.has(name) || ENDINGS.test(name) || name === 'id' || name === 'ids' || name === 'at';
}

// Ids, codes, ISO times, routes: no spaces, no @, no letters beyond ASCII. A name or an address does not fit.
const SAFE = /^[A-Za-z0-9_.:/+\-*[\]]{0,200}$/;
const DROPPED = '[dropped]';

/** The value as it may be logged: numbers, booleans and code-like strings; anything else becomes `[dropped]`. */
export function loggable(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return SAFE.test(value) ? value : DROPPED;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Temporal.Instant || value instanceof Temporal.PlainDate) return value.toString();
  if (Array.isArray(value) && depth === 0) return value.slice(0, 50).map((v) => loggable(v, 1));
  if (typeof value === 'object' && depth === 0 && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, loggable(v, 1)]));
  }
  return DROPPED;
}
