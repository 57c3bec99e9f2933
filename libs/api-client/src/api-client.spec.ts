import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiClient } from './index.js';

const BOOKING = '0b0f3c54-5d3e-4a53-9d3f-2f8f6f0a1c01';

describe('the generated client', () => {
  let server: Server;
  let seen: IncomingMessage;
  let answer: { status: number; type: string; body: object };
  const client = () => apiClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen = request;
      response.writeHead(answer.status, { 'content-type': answer.type }).end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('fills the path, sends the key, and gives the answer its type', async () => {
    answer = { status: 200, type: 'application/json', body: { id: BOOKING, sequence: 1 } };
    const { data, error } = await client().POST('/api/v1/bookings/{id}/move', {
      params: { path: { id: BOOKING }, header: { 'Idempotency-Key': 'move-1' } },
      body: { startsAt: '2027-03-08T09:00:00Z' },
    });
    expect(error).toBeUndefined();
    expect(data?.sequence).toBe(1);
    expect(seen.method).toBe('POST');
    expect(seen.url).toBe(`/api/v1/bookings/${BOOKING}/move`);
    expect(seen.headers['idempotency-key']).toBe('move-1');
  });

  it('hands a problem over as a value, with its stable code', async () => {
    answer = {
      status: 409,
      type: 'application/problem+json',
      body: { title: 'The time is taken', status: 409, code: 'slot-taken' },
    };
    const { data, error, response } = await client().GET('/api/v1/bookings/{id}', {
      params: { path: { id: BOOKING } },
    });
    expect(data).toBeUndefined();
    expect(response.status).toBe(409);
    expect(error?.code).toBe('slot-taken');
  });
});

it('whoever changes where data goes, or what may bring some, has just proved who they are (docs/security.md §1.3)', async () => {
  const weighty =
    /^\/api\/v1\/(calendar-connections|crm-connections(\/\{id\}\/(reconnect|mapping))?|leads\/exports(\/.*)?|engagements\/\{id\}\/api-keys)$/;
  const found: string[] = [];
  for (const service of ['agency', 'crm-sync', 'lead-intake', 'scheduling']) {
    const file = new URL(`../../../apps/${service}/openapi.json`, import.meta.url);
    const { paths } = JSON.parse(await readFile(file, 'utf8')) as { paths: Record<string, Record<string, object>> };
    for (const [path, verbs] of Object.entries(paths))
      for (const [verb, operation] of Object.entries(verbs)) {
        if (!weighty.test(path) || (verb === 'get' && !path.endsWith('/file'))) continue;
        found.push(`${verb} ${path}`);
        expect([verb, path, operation]).toMatchObject([verb, path, { 'x-step-up': true }]);
      }
  }
  expect(found).toHaveLength(7);
});
