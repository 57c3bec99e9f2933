import { RetryLater } from '@avtala/contracts';
import { safeFetch, UrlRefused, type OperatorRules, type SafeFetchOptions } from '@avtala/http';
import { vendorResult, watchVendor } from '@avtala/observability';
import { CalendarRefused } from '../host-calendar.js';
import { guardXml } from './xml-guard.js';

const MOST_BYTES = 8_388_608;
const MOST_REDIRECTS = 3;

type Fetch = typeof globalThis.fetch;

/** A fetch for the DAV library through which every address goes that a user or a server named: safeFetch judges it, XML is looked at before it is
 * parsed, and all calls together end at the deadline. A redirect is followed within the same origin only: credentials go nowhere else.
 * @param allowedHosts `host:port` pairs the operator vouches for: they may be private, plain HTTP, and on any port
 * @returns throws UrlRefused, AnswerRefused, CalendarRefused when the credentials are not taken, RetryLater on 429, 5xx and silence */
export function davFetch(allowedHosts: readonly string[], deadlineMs: number): Fetch {
  const until = Date.now() + deadlineMs;
  return async (input, init = {}) => {
    let address = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
    for (let redirects = 0; ; redirects++) {
      const request = {
        method: (init.method ?? 'GET') as NonNullable<SafeFetchOptions['method']>,
        headers: Object.fromEntries(new Headers(init.headers)),
        ...(typeof init.body === 'string' ? { body: init.body } : {}),
        deadlineMs: Math.max(1, until - Date.now()),
        maxBytes: MOST_BYTES,
        operator: rulesFor(address, allowedHosts),
        redirect: 'return',
      } as const;
      const answer = await watchVendor(
        'caldav',
        () => safeFetch(address, request),
        (a) => vendorResult(a.status),
      );
      const { status } = answer;
      const location = status >= 300 && status < 400 ? answer.headers.get('location') : null;
      if (location && init.redirect !== 'manual') {
        const next = new URL(location, address);
        if (next.origin !== new URL(address).origin || redirects >= MOST_REDIRECTS)
          throw new UrlRefused('url-redirect');
        address = next.href;
        continue;
      }
      if (status === 401) throw new CalendarRefused('caldav-access-withdrawn');
      if (status === 429 || status >= 500) throw new RetryLater(`caldav-${status}`);
      const text = answer.body.toString('utf8');
      if (text && answer.headers.get('content-type')?.toLowerCase().includes('xml')) guardXml(text);
      return responseOf(address, status, answer.headers, text);
    }
  };
}

function rulesFor(address: string, allowedHosts: readonly string[]): OperatorRules {
  const { hostname, protocol, port } = new URL(address);
  const at = Number(port || (protocol === 'https:' ? 443 : 80));
  if (!allowedHosts.includes(`${hostname}:${at}`)) return {};
  return { allowHttp: true, ports: [at], privateHosts: [`${hostname}:${at}`] };
}

function responseOf(url: string, status: number, headers: Headers, text: string): Response {
  const bodiless = status === 204 || status === 205 || status === 304;
  headers.delete('content-encoding'); // it is decoded already
  headers.delete('content-length');
  const response = new Response(bodiless ? null : text, { status, headers });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}
