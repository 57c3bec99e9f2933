import type { calendar_v3 } from '@googleapis/calendar';
import { RetryLater } from '@avtala/contracts';
import { vendorResult, watchVendor } from '@avtala/observability';
import {
  CalendarRefused,
  type BusyTime,
  type CalendarChanges,
  type CalendarEvent,
  type EventAsRead,
  type GoogleAccess,
  type HostCalendar,
} from '../host-calendar.js';
import { itemsOf, FIELDS } from './google-changes.js';
import { GoogleTokens, type GoogleOAuth } from './google-token.js';

const DEADLINE_MS = 10_000;
/** The vendor's most for one page. */
const PAGE = 2500;
const MOST_PAGES = 40;

export interface GoogleOptions extends GoogleOAuth {
  /** Root of the API; the SDK's own when left out. */
  baseUrl?: string | undefined;
}

interface Answer {
  status: number;
  data: unknown;
  headers?: unknown;
}
type Call = (options: object) => Promise<Answer>;

/** Google Calendar v3 by Google's own client, which is loaded when it is first needed. */
export class GoogleCalendar implements HostCalendar {
  readonly #tokens: GoogleTokens;
  #api: Promise<calendar_v3.Calendar> | undefined;

  constructor(private readonly options: GoogleOptions) {
    this.#tokens = new GoogleTokens(options);
  }

  async busy(
    access: GoogleAccess,
    from: Temporal.Instant,
    to: Temporal.Instant,
    deadlineMs: number,
  ): Promise<BusyTime[]> {
    const api = await this.#client();
    const answer = await this.#call(access, deadlineMs, (o) =>
      api.freebusy.query(
        {
          requestBody: { timeMin: from.toString(), timeMax: to.toString(), items: [{ id: access.calendarId }] },
        },
        o,
      ),
    );
    expectOk(answer);
    const { calendars } = answer.data as calendar_v3.Schema$FreeBusyResponse;
    const ours = calendars?.[access.calendarId];
    // A calendar that is missing from the answer, or carries an error, is unknown and not free.
    if (!ours || ours.errors?.length || !Array.isArray(ours.busy)) throw new RetryLater('google-calendar-unknown');
    return ours.busy.map((b) => ({ from: Temporal.Instant.from(b.start!), to: Temporal.Instant.from(b.end!) }));
  }

  /** Times alone are asked for: titles and guests of a host's own entries do not leave the vendor. A token that is too old (410) starts over. */
  async changes(
    access: GoogleAccess,
    token: string | null,
    from: Temporal.Instant,
    deadlineMs: number,
  ): Promise<CalendarChanges> {
    const api = await this.#client();
    const events: calendar_v3.Schema$Event[] = [];
    const first = token === null ? { timeMin: from.toString() } : { syncToken: token };
    let pageToken: string | undefined;
    let zone = access.zone;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.#call(access, deadlineMs, (o) =>
        api.events.list(
          {
            calendarId: access.calendarId,
            maxResults: PAGE,
            fields: FIELDS,
            ...first,
            ...(pageToken ? { pageToken } : {}),
          },
          o,
        ),
      );
      // 400: a token it never gave. Swallowing the 410 left deleted events standing for ever elsewhere.
      if (token !== null && (answer.status === 410 || answer.status === 400)) {
        return this.changes(access, null, from, deadlineMs);
      }
      expectOk(answer);
      const list = answer.data as calendar_v3.Schema$Events;
      zone = list.timeZone ?? zone;
      events.push(...(list.items ?? []));
      if (!list.nextPageToken) {
        return { full: token === null, items: itemsOf(events, zone), token: list.nextSyncToken ?? null };
      }
      pageToken = list.nextPageToken;
    }
    throw new RetryLater('google-too-many-pages');
  }

  async read(access: GoogleAccess, eventId: string): Promise<EventAsRead | null> {
    const api = await this.#client();
    const answer = await this.#call(access, DEADLINE_MS, (o) =>
      api.events.get({ calendarId: access.calendarId, eventId }, o),
    );
    if (answer.status === 404 || answer.status === 410) return null;
    expectOk(answer);
    return asRead(answer.data as calendar_v3.Schema$Event);
  }

  async insert(access: GoogleAccess, event: CalendarEvent): Promise<'written' | 'exists'> {
    const api = await this.#client();
    const answer = await this.#call(access, DEADLINE_MS, (o) =>
      api.events.insert(
        { calendarId: access.calendarId, sendUpdates: 'none', requestBody: { id: event.id, ...bodyOf(event) } },
        o,
      ),
    );
    if (answer.status === 409) return 'exists';
    expectOk(answer);
    return 'written';
  }

  async patch(access: GoogleAccess, event: CalendarEvent): Promise<void> {
    const api = await this.#client();
    expectOk(
      await this.#call(access, DEADLINE_MS, (o) =>
        api.events.patch(
          { calendarId: access.calendarId, eventId: event.id, sendUpdates: 'none', requestBody: bodyOf(event) },
          o,
        ),
      ),
    );
  }

  async blank(access: GoogleAccess, eventId: string): Promise<void> {
    const api = await this.#client();
    const requestBody = { summary: '', description: '', location: '', attendees: [] };
    const answer = await this.#call(access, DEADLINE_MS, (o) =>
      api.events.patch({ calendarId: access.calendarId, eventId, sendUpdates: 'none', requestBody }, o),
    );
    if (answer.status !== 404 && answer.status !== 410) expectOk(answer);
  }

  async remove(access: GoogleAccess, eventId: string): Promise<void> {
    const api = await this.#client();
    const answer = await this.#call(access, DEADLINE_MS, (o) =>
      api.events.delete({ calendarId: access.calendarId, eventId, sendUpdates: 'none' }, o),
    );
    if (answer.status !== 404 && answer.status !== 410) expectOk(answer);
  }

  async #client(): Promise<calendar_v3.Calendar> {
    this.#api ??= import('@googleapis/calendar').then(({ calendar }) =>
      calendar({ version: 'v3', ...(this.options.baseUrl ? { rootUrl: this.options.baseUrl } : {}) }),
    );
    return this.#api;
  }

  // The client's own retries are off: it would repeat writes on its own count and clock. A token that ended early is renewed once.
  async #call(access: GoogleAccess, deadlineMs: number, call: Call): Promise<Answer> {
    for (let last = false; ; last = true) {
      const token = await this.#tokens.token(access.refreshToken, deadlineMs);
      let answer: Answer;
      try {
        const request = {
          headers: { authorization: `Bearer ${token}` },
          timeout: deadlineMs,
          retry: false,
          retryConfig: { retry: 0 },
          validateStatus: () => true,
        };
        answer = await watchVendor(
          'google-calendar',
          () => call(request),
          ({ status }) => vendorResult(status),
        );
      } catch (cause) {
        throw new RetryLater('google-unreachable', undefined, { cause: withoutBody(cause) });
      }
      if (answer.status !== 401) return answer;
      this.#tokens.forget(access.refreshToken);
      if (last) throw new CalendarRefused('google-401');
    }
  }
}

