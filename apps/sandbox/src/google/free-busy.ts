import { Refusal, type Reply } from '../web.js';
import type { Calendars } from './calendars.js';
import type { CalendarCall } from './events.js';
import { BadEvent, googleError } from './google-error.js';

const KNOWN = new Set(['timeMin', 'timeMax', 'timeZone', 'items', 'groupExpansionMax', 'calendarExpansionMax']);
const MOST = 50;

/** freeBusy.query: one bad calendar does not fail the others, it answers with `errors` in its place and no `busy` to trust. */
export async function freeBusy(calendars: Calendars, call: CalendarCall): Promise<Reply> {
  const { from, to, items } = checked(call.body);
  const answers: Record<string, unknown> = {};
  for (const { id } of items) {
    answers[id] = await one(calendars, call, id, from, to);
  }
  const iso = (ms: number) => new Date(ms).toISOString();
  return { status: 200, body: { kind: 'calendar#freeBusy', timeMin: iso(from), timeMax: iso(to), calendars: answers } };
}

async function one(calendars: Calendars, call: CalendarCall, id: string, from: number, to: number) {
  const error = (reason: string) => ({ errors: [{ domain: 'global', reason }], busy: [] });
  if (call.broken(id)) return error('backendError');
  try {
    const calendar = await calendars.calendar(id);
    if (calendar.unreadable) return error('notFound');
    const busy = calendars.busy(calendar, from, to);
    return {
      busy: busy.map(([start, end]) => ({ start: new Date(start).toISOString(), end: new Date(end).toISOString() })),
    };
  } catch (e) {
    if (e instanceof Refusal) return error('notFound');
    throw e;
  }
}

function checked(body: unknown): { from: number; to: number; items: { id: string }[] } {
  if (typeof body !== 'object' || body === null) throw new BadEvent('body must be an object');
  for (const name of Object.keys(body)) if (!KNOWN.has(name)) throw new BadEvent(`/${name} is not a field`);
  const { timeMin, timeMax, items } = body as { timeMin?: unknown; timeMax?: unknown; items?: unknown };
  const [from, to] = [instant(timeMin, 'timeMin'), instant(timeMax, 'timeMax')];
  if (!Array.isArray(items) || !items.every((i: unknown) => typeof (i as { id?: unknown } | null)?.id === 'string')) {
    throw new BadEvent('/items must be a list of {id}');
  }
  if (to <= from) throw googleError(400, 'timeRangeEmpty', 'The specified time range is empty.', 'calendar');
  if (items.length > MOST)
    throw googleError(400, 'tooManyCalendarsRequested', 'Too many calendars requested', 'calendar');
  return { from, to, items: items as { id: string }[] };
}

function instant(value: unknown, name: string): number {
  const ms = typeof value === 'string' && /(Z|[+-]\d{2}:\d{2})$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new BadEvent(`/${name} must be an RFC 3339 moment with an offset`);
  return ms;
}
