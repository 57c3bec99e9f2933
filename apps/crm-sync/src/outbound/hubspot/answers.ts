import { VendorRefused } from '../vendor-errors.js';
import type { WriteOutcome } from '../needs.js';

/** What arrives of an answer: the body only as parsed JSON in memory. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: unknown;
}

interface ErrorBody {
  category?: unknown;
  status?: unknown;
  correlationId?: unknown;
  message?: unknown;
  policyName?: unknown;
  context?: unknown;
  errors?: unknown;
}

const clean = (text: unknown, pattern: RegExp): string | undefined =>
  typeof text === 'string' && pattern.test(text) ? text : undefined;
const CODE = /^[A-Za-z0-9_.-]{1,64}$/;
const PROPERTY = /^[a-z][a-z0-9_]{0,99}$/;
const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/;

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const strings = (value: unknown): string[] => list(value).filter((v) => typeof v === 'string');

/** Names of properties an error speaks of, from its structured parts only. */
function fieldsOf(error: ErrorBody): string[] {
  const contexts = [record(error.context), ...list(error.errors).map((e) => record(record(e)['context']))];
  const named = contexts.flatMap((c) => [...strings(c['propertyName']), ...strings(c['properties'])]);
  return [...new Set(named.filter((n) => PROPERTY.test(n)))].slice(0, 20);
}

/** Of a conflict the vendor names the record in the way in its sentence only ("Existing ID: 151"). */
const existingIdOf = (error: ErrorBody): string | undefined =>
  clean(strings(record(error.context)['existingId'])[0], /^\d{1,20}$/) ??
  (typeof error.message === 'string' ? /Existing ID: (\d{1,20})/.exec(error.message)?.[1] : undefined);

const codeOf = (error: ErrorBody, status: number): string =>
  clean(error.category, CODE) ?? clean(error.status, CODE) ?? `http-${status}`;

export const policyOf = (answer: Answer): string | undefined => clean(record(answer.body)['policyName'], CODE);

/** An answer that is no success, as the error we keep: code, field names, request id. */
export function refusalOf(answer: Answer): VendorRefused {
  const error = record(answer.body) as ErrorBody;
  const requestId =
    clean(error.correlationId, REQUEST_ID) ?? clean(answer.headers.get('x-hubspot-correlation-id'), REQUEST_ID);
  return new VendorRefused(
    codeOf(error, answer.status),
    answer.status,
    fieldsOf(error),
    requestId,
    existingIdOf(error),
  );
}

/** Splits the answer of a batch write into one outcome per input (200 and 207 alike: always read `errors`).
 * Inputs carry their key as `objectWriteTraceId`, which results and errors name again; what neither names is absent. */
export function outcomesOf(answer: Answer, inputs: readonly { key: string; id?: string }[]): WriteOutcome[] {
  const body = record(answer.body);
  const byId = new Map(inputs.map((i) => [i.id ?? i.key, i.key]));
  const known = new Set(inputs.map((i) => i.key));
  const outcomes = new Map<string, WriteOutcome>();
  const requestId = clean(answer.headers.get('x-hubspot-correlation-id'), REQUEST_ID);
  const traceable = requestId ? { requestId } : {};
  for (const item of list(body['results']).map(record)) {
    const id = clean(item['id'], REQUEST_ID_OR_DIGITS);
    const traced = clean(item['objectWriteTraceId'], REQUEST_ID);
    const properties = textsOf(item['properties']);
    const key = [traced, id === undefined ? undefined : byId.get(id), ...Object.values(properties)].find(
      (k) => k !== undefined && known.has(k),
    );
    if (key && id) outcomes.set(key, { key, ok: true, id, properties, ...traceable });
  }
  for (const item of list(body['errors']).map((e) => record(e) as ErrorBody)) {
    const context = record(item.context);
    const named = [...strings(context['objectWriteTraceId']), ...strings(context['ids']), ...strings(context['id'])];
    for (const name of named) {
      const key = known.has(name) ? name : byId.get(name);
      if (!key || outcomes.has(key)) continue;
      const existingId = existingIdOf(item);
      outcomes.set(key, {
        key,
        ok: false,
        code: codeOf(item, answer.status),
        fields: fieldsOf(item),
        ...traceable,
        ...(existingId ? { existingId } : {}),
      });
    }
  }
  return [...outcomes.values()];
}

/** The code of a batch's first error; undefined when it has none (200 and 207 alike). */
export function firstErrorOf(answer: Answer): string | undefined {
  const body = record(answer.body);
  const errors = list(body['errors']);
  if (errors.length === 0 && !(Number(body['numErrors']) > 0)) return undefined;
  return codeOf(record(errors[0]) as ErrorBody, answer.status);
}

const REQUEST_ID_OR_DIGITS = /^[A-Za-z0-9-]{1,64}$/;

/** The non-empty text values of an object. */
export function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(value)).filter((e): e is [string, string] => typeof e[1] === 'string' && e[1] !== ''),
  );
}
