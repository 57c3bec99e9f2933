import ICAL from 'ical.js';
import { mkdir } from 'node:fs/promises';
import type { GoogleEvent } from './sandbox-control.js';

const USER = 'client-two';
const PASSWORD = 'sandbox-caldav';

/** A real CalDAV server on loopback with the second client's hosts on it. */
export interface CalDav {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** A calendar of one host. @returns its address */
  addCalendar(name: string): Promise<string>;
  /** What stands in all of them, in the form of the other stand-in's events. */
  events(): Promise<GoogleEvent[]>;
  stop(): Promise<void>;
}

/** @returns undefined where this machine has no Python that can run one */
export async function openCalDav(dir: string): Promise<CalDav | undefined> {
  await mkdir(dir, { recursive: true });
  const { RadicaleUnavailable, startRadicale } = await import('@avtala/test-kit');
  const server = await startRadicale({ dir }).catch((error: unknown) => {
    if (error instanceof RadicaleUnavailable) return undefined;
    throw error;
  });
  if (!server) return undefined;
  await server.addUser(USER, PASSWORD);
  const calendars: string[] = [];
  return {
    url: server.url,
    username: USER,
    password: PASSWORD,
    addCalendar: async (name) => {
      const address = await server.addCalendar(USER, PASSWORD, name);
      calendars.push(address);
      return address;
    },
    events: async () => (await Promise.all(calendars.map(read))).flat(),
    stop: () => server.stop(),
  };
}

async function read(calendarId: string): Promise<GoogleEvent[]> {
  const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  const response = await fetch(calendarId, { headers: { authorization } });
  if (!response.ok) throw new Error(`The CalDAV server answered ${response.status}`);
  const text = await response.text();
  if (!text.trim()) return [];
  const events = new ICAL.Component(ICAL.parse(text) as unknown[]).getAllSubcomponents('vevent');
  return events.map((component) => {
    const event = new ICAL.Event(component);
    const at = (time: ICAL.Time) => ({ dateTime: time.toJSDate().toISOString() });
    return { id: event.uid, calendarId, status: 'confirmed', start: at(event.startDate), end: at(event.endDate) };
  });
}
