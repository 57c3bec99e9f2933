import { Db } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Module, type DynamicModule, type INestApplication, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Due } from '../src/due/due.js';
import { Messaging } from '../src/messaging.js';
import { MessagingModule, type MessagingOptions } from '../src/messaging.module.js';
import { Outbox } from '../src/outbox/outbox.js';

@Module({})
class Surroundings {}

export interface RunningService {
  readonly app: INestApplication;
  readonly messaging: Messaging;
  readonly outbox: Outbox;
  readonly due: Due;
  stop(): Promise<void>;
}

/** A service of nothing but messaging, as libs/runtime starts one. */
export async function runService(
  o: MessagingOptions & { db: Db; clock: Clock; controllers?: Type[]; providers?: Provider[] },
): Promise<RunningService> {
  const { db, clock, controllers = [], providers = [], ...options } = o;
  const surroundings: DynamicModule = {
    module: Surroundings,
    global: true,
    providers: [
      { provide: Db, useValue: db },
      { provide: Clock, useValue: clock },
    ],
    exports: [Db, Clock],
  };
  class Root {}
  const root: DynamicModule = {
    module: Root,
    imports: [surroundings, MessagingModule.forService(options)],
    controllers,
    providers,
  };
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  await app.init();
  const messaging = app.get(Messaging);
  await messaging.start(app);
  return { app, messaging, outbox: app.get(Outbox), due: app.get(Due), stop: () => app.close() };
}
