import type { ServiceName } from '@avtala/contracts';
import { Clock } from '@avtala/time';
import { Module, type DynamicModule } from '@nestjs/common';
import { Bell } from './bell.js';
import { Due } from './due/due.js';
import { Messaging } from './messaging.js';
import { Outbox } from './outbox/outbox.js';

export interface MessagingOptions {
  readonly service: ServiceName;
  readonly transport: 'postgres' | 'kafka';
  /** host:port; needed for `kafka`. */
  readonly brokers?: readonly string[];
  /** Default `avtala`; tests that share a broker differ in it. */
  readonly topicPrefix?: string;
}

/** One per service. Expects Db and Clock to be provided globally; gives Outbox, Due and Messaging. */
@Module({})
export class MessagingModule {
  static forService(options: MessagingOptions): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      providers: [
        {
          provide: Outbox,
          inject: [Clock],
          useFactory: (clock: Clock) => new Outbox(options.service, clock, new Bell()),
        },
        { provide: Due, useFactory: () => new Due(new Bell()) },
        Messaging,
      ],
      exports: [Outbox, Due, Messaging],
    };
  }
}
