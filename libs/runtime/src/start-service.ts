import { accessProviders, ReadsAreAudited } from '@avtala/access';
import { NightlyCheck, Sealer, Witness } from '@avtala/audit';
import { Db, openDb } from '@avtala/database';
import { configureHttp, pruneKeys, useIdempotencySecret } from '@avtala/http';
import { Messaging, MessagingModule } from '@avtala/messaging';
import { log, NestLog } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { openVault, Vault } from '@avtala/vault';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import express, { type Express } from 'express';
import { join } from 'node:path';
import { auditProviders } from './audit-providers.js';
import { commonControllers } from './common-controllers.js';
import type { RuntimeEnv } from './env.js';
import { measured } from './metrics.js';
import type { Prepared } from './prepare.js';
import { routesOf } from './routes.js';
import { installationSecret } from './secrets.js';
import type { ServiceDefinition } from './service-definition.js';

/** A service that answers and works. */
export interface RunningService {
  readonly definition: ServiceDefinition;
  readonly routes: readonly string[];
  readonly express: Express;
  readonly app: NestExpressApplication;
  readonly messaging: Messaging;
  readonly db: Db;
  readonly sealer: Sealer;
  stop(): Promise<void>;
}

@Module({})
class Surroundings {}

/** What every service finds in its container, by class. */
function surroundings(providers: Provider[]): DynamicModule {
  return {
    module: Surroundings,
    global: true,
    providers,
    exports: providers.flatMap((p) => ('provide' in p && typeof p.provide === 'function' ? [p.provide] : [])),
  };
}

/** Starts one service as a Nest application of its own; it listens nowhere until a host gives it requests.
 * @param address where this process is reached, for the contact door and the Origin check */
export async function startService(
  definition: ServiceDefinition,
  prepared: Prepared,
  env: RuntimeEnv,
  clock: Clock,
  address: string,
): Promise<RunningService> {
  const urls = prepared.urls.get(definition.name)!;
  const secret = (name: string) => installationSecret(env.AVTALA_SECRETS_DIR, name);
  const db = await openDb({ schema: definition.schema, urls, entities: definition.entities });
  const role = definition.name as keyof Prepared['vault'];
  const vault = definition.vault?.length
    ? await openVault({ url: prepared.vault[role], keyDir: prepared.kekDir })
    : undefined;

  const witness = prepared.witness ? new Witness(prepared.witness) : undefined;

  const providers: Provider[] = [
    { provide: Db, useValue: db },
    { provide: Clock, useValue: clock },
    ...(vault ? [{ provide: Vault, useValue: vault }] : []),
    ...accessProviders({
      service: definition.name,
      authSecret: secret('auth.secret'),
      serviceKeyFile: join(env.AVTALA_SECRETS_DIR, 'service-token.pem'),
      leadIntakeUrl: env.LEAD_INTAKE_URL ?? address,
      ...(env.AVTALA_ORIGIN ? { ownOrigins: [env.AVTALA_ORIGIN] } : {}),
    }),
    ...auditProviders(definition.name, env.AVTALA_SECRETS_DIR, witness),
  ];
  const root: DynamicModule = {
    module: class Root {},
    imports: [
      surroundings(providers),
      MessagingModule.forService({
        service: definition.name,
        transport: env.AVTALA_TRANSPORT,
        ...(env.KAFKA_BROKERS ? { brokers: env.KAFKA_BROKERS.split(',') } : {}),
        ...(env.AVTALA_TOPIC_PREFIX ? { topicPrefix: env.AVTALA_TOPIC_PREFIX } : {}),
      }),
      definition.module,
    ],
    controllers: commonControllers(definition.name),
    providers: [{ provide: APP_INTERCEPTOR, useClass: ReadsAreAudited }],
  };
  const server = express();
  server.set('trust proxy', env.AVTALA_TRUSTED_PROXIES?.split(',') ?? false);
  server.set('etag', false); // answers are never stored (Cache-Control: no-store), so nobody asks whether they have changed
  server.use(measured(definition.name));
  const app = await NestFactory.create<NestExpressApplication>(root, new ExpressAdapter(server), {
    bodyParser: false,
    logger: new NestLog(),
    abortOnError: false,
  });
  useIdempotencySecret(secret('idempotency.secret'));
  definition.mount?.({ express: server, context: app, urls });
  configureHttp(app);
  await app.init();
  const messaging = app.get(Messaging);
  await messaging.start(app);
  const sealer = app.get(Sealer);
  sealer.start();
  const nightly = app.get(NightlyCheck);
  nightly.start();
  // Real time: how long a client may repeat a request does not depend on the business clock.
  const pruning = setInterval(() => {
    db.asWorker(pruneKeys).catch((error: unknown) => log.warn('idempotency.not-pruned', {}, error));
  }, 3_600_000).unref();
  return {
    definition,
    routes: routesOf(definition),
    express: server,
    app,
    messaging,
    db,
    sealer,
    async stop() {
      clearInterval(pruning);
      await app.close();
      await nightly.stop();
      await sealer.stop();
      await witness?.close();
      await vault?.close();
      await db.close();
    },
  };
}
