import { randomUUID } from 'node:crypto';
import { request } from 'node:http';

/** A request as a hostile client sends it: the path goes out as it is written, and any header can be wrong. */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
  /** Instead of `json`. */
  readonly raw?: string | Uint8Array;
  /** Added to, and instead of, those a good client sends; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** Sends with what a good client would send (own Origin, an Idempotency-Key on POST, JSON as JSON) unless the ask says otherwise. */
export function send(baseUrl: string, ask: Ask, cookie?: string): Promise<Answer> {
  const url = new URL(baseUrl);
  const body = ask.raw ?? (ask.json === undefined ? undefined : JSON.stringify(ask.json));
  const headers: Record<string, string | string[] | undefined> = {
    origin: url.origin,
    ...(cookie ? { cookie } : {}),
    ...(ask.method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}` }),
    ...ask.headers,
  };
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: url.hostname, port: url.port, method: ask.method, path: ask.path, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const type = String(response.headers['content-type'] ?? '');
          resolve({
            status: response.statusCode!,
            type,
            headers: response.headers,
            text,
            body: text && type.includes('json') ? (JSON.parse(text) as Record<string, unknown>) : {},
          });
        });
      },
    );
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) asked.setHeader(name, value);
    asked.on('error', reject);
    asked.end(body);
  });
}
