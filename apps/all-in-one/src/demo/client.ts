import { randomUUID } from 'node:crypto';
import type { Journal } from './journal.js';

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly body: T;
}

/** The service answered something the demo cannot go on from. */
export class Unexpected extends Error {
  constructor(method: string, path: string, answer: Answer) {
    super(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    this.name = 'Unexpected';
  }
}

/** What is going on between the client and the service; the killer looks at it. */
export class Traffic {
  inFlight = 0;
  private waiting: (() => Promise<void>) | undefined;

  /** Called when the service cannot be reached: resolves when it is back. */
  onAway(wait: () => Promise<void>): void {
    this.waiting = wait;
  }

  async away(): Promise<void> {
    if (this.waiting) await this.waiting();
  }
}

const PATIENCE_MS = 120_000;

/** One signed-in person (or nobody) talking to the API. A request whose answer was lost in a kill is sent again with the same
 * Idempotency-Key; an answer is in the journal, on disk, before the next request. */
export class Client {
  constructor(
    private readonly baseUrl: string,
    private readonly journal: Journal,
    private readonly traffic: Traffic,
    private cookie?: string,
  ) {}

  as(cookie: string): Client {
    return new Client(this.baseUrl, this.journal, this.traffic, cookie);
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.send<T>('GET', path, undefined, {});
  }

  post<T>(path: string, body: unknown = {}, key: string = randomUUID()): Promise<Answer<T>> {
    return this.send<T>('POST', path, JSON.stringify(body), {
      'content-type': 'application/json',
      'idempotency-key': key,
    });
  }

  put<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.send<T>('PUT', path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  upload<T>(path: string, bytes: Uint8Array, contentType: string): Promise<Answer<T>> {
    return this.send<T>('POST', path, bytes, { 'content-type': contentType, 'idempotency-key': randomUUID() });
  }

  /** Throws unless the answer has one of the statuses. */
  async need<T>(answer: Promise<Answer<T>>, ...statuses: number[]): Promise<T> {
    const a = await answer;
    if (!(statuses.length ? statuses : [200, 201, 202, 204]).includes(a.status))
      throw new Unexpected('request', '', a as Answer);
    return a.body;
  }

  private async send<T>(
    method: string,
    path: string,
    body: string | Uint8Array | undefined,
    headers: Record<string, string>,
  ): Promise<Answer<T>> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      this.traffic.inFlight++;
      try {
        const response = await fetch(`${this.baseUrl}${path}`, {
          method,
          headers: { ...headers, origin: this.baseUrl, ...(this.cookie ? { cookie: this.cookie } : {}) },
          ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
          redirect: 'manual',
        });
        const text = await response.text();
        const parsed = (text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {}) as T;
        // 503 and a concurrent twin of our own repeated request are "not yet": the service says so itself.
        const again =
          response.status === 503 ||
          (response.status === 409 && (parsed as { code?: string }).code === 'idempotency-key-in-use');
        if (!again || Date.now() > deadline) {
          if (method !== 'GET' && response.status < 500) {
            const id = (parsed as { id?: unknown }).id;
            this.journal.note({ method, path, status: response.status, ...(typeof id === 'string' ? { id } : {}) });
          }
          return { status: response.status, body: parsed };
        }
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`${method} ${path} got no answer`, { cause: error });
      } finally {
        this.traffic.inFlight--;
      }
      await this.traffic.away();
      await new Promise((r) => setTimeout(r, 50));
    }
  }
}
