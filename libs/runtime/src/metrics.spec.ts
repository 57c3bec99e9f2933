import { afterAll, beforeAll, expect, it } from '@jest/globals';
import express, { Router } from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { measured, serveMetrics } from './metrics.js';
import type { RunningService } from './start-service.js';

const depths = { outbox: { count: 2, ageSeconds: 1 }, held: 0, parked: 1, due: { count: 0, ageSeconds: 0 }, lag: [{ topic: 'avtala.agency', count: 5, ageSeconds: 9 }] }; // prettier-ignore
const service = {
  definition: { name: 'agency' },
  messaging: { depths: async () => depths },
  sealer: { sealing: { lagSeconds: 3, size: 40, witnessedSize: 38 } },
  db: { pools: () => [{ role: 'app', total: 4, idle: 3, waiting: 0 }] },
} as unknown as RunningService;

let metrics: Awaited<ReturnType<typeof serveMetrics>>;
let server: Server;
let base: string;

beforeAll(async () => {
  metrics = await serveMetrics([service], { host: '127.0.0.1', port: 0 });
  const app = express();
  app.use(measured('agency'));
  app.use(Router().get('/api/v1/leads/:id', (_request, response) => void response.json({})));
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await metrics.stop();
  await new Promise((done) => server.close(done));
});

it('counts answers by the template of their route, and nothing of what was asked for', async () => {
  for (const path of ['/api/v1/leads/0195c7a0-secret', '/karin@example.example', '/api/auth/sign-in/email'])
    await (await fetch(base + path)).text();
  const text = await (await fetch(metrics.address)).text();
  expect(text).toContain('_count{service="agency",method="GET",route="/api/v1/leads/:id",status="200"} 1');
  expect(text).toContain('route="none",status="404"');
  expect(text).toContain('route="/api/auth",status="404"');
  expect(text).not.toMatch(/secret|karin/);
});

it('tells what waits, how far sealing is, and how the pools are used', async () => {
  const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(metrics.address)).text()));
  for (const text of answers) {
    expect(text).toContain('avtala_consumer_lag_events{service="agency",topic="avtala.agency"} 5');
    expect(text).toContain('avtala_parked_items{service="agency"} 1');
    expect(text).toContain('avtala_audit_sealing_lag_seconds{service="agency"} 3');
    expect(text).toContain('avtala_db_connections{service="agency",role="app"} 4');
  }
});

it('there is nothing else on that port', async () => {
  for (const [method, path] of [
    ['GET', '/'],
    ['POST', '/metrics'],
    ['GET', '/metrics/..'],
  ] as const)
    // prettier-ignore
    expect((await fetch(new URL(path, metrics.address), { method })).status).toBe(404);
});
