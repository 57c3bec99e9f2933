import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CaldavAccess } from '../host-calendar.js';

/** A person on the run's CalDAV server with one calendar; undefined where this machine cannot run one (a failure under CI=true). */
export async function personOfRun(): Promise<(CaldavAccess & { serverUrl: string; host: string }) | undefined> {
  const door = process.env['AVTALA_TEST_CALDAV'];
  if (!door) throw new Error('No CalDAV for tests: name the file x.int.spec.ts and run it with AVTALA_TESTS=int');
  const response = await fetch(door, { signal: AbortSignal.timeout(120_000) });
  const answer = (await response.json()) as Record<'url' | 'username' | 'password' | 'calendarUrl', string> & {
    problem?: string;
  };
  if (answer.problem && process.env['CI'] === 'true') throw new Error(answer.problem);
  if (answer.problem) return undefined;
  const { url, username, password, calendarUrl } = answer;
  const of = { connectionId: 'c', zone: 'Europe/Stockholm', calendarUrl, username, password };
  return { kind: 'caldav', ...of, serverUrl: url, host: new URL(url).host };
}

/** What the owner does in their own calendar. */
export class Owner {
  constructor(private readonly access: CaldavAccess) {}

  async put(name: string, lines: readonly string[]): Promise<number> {
    return this.putText(name, ics(`${name}@client.example`, lines));
  }

  async putText(name: string, text: string, headers: Record<string, string> = {}): Promise<number> {
    return (await this.#call('PUT', name, { 'content-type': 'text/calendar', ...headers }, text)).status;
  }

  async remove(name: string): Promise<number> {
    return (await this.#call('DELETE', name)).status;
  }

  async text(name: string): Promise<string | undefined> {
    const answer = await this.#call('GET', name);
    return answer.ok ? answer.text() : undefined;
  }

  #call(method: string, name: string, headers: Record<string, string> = {}, body?: string): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${this.access.username}:${this.access.password}`).toString('base64')}`;
    return fetch(`${this.access.calendarUrl}${name}.ics`, {
      method,
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }
}

export const ics = (uid: string, lines: readonly string[], outside: readonly string[] = []): string =>
  [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Client//EN', ...outside, 'BEGIN:VEVENT', `UID:${uid}`],
    ...['DTSTAMP:20270101T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''],
  ].join('\r\n');

/** A server with bad manners. @returns its address and how to stop it */
export async function badServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; host: string; stop: () => void }> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${host}/`, host, stop };
}
