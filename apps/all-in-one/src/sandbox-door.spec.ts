import type { Principal, Role } from '@avtala/access';
import { sessionCookie } from '@avtala/access';
import { FixedClock } from '@avtala/time';
import { afterAll, beforeAll, expect, it, test } from '@jest/globals';
import express from 'express';
import { createServer, type Server } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sandboxDoor } from './sandbox-door.js';

const SECRET = 'a-secret-of-this-test';
let control: Server;
let front: Server;
let url: string;
const asked: string[] = [];
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const listening = (server: Server) => new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));

beforeAll(async () => {
  control = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => (body += chunk));
    req.on('end', () => {
      asked.push(`${req.method} ${req.url} ${body} ${req.headers.cookie ?? ''}`.trim());
      if (req.url === '/sandbox/dead') return void req.socket.destroy();
      if (req.url === '/sandbox/raw')
        return void res.setHeader('content-type', 'text/plain; charset=utf-8').end('Från: Å');
      const known = req.url?.startsWith('/sandbox/state');
      res.writeHead(known ? 200 : 409, { 'content-type': 'application/json' });
      res.end(
        JSON.stringify(known ? { now: 'x' } : { code: 'clock-moving', message: 'The clock is being moved already' }),
      );
    });
  });
  await listening(control);
  const principalOf = async (token: string): Promise<Principal | undefined> => {
    const [role, aal] = token.split('-');
    return role === 'nobody' ? undefined : ({ role: role as Role, aal: Number(aal ?? 2) } as Principal);
  };
  const app = express().use(
    '/sandbox',
    sandboxDoor({
      control: `http://127.0.0.1:${portOf(control)}`,
      clock: new FixedClock('2027-03-01T09:00:00Z'),
      sessions: { principalOf },
      authSecret: SECRET,
      ownOrigins: [],
    }),
  );
  front = createServer(app);
  await listening(front);
  url = `http://127.0.0.1:${portOf(front)}`;
});
afterAll(() => {
  control.close();
  front.close();
  front.closeAllConnections();
});

/** The path as it is written: fetch would tidy it up. */
const ask = (
  path: string,
  as?: string,
  more: { method?: string; body?: string; headers?: Record<string, string> } = {},
) =>
  new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const cookie = as ? { cookie: sessionCookie(as, SECRET).split(';', 1)[0]! } : {};
    const origin = more.method ? { origin: url } : {};
    const sent = request(
      url,
      { method: more.method ?? 'GET', path, headers: { ...cookie, ...origin, ...more.headers } },
      (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        res.on('end', () => resolve({ status: res.statusCode!, text, headers: res.headers }));
      },
    );
    sent.on('error', reject);
    sent.end(more.body);
  });
const JSON_BODY = { 'content-type': 'application/json' };

test.each([
  [undefined, 401],
  ['nobody', 401],
  ['client', 403],
  ['admin-1', 403],
  ['booker', 200],
  ['supervisor', 200],
  ['dpo', 200],
  ['admin', 200],
])('%s is answered %d', async (as, status) => {
  const before = asked.length;
  expect((await ask('/sandbox/state', as)).status).toBe(status);
  expect(asked.length - before).toBe(status === 200 ? 1 : 0);
});

it('passes method, path, query and JSON on, and no cookie', async () => {
  await ask('/sandbox/state?limit=2', 'admin', { method: 'POST', body: '{"by":"hour"}', headers: JSON_BODY });
  expect(asked.at(-1)).toBe('POST /sandbox/state?limit=2 {"by":"hour"}');
  const raw = await ask('/sandbox/raw', 'admin');
  expect(raw).toMatchObject({ text: 'Från: Å', headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } }); // prettier-ignore
});

it('says the sandbox’s refusals as problems, and that it is away', async () => {
  const moving = await ask('/sandbox/clock', 'admin', { method: 'POST', body: '{}', headers: JSON_BODY });
  expect([moving.status, moving.headers['content-type']]).toEqual([409, 'application/problem+json; charset=utf-8']);
  expect(JSON.parse(moving.text)).toMatchObject({
    code: 'clock-moving',
    status: 409,
    detail: 'The clock is being moved already',
  });
  expect(JSON.parse((await ask('/sandbox/dead', 'admin')).text)).toMatchObject({ code: 'sandbox-away', status: 503 });
});

test.each([
  ['another site', { method: 'POST', headers: { origin: 'https://evil.example' } }, 403],
  ['no JSON', { method: 'POST', body: '{"by":', headers: JSON_BODY }, 400],
  ['a lot of JSON', { method: 'POST', body: JSON.stringify({ a: 'x'.repeat(200_000) }), headers: JSON_BODY }, 413],
])('refuses %s', async (_, more, status) => {
  const before = asked.length;
  expect([(await ask('/sandbox/state', 'admin', more)).status, asked.length - before]).toEqual([status, 0]);
});

test.each([
  '/sandbox/../clock',
  '/sandbox/%2e%2e/clock',
  '/sandbox/..%2fclock',
  '/sandbox//evil.example/x',
  '/sandbox',
])('%s leads to nothing else of the control', async (path) => {
  const before = asked.length;
  const { status } = await ask(path, 'admin');
  const passed = asked.slice(before).filter((line) => !line.startsWith('GET /sandbox/'));
  expect([passed, status >= 400]).toEqual([[], true]);
});

it('tells everybody that this is the sandbox, and its time', async () => {
  expect(JSON.parse((await ask('/sandbox/bar')).text)).toEqual({ now: '2027-03-01T09:00:00Z' });
});
