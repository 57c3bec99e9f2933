import { randomBytes } from 'node:crypto';
import type { Asked, Params, Reply } from '../web.js';
import { spanOf, type Calendar, type Calendars, type StoredEvent } from './calendars.js';
import { knownUpTo, listedOf, NOT_WITH_SYNC, offsetOf, pageTokenOf, syncTokenOf, type Listed } from './changes.js';
import { checkEvent, type EventBody } from './event-shape.js';
import { BadEvent, googleError } from './google-error.js';
import { partial } from './partial.js';

/** One authorised request. */
export interface CalendarCall {
  asked: Asked;
  params: Params;
  body: unknown;
  at: string;
  lies(): boolean;
  broken(calendarId: string): boolean;
  /** Whether the sync token is to be too old this time. */
  expired(): boolean;
}

const ID = /^[a-v0-9]{5,1024}$/;

/** events.* of the calendar API. */
export class Events {
  constructor(private readonly calendars: Calendars) {}

  async insert(call: CalendarCall): Promise<Reply> {
    const calendar = await this.writable(call);
    const body = checkEvent(call.body);
    if (body.id !== undefined && body.iCalUID !== undefined) throw new BadEvent('/id and iCalUID exclude each other');
    if (body.id !== undefined && !ID.test(body.id)) throw googleError(400, 'invalid', 'Invalid resource id value.');
    const id = body.id ?? newId();
    // An id is used up for ever, also by a deleted event.
    if (this.calendars.find(calendar.id, id)) {
      throw googleError(409, 'duplicate', 'The requested identifier already exists.');
    }
    checkSpan(body, calendar);
    const resource = {
      ...{ kind: 'calendar#event', iCalUID: `${id}@google.com`, created: call.at },
      ...{ creator: { email: calendar.id }, organizer: { email: calendar.id, self: true } },
      ...{ ...body, id, status: body.status ?? 'confirmed', sequence: body.sequence ?? 0, updated: call.at },
    };
    return this.keep(call, { calendarId: calendar.id, version: 1, resource });
  }

  async get(call: CalendarCall): Promise<Reply> {
    const event = this.existing(await this.readable(call), call);
    if (call.asked.headers['if-none-match'] === etag(event)) return { status: 304 };
    return shown(event);
  }

  async patch(call: CalendarCall): Promise<Reply> {
    const calendar = await this.writable(call);
    const event = this.existing(calendar, call);
    const change = checkEvent(call.body);
    requireMatch(call, event);
    const merged: EventBody = merge(event.resource, change) as EventBody;
    return this.rewrite(call, calendar, event, change, merged);
  }

  async update(call: CalendarCall): Promise<Reply> {
    const calendar = await this.writable(call);
    const event = this.existing(calendar, call);
    const body = checkEvent(call.body);
    requireMatch(call, event);
    const { kind, iCalUID, created, creator, organizer, sequence } = event.resource;
    const fixed = { kind, iCalUID, created, creator, organizer, sequence, id: event.resource.id };
    return this.rewrite(call, calendar, event, body, { status: 'confirmed', ...fixed, ...body });
  }

  /** A deleted event keeps everything but its life: it still answers GET, with status `cancelled` and its text. */
  async remove(call: CalendarCall): Promise<Reply> {
    const calendar = await this.writable(call);
    const event = this.existing(calendar, call);
    if (event.resource.status === 'cancelled') throw googleError(410, 'deleted', 'Resource has been deleted');
    requireMatch(call, event);
    this.countNotice(call, event.resource);
    if (call.lies()) return { status: 204 };
    const resource = { ...event.resource, status: 'cancelled', updated: call.at };
    await this.calendars.store({ ...event, version: event.version + 1, resource });
    return { status: 204 };
  }

  /** Everything, or with a sync token what changed since: deleted ones included then. The next token comes with the last page. */
  async list(call: CalendarCall): Promise<Reply> {
    const calendar = await this.readable(call);
    const q = call.asked.query;
    const single = q.get('singleEvents') === 'true';
    const since = q.get('syncToken');
    if (since !== null) {
      const refused = NOT_WITH_SYNC.find((name) => q.has(name));
      if (refused || q.get('showDeleted') === 'false')
        throw googleError(400, 'invalid', `Sync token cannot be used with ${refused ?? 'showDeleted=false'}.`);
      if (call.expired()) throw googleError(410, 'fullSyncRequired', 'Sync token is no longer valid.', 'calendar');
    }
    const known = since === null ? 0 : knownUpTo(since, calendar, single);
    const all = listedOf(calendar, this.calendars.of(calendar.id));
    const found = since === null ? all.filter((e) => matches(e, q, calendar)) : all.filter((e) => e.changed > known);
    found.sort((a, b) => (a.id < b.id ? -1 : 1));
    const query = [...q].filter(([name]) => name !== 'pageToken').join('&');
    const start = offsetOf(q.get('pageToken'), calendar, query);
    const end = start + Math.min(Number(q.get('maxResults') ?? 250), 2500);
    const more = found.length > end;
    const body = {
      ...{ kind: 'calendar#events', timeZone: calendar.timeZone },
      items: found.slice(start, end).map((e) => e.resource),
      ...(more
        ? { nextPageToken: pageTokenOf(calendar, end, query) }
        : q.has('orderBy') || q.has('privateExtendedProperty') || q.has('iCalUID')
          ? {}
          : { nextSyncToken: syncTokenOf(calendar, single) }),
    };
    return { status: 200, body: partial(body, q.get('fields')) };
  }

