import { log, Readiness } from '@avtala/observability';
import { Clock, SystemClock } from '@avtala/time';
import express, { type Express, type Request, type Response } from 'express';
import { createServer, type Server } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { ConfigInvalid, type RuntimeEnv } from './env.js';
import { lastAnswer, refuseUnreadable } from './last-answer.js';
import { keepEpochs } from './key-epochs.js';
import { serveMetrics } from './metrics.js';
import { prepare } from './prepare.js';
import { ownerOf } from './routes.js';
import { startService, type RunningService } from './start-service.js';
import type { ServiceDefinition } from './service-definition.js';
import { TestClock } from './test-clock.js';

/** One process with one address and one or more services behind it. */
export interface Host {
  readonly address: string;
  readonly services: readonly RunningService[];
  readonly clock: Clock;
  /** Where metrics are read, when METRICS_PORT is set. */
  readonly metrics: string | undefined;
  /** The outermost application, for pages that belong to no service. */
  readonly edge: Express;
  stop(): Promise<void>;
}

/** Starts services in this process: first the address (so that it is known), then schemas, then each service, then its answer to
 * "are you ready". A request is given to the service that owns its path.
 * @param known every service of the installation: their schemas are prepared, since consumers read each other's logs
 * @param selected those that run here
 * @throws ConfigInvalid for a test clock in production, or Kafka without brokers */
export async function startHost(
  known: readonly ServiceDefinition[],
  selected: readonly ServiceDefinition[],
  env: RuntimeEnv,
): Promise<Host> {
  const problems = [];
  if (env.AVTALA_TEST_CLOCK && process.env.NODE_ENV === 'production')
    problems.push('AVTALA_TEST_CLOCK: production never runs on a test clock');
  if (env.AVTALA_TRANSPORT === 'kafka' && !env.KAFKA_BROKERS)
    problems.push('KAFKA_BROKERS: transport kafka needs host:port of a broker');
  if (!areNetworks(env.AVTALA_TRUSTED_PROXIES))
    problems.push('AVTALA_TRUSTED_PROXIES: addresses or networks, such as 10.0.0.0/8,::1');
  if (problems.length) throw new ConfigInvalid(problems);

  const services: RunningService[] = [];
  const readiness = new Readiness();
  let ready = false;
  const edge = express();
  edge.disable('x-powered-by');
  edge.get('/health/live', (_req, res) => void res.json({ live: true }));
  edge.get('/health/ready', async (_req, res) => {
    const report = await readiness.report();
    res.status(ready && report.ready ? 200 : 503).json({ ...report, ready: ready && report.ready });
  });
  const server = createServer((req, res) => {
    // Straight to the service: an application around it costs every request as much as the application itself.
    const owner = req.url?.startsWith('/') ? ownerOf(services, req.url.split('?', 1)[0]!) : undefined;
    if (owner) return owner.express(req as Request, res as Response);
    // Given to express as `next`: pages may still be added to the edge behind the services.
    edge(req as Request, res as Response, (error?: unknown) => lastAnswer(error, req as Request, res as Response));
  });
  server.on('clientError', refuseUnreadable);
  const address = await listen(server, env);
  const undo: (() => Promise<unknown>)[] = [() => closeServer(server)];

  try {
    const testClock = env.AVTALA_TEST_CLOCK ? await TestClock.follow(env.AVTALA_TEST_CLOCK) : undefined;
    const clock: Clock = testClock?.clock ?? new SystemClock();
    const prepared = await prepare(known, env);
    const starting = selected.map((definition) => startService(definition, prepared, env, clock, address));
    undo.push(async () => {
      for (const started of await Promise.allSettled(starting))
        if (started.status === 'fulfilled') await started.value.stop();
    });
    for (const service of await Promise.all(starting)) {
      const { definition } = service;
      services.push(service);
      readiness.add(definition.name, () => service.db.asWorker((tx) => tx.query('select 1')));
      if (testClock)
        edge.get(
          `/internal/${definition.name}/due`,
          testClock.handler(() => service.messaging.dueState()),
        );
    }
    if (selected.some((s) => s.vault?.includes('lead'))) undo.push(await keepEpochs(prepared));
    edge.use((req, res, next) => {
      const owner = ownerOf(services, req.path);
      if (owner) owner.express(req, res);
      else next();
    });
    const metrics =
      env.METRICS_PORT === undefined
        ? undefined
        : await serveMetrics(services, { host: env.METRICS_HOST, port: env.METRICS_PORT });
    if (metrics) undo.push(() => metrics.stop());
    if (testClock) for (const s of selected) await testClock.register(s.name, `${address}/internal/${s.name}/due`);
    ready = true;
    for (const s of selected) log.info('service.ready', { service: s.name });
    return { address, services, clock, metrics: metrics?.address, edge, stop: () => unwind(undo) };
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

function areNetworks(list: string | undefined): boolean {
  return (list?.split(',') ?? []).every((network) => {
    const [address = '', bits, ...more] = network.split('/');
    const most = { 4: 32, 6: 128 }[isIP(address)];
    return (
      most !== undefined && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
    );
  });
}

function listen(server: Server, env: RuntimeEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(env.PORT, env.HOST, () => resolve(`http://${env.HOST}:${(server.address() as AddressInfo).port}`));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Takes down in the opposite order what was put up; one failure does not leave the rest running. */
async function unwind(steps: (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps.splice(0).reverse())
    await step().catch((error: unknown) => log.warn('host.stop-failed', {}, error));
}
