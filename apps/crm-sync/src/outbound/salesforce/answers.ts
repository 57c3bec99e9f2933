import { VendorRefused } from '../vendor-errors.js';
import type { WriteOutcome } from '../needs.js';

const CODE = /^[A-Za-z0-9_.-]{1,64}$/;
const FIELD = /^[A-Za-z][A-Za-z0-9_]{0,79}$/;
const ID = /^[A-Za-z0-9]{15,18}$/;

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Trouble of the moment: the same request will do later. */
const TRANSIENT = new Set([
  ...['UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE', 'UNKNOWN_EXCEPTION', 'QUERY_TIMEOUT', 'REQUEST_RUNNING_TOO_LONG'],
  ...['ERROR_HTTP_408', 'ERROR_HTTP_420', 'ERROR_HTTP_429'],
]);
export const isTransient = (code: string): boolean => TRANSIENT.has(code) || /^ERROR_HTTP_5\d\d$/.test(code);

/** What jsforce threw: the vendor's code, if there was an answer at all. The vendor's words are looked at and not kept. */
export function causeOf(error: unknown): { code: string | undefined; crowded: boolean } {
  const { errorCode, data } = record(error);
  const first = record(list(data)[0]);
  const told = typeof errorCode === 'string' && errorCode !== 'MULTIPLE_API_ERRORS' ? errorCode : first['errorCode'];
  const code = typeof told === 'string' ? told.replace(/^[A-Za-z]+:/, '') : undefined;
  const crowded = /concurrent/i.test(error instanceof Error ? error.message : '');
  return { code: code === 'ERROR_HTTP_401' ? 'INVALID_SESSION_ID' : code, crowded };
}

/** An error of a whole request as the one we keep: code and field names. */
export function refusalOf(error: unknown): VendorRefused {
  const { code = 'unknown' } = causeOf(error);
  const { data } = record(error);
  return new VendorRefused(CODE.test(code) ? code : 'unknown', 400, fieldsOf(Array.isArray(data) ? data[0] : data));
}

const fieldsOf = (error: unknown): string[] =>
  list(record(error)['fields']).filter((f): f is string => typeof f === 'string' && FIELD.test(f));

/** The record a duplicate rule or a unique field names as the one in the way; the surest match first. */
function existingIdOf(error: Record<string, unknown>): string | undefined {
  const result = record(error['duplicateResult'] ?? error['duplicateResut']);
  const matches = list(result['matchResults'])
    .flatMap((m) => list(record(m)['matchRecords']))
    .map((m) => ({ id: record(record(m)['record'])['Id'], sure: Number(record(m)['matchConfidence'] ?? 0) }))
    .filter((m): m is { id: string; sure: number } => typeof m.id === 'string' && ID.test(m.id));
  const [best] = matches.toSorted((a, b) => b.sure - a.sure);
  const named = typeof error['message'] === 'string' ? /with id: ([A-Za-z0-9]{15,18})/.exec(error['message']) : null;
  return best?.id ?? named?.[1];
}

/** Ids that `emptyRecycleBin` did not empty, but for those that were not there. */
export const refusedOf = (answer: unknown): string[] =>
  list(answer).flatMap((item) => {
    const { id, success, errors } = record(item);
    const { statusCode } = record(Array.isArray(errors) ? errors[0] : errors);
    return typeof id === 'string' && success !== true && statusCode !== 'INVALID_ID_FIELD' ? [id] : [];
  });

/** Splits the answer to a collection, which comes in the order of the request, into one outcome per record. Records for which it was the wrong
 * moment (locked, or converted since we looked) have none: they are tried again. */
export function outcomesOf(answer: unknown, keys: readonly string[]): WriteOutcome[] {
  return list(answer).flatMap((item, i): WriteOutcome[] => {
    const { id, success, errors } = record(item);
    const key = keys[i];
    if (key === undefined) return [];
    if (success === true && typeof id === 'string' && ID.test(id)) return [{ key, ok: true, id, properties: {} }];
    const error = record(list(errors)[0]);
    const code =
      typeof error['statusCode'] === 'string' && CODE.test(error['statusCode']) ? error['statusCode'] : 'unknown';
    if (isTransient(code) || code === 'CANNOT_UPDATE_CONVERTED_LEAD') return [];
    const existingId = existingIdOf(error);
    return [{ key, ok: false, code, fields: fieldsOf(error), ...(existingId ? { existingId } : {}) }];
  });
}
