import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RunningAgency } from '../running-agency.fixture.js';

let agency: RunningAgency;
let sandbox: Server;
const asked: string[] = [];
beforeAll(async () => {
  sandbox = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`.trim());
      response.writeHead(request.method === 'PUT' && body.includes('2026') ? 409 : 200, {
        'content-type': 'application/json',
      });
      response.end('{"now":"2027-10-14T00:00:00Z","steps":3}');
    });
  });
  await new Promise<void>((ready) => sandbox.listen(0, '127.0.0.1', ready));
  process.env.AVTALA_TEST_CLOCK = `http://127.0.0.1:${(sandbox.address() as AddressInfo).port}`;
  agency = await RunningAgency.start();
});
afterAll(async () => {
  delete process.env.AVTALA_TEST_CLOCK;
  await agency?.stop();
  sandbox.close();
});

const move = (body: object, as: 'admin' | 'booker' = 'admin') => agency.ask('PUT', '/api/v1/test/clock', { as, body });

it('goes to the sandbox and brings back what it said', async () => {
  expect(await move({ now: '2027-10-14T00:00:00Z' })).toMatchObject({ status: 200, body: { steps: 3 } });
  expect((await move({ now: '2026-01-01T00:00:00Z' })).status).toBe(409);
  expect((await agency.ask('GET', '/api/v1/test/clock', { as: 'admin' })).body.now).toBe('2027-10-14T00:00:00Z');
  expect(asked).toEqual([
    'PUT /clock {"now":"2027-10-14T00:00:00Z"}',
    'PUT /clock {"now":"2026-01-01T00:00:00Z"}',
    'GET /clock',
  ]);
});

it('is for admins, and for instants', async () => {
  expect((await move({ now: '2027-10-14T00:00:00Z' }, 'booker')).status).toBe(403);
  expect((await move({ now: '2027-10-14T00:00' })).status).toBe(400);
});
