import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const BODY_LIMIT = 20 * 1024 * 1024;

/** What a stand-in answers. `drop` = close the line without a word after that many ms. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: Uint8Array;
  drop?: number;
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  text: string;
}

/** An error that already knows its answer. */
export class Refusal extends Error {
  constructor(readonly reply: Reply) {
    super(`answers ${reply.status}`);
  }
}

/** A server on loopback, and how to stop it. */
export interface Listening {
  port: number;
  url: string;
  stop(): Promise<void>;
}

/** Listens on loopback.
 * @param port 0 = any; when `port` was only remembered from the last run and is taken, any other */
export async function listen(
  port: number,
  mayMove: boolean,
  handle: (asked: Asked) => Promise<Reply>,
): Promise<Listening> {
  const server = createServer((req, res) => void answer(req, res, handle));
  await bind(server, port, mayMove);
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function bind(server: Server, port: number, mayMove: boolean): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (mayMove && port !== 0 && error.code === 'EADDRINUSE') bind(server, 0, false).then(done, fail);
      else fail(error);
    });
    server.listen(port, '127.0.0.1', () => done());
  });
}

async function answer(req: IncomingMessage, res: ServerResponse, handle: (asked: Asked) => Promise<Reply>) {
  let reply: Reply;
  try {
    const url = new URL(req.url ?? '/', 'http://127.0.0.1');
    reply = await handle({
      method: req.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: req.headers,
      text: await readText(req),
    });
  } catch (error) {
    // The text of an unforeseen error could hold what the request held; only its class is told.
    reply =
      error instanceof Refusal
        ? error.reply
        : { status: 500, body: { message: 'stand-in failed', error: (error as Error).name } };
    if (!(error instanceof Refusal))
      process.stderr.write(`sandbox: ${(error as Error).stack?.split('\n').slice(1, 4).join(' ')}\n`);
  }
  if (reply.drop !== undefined) {
    setTimeout(() => res.socket?.destroy(), reply.drop).unref();
    return;
  }
  const raw = reply.raw ?? (reply.body === undefined ? undefined : Buffer.from(JSON.stringify(reply.body)));
  res.writeHead(reply.status, {
    ...(reply.raw || !raw ? {} : { 'content-type': 'application/json;charset=utf-8' }),
    ...(raw ? { 'content-length': String(raw.byteLength) } : {}),
    ...reply.headers,
  });
  res.end(raw);
}

async function readText(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of req) {
    size += (part as Buffer).byteLength;
    if (size > BODY_LIMIT) throw new Refusal({ status: 413, body: { message: 'too large' } });
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @throws Refusal made by `refuse` when the text is not JSON */
export function parseJson(text: string, refuse: () => Refusal): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse();
  }
}

export type Params = Record<string, string>;
export type Route<T> = { method: string; template: string; pattern: RegExp; run: T };

/** @param template a path with {names}; each stands for one segment */
export function route<T>(method: string, template: string, run: T): Route<T> {
  const pattern = new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
  return { method, template, pattern, run };
}

/** @returns the first route that fits, with its decoded parameters */
export function match<T>(routes: readonly Route<T>[], method: string, path: string): [Route<T>, Params] | undefined {
  for (const candidate of routes) {
    const found = candidate.method === method && candidate.pattern.exec(path);
    if (!found) continue;
    try {
      const decoded = Object.entries(found.groups ?? {}).map(([k, v]) => [k, decodeURIComponent(v)] as const);
      return [candidate, Object.fromEntries(decoded)];
    } catch {
      return undefined; // a broken %-escape is no known path
    }
  }
  return undefined;
}
