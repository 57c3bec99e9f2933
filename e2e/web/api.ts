import { randomUUID } from 'node:crypto';

/** One signed-in person asking the real API, for setting a scene. */
export class Api {
  constructor(
    readonly url: string,
    readonly cookie: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.need('GET', path);
  }
  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.need('POST', path, body);
  }
  put<T>(path: string, body: unknown): Promise<T> {
    return this.need('PUT', path, body);
  }

  /** The answer whatever it is. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    key: string = randomUUID(),
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        cookie: this.cookie,
        origin: new URL(this.url).origin,
        'idempotency-key': key,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? (JSON.parse(text) as unknown) : undefined };
  }

  /** What was made a moment ago in one service is on its way to the others: 404, 409 and 503 are tried again, for ten seconds. */
  private async need<T>(method: string, path: string, body?: unknown): Promise<T> {
    const key = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const answer = await this.ask(method, path, body, key);
      if (answer.status < 300) return answer.body as T;
      if (![404, 409, 503].includes(answer.status) || attempt === 100)
        throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
      await new Promise((r) => setTimeout(r, 100));
    }
  }
}
