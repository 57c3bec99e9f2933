import type { Calendar, StoredEvent } from './calendars.js';
import { googleError } from './google-error.js';

/** What one event looks like in a list, and when in its calendar it last changed. */
export interface Listed {
  id: string;
  changed: number;
  resource: Record<string, unknown>;
}

/** What a token remembers: the calendar, how far it was read, and how. */
interface SyncToken {
  calendar: string;
  upTo: number;
  singleEvents: boolean;
}

interface PageToken {
  calendar: string;
  offset: number;
  query: string;
}

/** Parameters the vendor refuses beside a sync token, since they would make its memory wrong. */
export const NOT_WITH_SYNC = ['iCalUID', 'orderBy', 'privateExtendedProperty', 'timeMin', 'timeMax'] as const;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode<T>(text: string): T {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as T;
  } catch {
    throw googleError(400, 'invalid', 'Invalid token value.');
  }
}

export const syncTokenOf = (calendar: Calendar, singleEvents: boolean): string =>
  encode({ calendar: calendar.id, upTo: calendar.changes, singleEvents } satisfies SyncToken);

/** @returns the number of the last change the client knows of
 * @throws Refusal 400 it is none of this calendar's, or of another kind of list */
export function knownUpTo(text: string, calendar: Calendar, singleEvents: boolean): number {
  const token = decode<SyncToken>(text);
  if (token.calendar !== calendar.id || !Number.isInteger(token.upTo) || token.singleEvents !== singleEvents) {
    throw googleError(400, 'invalid', 'Invalid sync token value.');
  }
  return token.upTo;
}

export const pageTokenOf = (calendar: Calendar, offset: number, query: string): string =>
  encode({ calendar: calendar.id, offset, query } satisfies PageToken);

/** @throws Refusal 400 a page of another list */
export function offsetOf(text: string | null, calendar: Calendar, query: string): number {
  if (text === null) return 0;
  const token = decode<PageToken>(text);
  if (token.calendar !== calendar.id || token.query !== query || !Number.isInteger(token.offset)) {
    throw googleError(400, 'invalid', 'Invalid page token value.');
  }
  return token.offset;
}

/** Events as a list shows them: a deleted one without its text, as the vendor does, and what a test seeded as busy. */
export function listedOf(calendar: Calendar, events: readonly StoredEvent[]): Listed[] {
  const seeds = calendar.seeds.map((s) => ({
    id: s.id,
    changed: s.changed,
    resource: {
      ...{ kind: 'calendar#event', id: s.id, status: s.gone ? 'cancelled' : 'confirmed' },
      ...(s.gone ? {} : { start: { dateTime: s.start }, end: { dateTime: s.end } }),
    },
  }));
  return [...seeds, ...events.map((e) => ({ id: e.resource.id, changed: e.changed ?? 0, resource: shownOf(e) }))];
}

function shownOf(e: StoredEvent): Record<string, unknown> {
  const { kind, id, status } = e.resource;
  return status === 'cancelled' ? { kind, id, status } : { ...e.resource, etag: `"${e.version}"` };
}
