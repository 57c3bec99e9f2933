import { apiClient } from '@avtala/api-client';

/** What an answer that is no success says (RFC 9457), as every service gives it. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    readonly status: number,
    /** Stable: what screens decide by. */
    readonly code: string,
    message: string,
    readonly errors: readonly { readonly field: string; readonly rule: string; readonly message: string }[] = [],
    /** Ids and rules, never a person's value. */
    readonly facts: Readonly<Record<string, unknown>> = {},
    /** Reference number of a 500, under which the cause was logged. */
    readonly errorId?: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** No answer at all: the connection is gone, or the server. Nothing is known about whether it happened. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

const refused = new Set<(problem: ApiProblem) => void>();

/** Is told of every 401 that means "sign in again"; the page stays as it is. */
export function onSessionOver(listener: (problem: ApiProblem) => void): () => void {
  refused.add(listener);
  return () => void refused.delete(listener);
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Unreachable('No answer', { cause: error });
  }
}

/** Every service behind this page's own address, typed. Wrap a call in `answer` to get data or an exception.
 * @example const { items } = await answer(api.GET('/api/v1/leads', { params: { query: { engagementId } } })); */
export const api = apiClient({ baseUrl: location.origin, fetch: send });

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** @throws ApiProblem, Unreachable */
export async function answer<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok) return data as T;
  throw problemOf(response, error);
}

/** For what the documents do not describe: the ceremonies below /api/auth.
 * @throws ApiProblem, Unreachable */
export const post = <T>(path: string, body: object): Promise<T> => call<T>('POST', path, body);

/** The same by any method: the sandbox's own paths. What is no JSON comes as text.
 * @throws ApiProblem, Unreachable */
export async function call<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await send(new Request(path, { method, ...json, ...(signal ? { signal } : {}) }));
  const isText = response.headers.get('content-type')?.startsWith('text/') ?? false;
  const said: unknown = await (isText ? response.text() : response.json().catch(() => null));
  if (!response.ok) throw problemOf(response, said);
  return said as T;
}

/** One act, one key: keep it while the same act is tried again, so that it happens once. */
export const idempotencyKey = (): string => crypto.randomUUID();

function problemOf(response: Response, said: unknown): ApiProblem {
  const p = (typeof said === 'object' && said !== null ? said : {}) as Partial<
    Record<'code' | 'detail' | 'errorId', string>
  > & { errors?: ApiProblem['errors']; facts?: Record<string, unknown> };
  const wait = Number(response.headers.get('retry-after')) || undefined;
  const problem = new ApiProblem(
    response.status,
    p.code ?? `http-${response.status}`,
    p.detail ?? response.statusText,
    p.errors,
    p.facts,
    p.errorId,
    wait,
  );
  if (problem.code === 'sign-in-required') for (const listener of refused) listener(problem);
  return problem;
}
