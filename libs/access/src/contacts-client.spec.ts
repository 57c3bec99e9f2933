import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, test } from '@jest/globals';
import { RetryLater } from '@avtala/contracts';
import { ContactsClient } from './contacts-client.js';
import { ServiceTokens } from './service-tokens.js';

const tokens = new ServiceTokens('scheduling', generateKeyPairSync('ed25519').privateKey);
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Asked {
  ids: string[];
  purpose: string;
}
async function door(answer: (asked: Asked, request: IncomingMessage, response: ServerResponse) => void) {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => answer(JSON.parse(body) as Asked, request, response));
  });
  await new Promise<void>((ready) => server!.listen(0, '127.0.0.1', ready));
  return new ContactsClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokens);
}

it('asks in chunks of a thousand, once per id, with a token for this purpose and event', async () => {
  const sizes: number[] = [];
  const callers: unknown[] = [];
  const client = await door(async ({ ids, purpose }, request, response) => {
    sizes.push(ids.length);
    callers.push([purpose, await tokens.verify(request.headers.authorization!.slice(7), 'lead-intake')]);
    response.end(JSON.stringify({ answers: ids.slice(1).map((i) => ({ id: i, status: 'erased' })) }));
  });
  const ids = Array.from({ length: 2100 }, (_, n) => id(n));
  const answers = await client.read([...ids, id(1)], 'invite', id(9));
  expect(sizes).toEqual([1000, 1000, 100]);
  expect(callers[0]).toEqual(['invite', { kind: 'service', service: 'scheduling', purpose: 'invite', eventId: id(9) }]);
  expect([answers.get(id(0)), answers.get(id(1))]).toEqual([
    { id: id(0), status: 'unknown' }, // nothing was said of it: never taken for a yes
    { id: id(1), status: 'erased' },
  ]);
});

test.each([
  ['500', 500, '{}'],
  ['503', 503, '{}'],
  ['429', 429, '{}'],
  ['an answer that is none', 200, '<html>'],
  ['an answer without answers', 200, '{"ok":true}'],
])('is tried again later on %s', async (_, status, body) => {
  const client = await door((_asked, _request, response) => response.writeHead(status).end(body));
  await expect(client.read([id(1)], 'crm', id(9))).rejects.toBeInstanceOf(RetryLater);
});

it('is tried again later when nobody is there, and when a redirect wants to lead elsewhere', async () => {
  const away = new ContactsClient('http://127.0.0.1:9', tokens);
  await expect(away.read([id(1)], 'crm', id(9))).rejects.toBeInstanceOf(RetryLater);
  const client = await door((_a, _r, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end());
  await expect(client.read([id(1)], 'crm', id(9))).rejects.toBeInstanceOf(RetryLater);
});

it('a refusal is a mistake of ours, not a reason to repeat', async () => {
  const client = await door((_a, _r, response) => response.writeHead(403).end('{}'));
  await expect(client.read([id(1)], 'crm', id(9))).rejects.not.toBeInstanceOf(RetryLater);
});