const withoutBody = (cause: unknown): Error => new Error((cause as Error | undefined)?.name ?? 'unknown');

function expectOk(answer: Answer): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  if (status === 429 || status >= 500 || isQuota(answer))
    throw new RetryLater(`google-${status}`, retryAfterMs(answer));
  throw new CalendarRefused(`google-${status}`);
}

/** 403 with a usage limit as its reason is "later", not "no". */
function isQuota({ status, data }: Answer): boolean {
  if (status !== 403) return false;
  const error = (data as { error?: { errors?: { reason?: string }[] } } | undefined)?.error;
  return (error?.errors ?? []).some((e) => /rateLimit|quota|userRateLimit/i.test(e.reason ?? ''));
}

function retryAfterMs({ headers }: Answer): number | undefined {
  const value =
    headers instanceof Headers
      ? headers.get('retry-after')
      : (headers as Record<string, string> | undefined)?.['retry-after'];
  const seconds = Number(value);
  return value && Number.isFinite(seconds) ? Math.min(seconds, 60) * 1000 : undefined;
}

function bodyOf(event: CalendarEvent): calendar_v3.Schema$Event {
  return {
    status: 'confirmed',
    summary: event.title,
    description: event.description,
    location: event.location ?? '',
    start: { dateTime: event.startsAt.toString(), timeZone: event.timeZone },
    end: { dateTime: event.endsAt.toString(), timeZone: event.timeZone },
    extendedProperties: { private: { avtalaBooking: event.bookingId, avtalaSequence: String(event.sequence) } },
  };
}

function asRead(event: calendar_v3.Schema$Event): EventAsRead {
  const at = (time: calendar_v3.Schema$EventDateTime | undefined) =>
    time?.dateTime ? Temporal.Instant.from(time.dateTime) : null;
  const sequence = Number(event.extendedProperties?.private?.['avtalaSequence']);
  return {
    cancelled: event.status === 'cancelled',
    startsAt: at(event.start),
    endsAt: at(event.end),
    sequence: Number.isInteger(sequence) ? sequence : null,
    blank: !event.summary && !event.description && !event.location && !event.attendees?.length,
  };
}
