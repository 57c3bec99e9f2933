import { enableMetrics, observeRequest, type Figure } from '@avtala/observability';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import type { RunningService } from './start-service.js';

/** Counts every answer of a service by the template of its route: what was asked for stands nowhere. */
export function measured(service: string) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const begun = performance.now();
    response.once('close', () => {
      const took = (performance.now() - begun) / 1000;
      // A client that went away before it was answered: 499, as proxies call it.
      const status = response.writableFinished ? response.statusCode : 499;
      observeRequest({ service, method: request.method, route: routeOf(request), status, took });
    });
    next();
  };
}

function routeOf(request: Request): string {
  const template: unknown = (request as { route?: { path?: unknown } }).route?.path;
  if (typeof template === 'string') return template;
  return request.originalUrl.startsWith('/api/auth/') ? '/api/auth' : 'none';
}

/** `GET /metrics` for Prometheus on a port of its own, so that no route of the public edge leads to it (ASVS 13.4.5).
 * @returns where it listens, and how to stop it */
export async function serveMetrics(
  services: readonly RunningService[],
  { host, port }: { host: string; port: number },
): Promise<{ address: string; stop(): Promise<void> }> {
  const looks = services.map((s) => ({ name: s.definition.name, look: () => figuresOf(s) }));
  const metricsText = await enableMetrics();
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const answer = last.then(() => metricsText(looks)); // one after the other: two at once would mix what they ask
    last = answer.catch(() => undefined);
    answer.then(
      ({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const address = `http://${host}:${(server.address() as AddressInfo).port}/metrics`;
  return { address, stop: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** What a service says of itself when asked (docs/operations.md). */
async function figuresOf({ messaging, sealer, db }: RunningService): Promise<Figure[]> {
  const depths = await messaging.depths();
  const { lagSeconds, size, witnessedSize } = sealer.sealing;
  const figure = (name: string, value: number, help: string, labels?: Record<string, string>): Figure => ({
    name: `avtala_${name}`,
    help,
    value,
    ...(labels ? { labels } : {}),
  });
  return [
    figure('outbox_events', depths.outbox.count, 'Events not yet published.'),
    figure('outbox_age_seconds', depths.outbox.ageSeconds, 'Age of the oldest event not yet published.'),
    figure('held_events', depths.held, 'Events that wait or are being tried again.'),
    figure('parked_items', depths.parked, 'Events and due work given up until a person looks.'),
    figure('due_items', depths.due.count, 'Due work whose time has come.'),
    figure('due_age_seconds', depths.due.ageSeconds, 'Age of the oldest due work whose time has come.'),
    ...depths.lag.flatMap(({ topic, count, ageSeconds }) => [
      figure('consumer_lag_events', count, 'Events of a topic not yet read; on Kafka the broker knows.', { topic }),
      figure('consumer_lag_seconds', ageSeconds, 'Age of the oldest event of a topic not yet read.', { topic }),
    ]),
    figure('audit_sealing_lag_seconds', lagSeconds, 'Age of the oldest audit entry that is not sealed.'),
    figure('audit_rows', size, 'Rows in the audit tree.'),
    figure(
      'audit_witnessed_rows',
      witnessedSize,
      'Rows of the audit tree the witness has seen, as far as this process knows.',
    ),
    ...db
      .pools()
      .flatMap(({ role, total, idle, waiting }) => [
        figure('db_connections', total, 'Open connections of a pool.', { role }),
        figure('db_connections_idle', idle, 'Of these, unused.', { role }),
        figure('db_waiting', waiting, 'Work that waits for a connection.', { role }),
      ]),
  ];
}