  private async rewrite(
    call: CalendarCall,
    calendar: Calendar,
    event: StoredEvent,
    given: EventBody,
    merged: EventBody,
  ): Promise<Reply> {
    if (given.id !== undefined && given.id !== event.resource.id)
      throw googleError(400, 'invalid', 'Invalid resource id value.');
    checkSpan(merged, calendar);
    const current = event.resource.sequence;
    if (given.sequence !== undefined && given.sequence < current) {
      throw googleError(
        400,
        'invalid',
        'Invalid sequence value. The specified sequence number is below the current one.',
      );
    }
    const moved = String(spanOf(merged, calendar.timeZone)) !== String(spanOf(event.resource, calendar.timeZone));
    const sequence = given.sequence ?? (moved ? current + 1 : current);
    const resource = {
      ...merged,
      id: event.resource.id,
      status: merged.status ?? 'confirmed',
      sequence,
      updated: call.at,
    };
    return this.keep(call, { ...event, version: event.version + 1, resource });
  }

  private async keep(call: CalendarCall, event: StoredEvent): Promise<Reply> {
    this.countNotice(call, event.resource);
    await this.calendars.store(event);
    return shown(event);
  }

  private countNotice(call: CalendarCall, event: EventBody): void {
    const updates = call.asked.query.get('sendUpdates') ?? 'none';
    if (updates !== 'none' && event.attendees?.length) this.calendars.notified += 1;
  }

  private async readable(call: CalendarCall): Promise<Calendar> {
    const calendar = await this.calendars.calendar(call.params['calendarId'] as string);
    if (calendar.unreadable || call.broken(calendar.id)) throw googleError(404, 'notFound', 'Not Found');
    return calendar;
  }

  private writable(call: CalendarCall): Promise<Calendar> {
    const updates = call.asked.query.get('sendUpdates');
    if (updates !== null && !['all', 'externalOnly', 'none'].includes(updates))
      throw new BadEvent('sendUpdates is not one of all, externalOnly, none');
    return this.readable(call);
  }

  private existing(calendar: Calendar, call: CalendarCall): StoredEvent {
    const event = this.calendars.find(calendar.id, call.params['eventId'] as string);
    if (!event) throw googleError(404, 'notFound', 'Not Found');
    return event;
  }
}

function matches(e: Listed, q: URLSearchParams, calendar: Calendar): boolean {
  const { resource } = e as { resource: EventBody };
  if (resource.status === 'cancelled' && q.get('showDeleted') !== 'true') return false;
  if (q.has('iCalUID') && resource.iCalUID !== q.get('iCalUID')) return false;
  const shared = q.getAll('privateExtendedProperty').map((p) => p.split('='));
  if (!shared.every(([k = '', ...v]) => resource.extendedProperties?.private?.[k] === v.join('='))) return false;
  const [min, max] = [moment(q.get('timeMin')) ?? -Infinity, moment(q.get('timeMax')) ?? Infinity];
  if (!resource.start) return min === -Infinity && max === Infinity;
  const [start, end] = spanOf(resource, calendar.timeZone);
  return end > min && start < max;
}

const etag = (event: StoredEvent) => `"${event.version}"`;

function shown(event: StoredEvent): Reply {
  return { status: 200, body: { ...event.resource, etag: etag(event) }, headers: { etag: etag(event) } };
}

function requireMatch(call: CalendarCall, event: StoredEvent): void {
  const wanted = call.asked.headers['if-match'];
  if (wanted !== undefined && wanted !== '*' && wanted !== etag(event)) {
    throw googleError(412, 'conditionNotMet', 'Precondition Failed');
  }
}

function checkSpan(event: EventBody, calendar: Calendar): void {
  const [start, end] = spanOf(event, calendar.timeZone);
  if (end <= start) throw googleError(400, 'timeRangeEmpty', 'The specified time range is empty.', 'calendar');
}

/** Null takes a field away, objects are merged, lists replaced. */
function merge(before: unknown, change: unknown): unknown {
  if (!isObject(before) || !isObject(change)) return change;
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete after[name];
    else after[name] = merge(before[name], value);
  }
  return after;
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);

function moment(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /(Z|[+-]\d{2}:\d{2})$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw googleError(400, 'badRequest', 'Bad Request');
  return ms;
}

function newId(): string {
  return [...randomBytes(26)].map((b) => (b % 32).toString(32)).join('');
}
