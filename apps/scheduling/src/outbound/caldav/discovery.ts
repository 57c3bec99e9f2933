import { CalendarRefused } from '../host-calendar.js';
import { davFetch } from './dav-fetch.js';
import { headersOf, textOf } from './resources.js';

const DEADLINE_MS = 15_000;

export interface FoundCalendar {
  /** Address of the collection, with a slash at its end. */
  url: string;
  name: string;
}

/** Finds a person's calendars from their server's address: well-known, principal, home, collections (RFC 6764, RFC 4791 §6.2). Every address the
 * server names on the way is judged like the first one.
 * @returns calendars that take events
 * @throws UrlRefused, AnswerRefused, CalendarRefused (credentials not taken, or no CalDAV server), RetryLater */
export async function discover(
  server: { serverUrl: string; username: string; password: string },
  allowedHosts: readonly string[],
): Promise<FoundCalendar[]> {
  const { serviceDiscovery, fetchPrincipalUrl, fetchHomeUrl, fetchCalendars } = await import('tsdav');
  const refusals: unknown[] = [];
  const judged = davFetch(allowedHosts, DEADLINE_MS);
  // tsdav swallows what went wrong and goes on with a guess: the cause is kept here.
  const fetch: typeof globalThis.fetch = (input, init) =>
    judged(input, init).catch((error: unknown) => {
      refusals.push(error);
      throw error;
    });
  const headers = headersOf(server);
  const account = { accountType: 'caldav' as const, serverUrl: server.serverUrl };
  try {
    const rootUrl = await serviceDiscovery({ account, headers, fetch });
    const principalUrl = await fetchPrincipalUrl({ account: { ...account, rootUrl }, headers, fetch });
    const homeUrl = await fetchHomeUrl({ account: { ...account, rootUrl, principalUrl }, headers, fetch });
    const calendars = await fetchCalendars({ account: { ...account, rootUrl, principalUrl, homeUrl }, headers, fetch });
    return calendars
      .filter((c) => !c.components?.length || c.components.includes('VEVENT'))
      .map((c) => ({ url: c.url.endsWith('/') ? c.url : `${c.url}/`, name: textOf(c.displayName) }));
  } catch {
    throw refusals.at(-1) ?? new CalendarRefused('caldav-not-found');
  }
}
