import type * as Tsdav from 'tsdav';
import { busyOf } from '../../domain/calendar-entry.js';
import { instantOf, spanOf } from '../../domain/span.js';
import {
  CalendarRefused,
  EventChanged,
  type BusyTime,
  type CaldavAccess,
  type CalendarChanges,
  type CalendarEvent,
  type ChangedItem,
  type EventAsRead,
  type HostCalendar,
} from '../host-calendar.js';
import { blankText, eventText, readEvent, updatedText } from './caldav-event.js';
import { davFetch } from './dav-fetch.js';
import { freeBusyOf, freeBusyRequest } from './free-busy.js';
import { headersOf, itemOf, listOf, pathOf, resourcesIn, textOf, zoneIn, type Resource } from './resources.js';
import { entriesOf } from '../icalendar/ical-entries.js';
import { AnswerRefused } from './xml-guard.js';

const DEADLINE_MS = 10_000;
/** Resources fetched in one request. */
const AT_ONCE = 100;
/** How far ahead a full reading looks; meeting types reach 730 days. */
const HORIZON_DAYS = 800;
const MOST_PAGES = 50;

export interface CaldavOptions {
  /** `host:port` the operator vouches for; see CALDAV_ALLOWED_HOSTS. */
  allowedHosts: readonly string[];
  /** Our mailbox, the organizer of what we write. */
  organizer: string;
}

/** What a collection says of itself. */
interface Collection {
  reports: readonly string[];
  token: string | null;
  /** For times without a zone. */
  zone: string;
}

/** CalDAV (RFC 4791) by tsdav, which is loaded when it is first needed. No answer reaches it that davFetch has not looked at. */
export class CaldavCalendar implements HostCalendar {
  constructor(private readonly options: CaldavOptions) {}

  /** Both what we count ourselves and what the server counts: its free-busy-query takes a zone it does not know for UTC (Radicale 3.9), and ours
   * knows nothing of what the server adds, such as office hours. */
  async busy(a: CaldavAccess, from: Temporal.Instant, to: Temporal.Instant, deadlineMs: number): Promise<BusyTime[]> {
    const fetch = this.#fetch(deadlineMs);
    const { reports, zone } = await this.#collection(a, fetch);
    const range = spanOf(from, to);
    const [resources, told] = await Promise.all([
      this.#query(a, fetch, from.subtract({ hours: 48 }), to.add({ hours: 48 })), // a time without a zone lies up to a day off
      reports.includes('freeBusyQuery') ? this.#freeBusy(a, fetch, from, to) : [],
    ]);
    const counted = busyOf(
      resources.flatMap((r) => entriesOf(r.text, zone)),
      range,
    );
    return [...counted, ...told].map((s) => ({ from: instantOf(s.from), to: instantOf(s.to) }));
  }

