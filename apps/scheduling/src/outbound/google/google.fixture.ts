import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface StoredEvent {
  id: string;
  status: string;
  summary?: string;
  description?: string;
  start?: { dateTime: string };
  end?: { dateTime: string };
  [field: string]: unknown;
}

/** As much of Google Calendar as the tests need: client ids, 409 on reuse, cancelled events that keep their text, and bad days. */
export class FakeGoogle {
  readonly events = new Map<string, StoredEvent>();
  busy: { start: string; end: string }[] = [];
  /** What goes wrong, until it is cleared. */
  fault: 'none' | 'down' | 'refuses' | 'lies' | 'timeout-after-commit' | 'unreadable' | 'expired-token' = 'none';
  /** Another one: those given before are too old. */
  syncToken = 's1';
  readonly calls: string[] = [];
  /** Called when a write arrives, before it is done. */
  onWrite: (() => Promise<void> | void) | undefined;
  #server: Server | undefined;
  #tokens = 0;

  async start(): Promise<{ baseUrl: string; tokenUrl: string }> {
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        ([status, body]) => {
          if (status === 0) return void response.destroy();
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(body === undefined ? undefined : JSON.stringify(body));
        },
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve));
    const root = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return { baseUrl: root, tokenUrl: `${root}/token` };
  }

  stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown?]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url!, 'http://x');
    if (url.pathname === '/token') return [200, { access_token: `t${++this.#tokens}`, expires_in: 3599 }];
    const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
    const id = /\/events\/([^/]+)$/.exec(url.pathname)?.[1];
    this.calls.push(`${request.method} ${id ? 'event' : url.pathname.split('/').at(-1)}`);
    if (this.fault === 'down') return [503, { error: { message: 'anna@lead.example' } }];
    if (this.fault === 'refuses') return [400, {}];
    if (this.fault === 'expired-token' && request.headers.authorization === `Bearer t${this.#tokens}`) {
      this.fault = 'none';
      return [401, {}];
    }
    if (url.pathname.endsWith('/events') && request.method === 'GET')
      return this.#list(url.searchParams.get('syncToken'));
    if (url.pathname.endsWith('/freeBusy')) return this.#freeBusy(body);
    if (request.method !== 'GET') {
      if (url.searchParams.get('sendUpdates') !== 'none') return [400, { error: 'would mail people' }];
      await this.onWrite?.();
    }
    const answer = this.#events(request.method!, id, body);
    if (this.fault === 'timeout-after-commit' && request.method !== 'GET') {
      this.fault = 'none';
      return [0];
    }
    return answer;
  }

  #freeBusy(body: Record<string, unknown>): [number, unknown] {
    const [{ id }] = body.items as [{ id: string }];
    const calendar =
      this.fault === 'unreadable'
        ? { errors: [{ domain: 'global', reason: 'notFound' }], busy: [] }
        : { busy: this.busy };
    return [200, { calendars: { [id]: calendar } }];
  }

  /** Everything every time it is asked, as after a 410; and `expired` answers one. */
  #list(syncToken: string | null): [number, unknown?] {
    if (this.fault === 'unreadable') return [404, {}];
    if (syncToken !== null && syncToken !== this.syncToken) return [410, {}];
    const busy = this.busy.map((b, i) => ({
      id: `busy${i}`,
      status: 'confirmed',
      start: { dateTime: b.start },
      end: { dateTime: b.end },
    }));
    const items = [...this.events.values(), ...busy].map(({ id, status, start, end }) => ({ id, status, start, end }));
    return [200, { timeZone: 'Europe/Stockholm', items, nextSyncToken: this.syncToken }];
  }

  #events(method: string, id: string | undefined, body: Record<string, unknown>): [number, unknown?] {
    if (method === 'POST') {
      const event = body as StoredEvent;
      if (this.events.has(event.id)) return [409, {}];
      this.events.set(event.id, { ...event, status: 'confirmed' });
      return [200, event];
    }
    const event = this.events.get(id!);
    if (!event) return [404, {}];
    if (method === 'GET') return [200, event];
    if (method === 'PATCH') {
      if (this.fault !== 'lies') Object.assign(event, body);
      return [200, event];
    }
    if (event.status === 'cancelled') return [410, {}];
    if (this.fault !== 'lies') event.status = 'cancelled';
    return [204];
  }
}
