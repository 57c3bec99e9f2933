import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { JsonFile, Shards } from '../files.js';
import { momentOf, type EventBody } from './event-shape.js';
import { googleError } from './google-error.js';

/** A calendar and what the test told about it. */
export interface Calendar {
  id: string;
  timeZone: string;
  busy: { start: string; end: string }[];
  unreadable: boolean;
  /** Counts every change of the calendar's events. */
  changes: number;
  /** The seeded busy times as events, former ones too. */
  seeds: { id: string; start: string; end: string; gone: boolean; changed: number }[];
}

/** An event as it stands, deleted ones too: they keep id and text, as the vendor's do. */
export interface StoredEvent {
  calendarId: string;
  version: number;
  /** Number of the calendar's change that it was last changed by. */
  changed?: number;
  resource: EventBody & { id: string; status: string; sequence: number };
}

/** Calendars and events in files, one per event. */
export class Calendars {
  /** Writes for which the vendor itself would have mailed the guests: ours must be none. */
  notified = 0;

  private constructor(
    private readonly calendars: JsonFile<Record<string, Calendar>>,
    private readonly events: Shards<StoredEvent>,
  ) {}

  static async open(dir: string): Promise<Calendars> {
    const shardOf = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 32);
    return new Calendars(
      await JsonFile.open(join(dir, 'google', 'calendars.json'), {}),
      await Shards.open<StoredEvent>(join(dir, 'google', 'events'), shardOf),
    );
  }

  list(): Calendar[] {
    return Object.values(this.calendars.value);
  }

  all(): StoredEvent[] {
    return [...this.events.values()];
  }

  /** A calendar comes into being when it is first asked for, but for ids that begin with `missing`.
   * @throws Refusal 404 */
  async calendar(id: string): Promise<Calendar> {
    const known = this.calendars.value[id];
    if (known) return { ...EMPTY, ...known };
    if (id.startsWith('missing')) throw googleError(404, 'notFound', 'Not Found');
    return this.change(id, {});
  }

  async change(id: string, change: Partial<Omit<Calendar, 'id'>>): Promise<Calendar> {
    const before: Calendar = { ...EMPTY, ...this.calendars.value[id], id };
    const after = { ...before, ...change };
    if (change.busy) {
      after.changes = before.changes + 1;
      after.seeds = seedsOf(before, change.busy, after.changes);
    }
    this.calendars.value = { ...this.calendars.value, [id]: after };
    await this.calendars.save();
    return after;
  }

  find(calendarId: string, id: string): StoredEvent | undefined {
    return this.events.get(`${calendarId} ${id}`);
  }

  async store(event: StoredEvent): Promise<void> {
    const key = `${event.calendarId} ${event.resource.id}`;
    const { changes } = { ...EMPTY, ...this.calendars.value[event.calendarId] };
    // In memory at once, so that no two changes get one number; on disk before anybody is answered.
    const counted = this.change(event.calendarId, { changes: changes + 1 });
    this.events.set(key, { ...event, changed: changes + 1 });
    await Promise.all([counted, this.events.saved([key])]);
  }

  of(calendarId: string): StoredEvent[] {
    return this.all().filter((e) => e.calendarId === calendarId);
  }

  /** Merged busy spans of a calendar between two moments, in milliseconds. */
  busy(calendar: Calendar, from: number, to: number): [number, number][] {
    const told = calendar.busy.map((b) => [Date.parse(b.start), Date.parse(b.end)] as [number, number]);
    const booked = this.of(calendar.id)
      .filter(({ resource }) => resource.status !== 'cancelled' && resource.transparency !== 'transparent')
      .map(({ resource }) => spanOf(resource, calendar.timeZone));
    const spans = [...told, ...booked].filter(([start, end]) => end > from && start < to).sort((a, b) => a[0] - b[0]);
    const merged: [number, number][] = [];
    for (const [start, end] of spans) {
      const last = merged.at(-1);
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else merged.push([Math.max(start, from), end]);
    }
    return merged.map(([start, end]) => [start, Math.min(end, to)]);
  }
}

const EMPTY: Calendar = {
  id: '',
  timeZone: 'Europe/Stockholm',
  busy: [],
  unreadable: false,
  changes: 0,
  seeds: [],
};

function seedsOf(
  before: Calendar,
  busy: readonly { start: string; end: string }[],
  changed: number,
): Calendar['seeds'] {
  const now = new Map(busy.map(({ start, end }) => [seedId(start, end), { start, end }]));
  const known = new Map(before.seeds.map((s) => [s.id, s]));
  const kept = before.seeds.map((s) => (now.has(s.id) === !s.gone ? s : { ...s, gone: !s.gone, changed }));
  const added = [...now].filter(([id]) => !known.has(id)).map(([id, span]) => ({ id, ...span, gone: false, changed }));
  return [...kept, ...added];
}

const seedId = (start: string, end: string): string =>
  `seed${createHash('sha256').update(`${start} ${end}`).digest('hex').slice(0, 20)}`;

export function spanOf(event: EventBody, zone: string): [number, number] {
  return [momentOf(event.start, zone, 'start'), momentOf(event.end, zone, 'end')];
}