  async changes(
    a: CaldavAccess,
    token: string | null,
    from: Temporal.Instant,
    deadlineMs: number,
  ): Promise<CalendarChanges> {
    const fetch = this.#fetch(deadlineMs);
    const collection = await this.#collection(a, fetch);
    const delta = token !== null && (await this.#delta(a, fetch, token, collection.zone));
    if (delta) return delta;
    // The token is older than the reading: what changes in between comes twice, and is not missed.
    const to = from.add({ hours: HORIZON_DAYS * 24 });
    const resources = await this.#query(a, fetch, from, to);
    return {
      full: true,
      items: resources.map((r) => ({ id: itemOf(r.href), entries: entriesOf(r.text, collection.zone) })),
      token: collection.reports.includes('syncCollection') ? collection.token : null,
    };
  }

  async read(a: CaldavAccess, eventId: string): Promise<EventAsRead | null> {
    const found = await this.#get(a, this.#fetch(DEADLINE_MS), eventId);
    return found && readEvent(found.text);
  }

  async insert(a: CaldavAccess, event: CalendarEvent): Promise<'written' | 'exists'> {
    const { createCalendarObject } = await tsdav();
    const answer = await createCalendarObject({
      calendar: { url: a.calendarUrl },
      filename: `${event.id}.ics`,
      iCalString: eventText(event, this.options.organizer, Temporal.Now.instant()),
      headers: headersOf(a), // If-None-Match: * is tsdav's
      fetch: this.#fetch(DEADLINE_MS),
    });
    // 409 alone says that the calendar itself is gone (RFC 4918 §9.7.1); with this word, that another resource has our UID (RFC 4791 §5.3.2.1).
    if (answer.status === 412 || (answer.status === 409 && (await answer.text()).includes('no-uid-conflict')))
      return 'exists';
    expectOk(answer);
    return 'written';
  }

  async patch(a: CaldavAccess, event: CalendarEvent): Promise<void> {
    const fetch = this.#fetch(DEADLINE_MS);
    const present = await this.#get(a, fetch, event.id);
    if (!present) throw new EventChanged();
    const now = Temporal.Now.instant();
    await this.#put(a, fetch, present, updatedText(present.text, event, this.options.organizer, now));
  }

  async blank(a: CaldavAccess, eventId: string): Promise<void> {
    const fetch = this.#fetch(DEADLINE_MS);
    const present = await this.#get(a, fetch, eventId);
    if (present) await this.#put(a, fetch, present, blankText(present.text, Temporal.Now.instant()));
  }

  async remove(a: CaldavAccess, eventId: string): Promise<void> {
    const { deleteCalendarObject } = await tsdav();
    const calendarObject = { url: addressOf(a, eventId) };
    const answer = await deleteCalendarObject({
      calendarObject,
      headers: headersOf(a),
      fetch: this.#fetch(DEADLINE_MS),
    });
    if (answer.status !== 404 && answer.status !== 410) expectOk(answer);
  }

  #fetch(deadlineMs: number): typeof globalThis.fetch {
    return davFetch(this.options.allowedHosts, deadlineMs);
  }

