import { AppError, RetryLater } from '@avtala/contracts';
import { lookup as systemLookup } from 'node:dns/promises';
import { Agent, fetch as undiciFetch } from 'undici';
import { isPublicAddress, literalAddress } from './address-guard.js';

export type UrlRefusal =
  | 'url-malformed'
  | 'url-scheme'
  | 'url-port'
  | 'url-credentials'
  | 'url-address'
  | 'url-unresolvable'
  | 'url-redirect'
  | 'url-too-large';

/** A URL that a user gave and that we do not call. */
export class UrlRefused extends AppError {
  readonly kind = 'invalid';
  constructor(
    readonly code: UrlRefusal,
    options?: ErrorOptions,
  ) {
    super('That address is not one we call', { problem: code }, options);
  }
}

export interface SafeFetchOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'PROPFIND' | 'REPORT';
  headers?: Record<string, string>;
  body?: string;
  /** Whole time from dialling to the last byte; 5,000 by default. */
  deadlineMs?: number;
  /** 1 MiB by default. */
  maxBytes?: number;
  operator?: OperatorRules;
  /** `return`: the caller judges a 3xx answer, and calls safeFetch again for where it points. Default: refused. */
  redirect?: 'refuse' | 'return';
}

/** What the operator may widen, never a user. */
export interface OperatorRules {
  allowHttp?: boolean;
  /** Beside 443 (and 80 with allowHttp). */
  ports?: readonly number[];
  /** `host:port` pairs that may be private, such as the sandbox's stand-ins. */
  privateHosts?: readonly string[];
  lookup?: (hostname: string) => Promise<{ address: string; family: number }[]>;
}

export interface SafeAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** Parses and judges a URL before anything is dialled.
 * @throws UrlRefused */
export function checkUrl(input: string, rules: OperatorRules = {}): URL {
  let url: URL;
  try {
    url = new URL(input);
  } catch (cause) {
    throw new UrlRefused('url-malformed', { cause });
  }
  if (url.protocol !== 'https:' && !(rules.allowHttp && url.protocol === 'http:')) throw new UrlRefused('url-scheme');
  if (url.username || url.password) throw new UrlRefused('url-credentials');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (!(port === 443 || (port === 80 && rules.allowHttp) || rules.ports?.includes(port)))
    throw new UrlRefused('url-port');
  const literal = literalAddress(url.hostname);
  // Checked here, since a resolver is never asked about a literal: a guard in the look-up alone let 9 of 21 URLs reach loopback.
  if (literal && !isPublicAddress(literal) && !isPrivateAllowed(url, port, rules)) throw new UrlRefused('url-address');
  return url;
}

const isPrivateAllowed = (url: URL, port: number, rules: OperatorRules): boolean =>
  rules.privateHosts?.includes(`${url.hostname}:${port}`) ?? false;

const resolveAll = (hostname: string) => systemLookup(hostname, { all: true, verbatim: true });

/** The one client for addresses that users give (ASVS 1.3.6). Every resolved address must be public, and the answer that was checked is the one
 * dialled (no second look-up to rebind); redirects are refused; time and size are bounded.
 * @throws UrlRefused before or instead of dialling; RetryLater when the host does not answer in time */
export async function safeFetch(input: string, options: SafeFetchOptions = {}): Promise<SafeAnswer> {
  const rules = options.operator ?? {};
  const url = checkUrl(input, rules);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const deadlineMs = options.deadlineMs ?? 5_000;
  const addresses = await resolve(url, rules);
  if (!isPrivateAllowed(url, port, rules) && !addresses.every((a) => isPublicAddress(a.address))) {
    throw new UrlRefused('url-address');
  }
  const first = addresses[0]!;
  const agent = new Agent({
    connect: {
      timeout: deadlineMs,
      lookup: (_host, lookupOptions, done) =>
        lookupOptions.all
          ? done(null, [{ address: first.address, family: first.family }])
          : done(null, first.address, first.family),
    },
    headersTimeout: deadlineMs,
    bodyTimeout: deadlineMs,
    connections: 1,
    pipelining: 0,
  });
  try {
    const response = await undiciFetch(url, {
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      body: options.body ?? null,
      redirect: 'manual',
      dispatcher: agent,
      signal: AbortSignal.timeout(deadlineMs),
    });
    if (response.status >= 300 && response.status < 400 && options.redirect !== 'return')
      throw new UrlRefused('url-redirect');
    const body = await readBounded(response.body, options.maxBytes ?? 1_048_576);
    return { status: response.status, headers: new Headers([...response.headers]), body };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new RetryLater('host-unreachable', undefined, { cause: error });
  } finally {
    await agent.destroy();
  }
}

async function resolve(url: URL, rules: OperatorRules): Promise<{ address: string; family: number }[]> {
  const literal = literalAddress(url.hostname);
  if (literal) return [{ address: literal, family: literal.includes(':') ? 6 : 4 }];
  try {
    const found = await (rules.lookup ?? resolveAll)(url.hostname);
    if (found.length) return found;
  } catch (cause) {
    throw new UrlRefused('url-unresolvable', { cause });
  }
  throw new UrlRefused('url-unresolvable');
}

async function readBounded(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new UrlRefused('url-too-large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