  async #collection(a: CaldavAccess, fetch: typeof globalThis.fetch): Promise<Collection> {
    const { propfind } = await tsdav();
    const [found] = await propfind({
      url: a.calendarUrl,
      props: { 'd:supported-report-set': {}, 'd:sync-token': {}, 'c:calendar-timezone': {} },
      depth: '0',
      headers: headersOf(a),
      fetch,
    });
    if (!found?.ok) throw new CalendarRefused(`caldav-${found?.status ?? 'no-answer'}`);
    const props = (found.props ?? {}) as Record<string, unknown>;
    const supported = (props['supportedReportSet'] as { supportedReport?: unknown } | undefined)?.supportedReport;
    const reports = listOf(supported).flatMap((r) => Object.keys((r as { report?: object }).report ?? {}));
    const described = textOf(props['calendarTimezone']);
    return { reports, token: textOf(props['syncToken']) || null, zone: described ? zoneIn(described) : a.zone };
  }

  /** @returns undefined when the server does not know the token any more */
  async #delta(
    a: CaldavAccess,
    fetch: typeof globalThis.fetch,
    token: string,
    zone: string,
  ): Promise<CalendarChanges | undefined> {
    const { syncCollection } = await tsdav();
    const items: ChangedItem[] = [];
    let next = token;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answers = await syncCollection({
        url: a.calendarUrl,
        props: { 'd:getetag': {} },
        headers: headersOf(a),
        syncLevel: 1,
        syncToken: next,
        fetch,
      });
      const [head] = answers;
      if (head && !head.href && !head.ok) return undefined;
      if (head && !head.ok && typeof head.raw === 'string') return undefined; // 403 valid-sync-token and its kind
      const of = (head?.raw as { multistatus?: { syncToken?: unknown } } | undefined)?.multistatus;
      const given = textOf(of?.syncToken);
      if (!given) throw new AnswerRefused('caldav-answer-unreadable');
      const own = new URL(a.calendarUrl).pathname;
      const named = answers.filter((r) => r.href && pathOf(r.href, a) !== own);
      const gone = named.filter((r) => r.status === 404);
      items.push(...gone.map((r) => ({ id: itemOf(pathOf(r.href!, a)), entries: null })));
      const changed = named.filter((r) => r.status !== 404).map((r) => pathOf(r.href!, a));
      for (const r of await this.#multiget(a, fetch, changed))
        items.push({ id: itemOf(r.href), entries: entriesOf(r.text, zone) });
      next = given;
      // 507 on the collection itself: there is more (RFC 6578 §3.6)
      if (!answers.some((r) => r.status === 507)) return { full: false, items, token: next };
    }
    return undefined;
  }

  async #multiget(a: CaldavAccess, fetch: typeof globalThis.fetch, hrefs: readonly string[]): Promise<Resource[]> {
    const { calendarMultiGet } = await tsdav();
    const found: Resource[] = [];
    for (let i = 0; i < hrefs.length; i += AT_ONCE) {
      const answers = await calendarMultiGet({
        url: a.calendarUrl,
        props: DATA,
        objectUrls: hrefs.slice(i, i + AT_ONCE),
        depth: '1',
        headers: headersOf(a),
        fetch,
      });
      found.push(...resourcesIn(answers, a));
    }
    return found;
  }

  async #query(
    a: CaldavAccess,
    fetch: typeof globalThis.fetch,
    from: Temporal.Instant,
    to: Temporal.Instant,
  ): Promise<Resource[]> {
    const { calendarQuery } = await tsdav();
    const range = { start: basic(from), end: basic(to) };
    const filters = {
      'comp-filter': {
        _attributes: { name: 'VCALENDAR' },
        'comp-filter': { _attributes: { name: 'VEVENT' }, 'time-range': { _attributes: range } },
      },
    };
    const answers = await calendarQuery({
      url: a.calendarUrl,
      props: DATA,
      filters,
      depth: '1',
      headers: headersOf(a),
      fetch,
    });
    return resourcesIn(answers, a);
  }

  // tsdav cuts an answer that is no XML at 4,096 characters: a full day of meetings would lose its evening.
  async #freeBusy(a: CaldavAccess, fetch: typeof globalThis.fetch, from: Temporal.Instant, to: Temporal.Instant) {
    const answer = await fetch(a.calendarUrl, {
      method: 'REPORT',
      headers: { ...headersOf(a), depth: '1', 'content-type': 'application/xml; charset=utf-8' },
      body: freeBusyRequest(basic(from), basic(to)),
    });
    expectOk(answer);
    return freeBusyOf(await answer.text());
  }

  async #get(a: CaldavAccess, fetch: typeof globalThis.fetch, eventId: string): Promise<Resource | null> {
    const address = addressOf(a, eventId);
    const answer = await fetch(address, { headers: headersOf(a) });
    if (answer.status === 404 || answer.status === 410) return null;
    expectOk(answer);
    return { href: address, etag: answer.headers.get('etag') ?? '', text: await answer.text() };
  }

  async #put(a: CaldavAccess, fetch: typeof globalThis.fetch, present: Resource, data: string): Promise<void> {
    const { updateCalendarObject } = await tsdav();
    if (!present.etag) throw new AnswerRefused('caldav-answer-unreadable');
    const calendarObject = { url: present.href, etag: present.etag, data };
    const answer = await updateCalendarObject({ calendarObject, headers: headersOf(a), fetch });
    if (answer.status === 412 || answer.status === 404) throw new EventChanged();
    expectOk(answer);
  }
}

const DATA = { 'd:getetag': {}, 'c:calendar-data': {} };

const tsdav = (): Promise<typeof Tsdav> => import('tsdav');

function expectOk(answer: { ok: boolean; status: number }): void {
  if (!answer.ok) throw new CalendarRefused(`caldav-${answer.status}`);
}

const addressOf = (a: CaldavAccess, eventId: string): string => new URL(`${eventId}.ics`, a.calendarUrl).href;

const basic = (at: Temporal.Instant): string => at.round('second').toString().replaceAll(/[-:]/g, '');
