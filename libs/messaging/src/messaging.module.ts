import type { ServiceName } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Bell } from './bell.js';
import { Handlers } from './consume/handlers.js';
import { Due } from './due/due.js';
import { DueRunner, type Worker } from './due/due-runner.js';
import { findWorkers } from './due/find-workers.js';
import { Messaging } from './messaging.js';
import { KafkaRelay } from './outbox/kafka-relay.js';
import { Outbox } from './outbox/outbox.js';
import { PostgresRelay } from './outbox/postgres-relay.js';
import { Progress } from './progress.js';
import { LogTails } from './tail/log-tails.js';
import { Topics } from './topics.js';
import { EventStrategy } from './transport/event-strategy.js';
import { kafkaClient } from './transport/kafka/kafka-client.js';
import { KafkaConsumer } from './transport/kafka/kafka-consumer.js';
import { PostgresConsumer } from './transport/postgres/postgres-consumer.js';
import type { Consumer, Relay, Surroundings } from './transport/transport.js';
import { Pruner } from './upkeep/prune.js';

export interface MessagingOptions {
  readonly service: ServiceName;
  /** `postgres` needs all services in one database. */
  readonly transport: 'postgres' | 'kafka';
  /** host:port; needed for `kafka`. */
  readonly brokers?: readonly string[];
  /** Default `avtala`; tests that share a broker differ in it. */
  readonly topicPrefix?: string;
  /** Lanes at work at the same time in this process; default 1, more helps only where handlers wait. */
  readonly workers?: number;
  /** Kafka: a dead process's partitions are given to others after this many ms; default 6000. */
  readonly sessionMs?: number;
}

/** One per service. Expects Db and Clock to be provided globally; gives Outbox, Due, Messaging and LogTails. */
@Module({})
export class MessagingModule {
  /** @throws Error transport `kafka` without brokers */
  static forService(options: MessagingOptions): DynamicModule {
    const bells = { relay: new Bell(), due: new Bell() };
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        {
          provide: Outbox,
          inject: [Clock],
          useFactory: (clock: Clock) => new Outbox(options.service, clock, bells.relay),
        },
        { provide: Due, useFactory: () => new Due(bells.due) },
        {
          provide: Messaging,
          inject: [Db, Clock, DiscoveryService, MetadataScanner],
          useFactory: (db: Db, clock: Clock, discovery: DiscoveryService, scanner: MetadataScanner) =>
            assemble(options, db, clock, bells, () => findWorkers(discovery, scanner)),
        },
        { provide: LogTails, inject: [Db], useFactory: (db: Db) => tailsOf(options, db) },
      ],
      exports: [Outbox, Due, Messaging, LogTails],
    };
  }
}

function assemble(
  options: MessagingOptions,
  db: Db,
  clock: Clock,
  bells: { relay: Bell; due: Bell },
  workers: () => Worker[],
): Messaging {
  const handlers = new Handlers();
  const progress = new Progress();
  const topics = new Topics(options.topicPrefix);
  const s: Surroundings = { db, service: options.service, topics, handlers, progress };
  const { relay, consumer } = transportOf(options, s, bells.relay);
  return new Messaging({
    service: options.service,
    topics,
    db,
    clock,
    progress,
    relay,
    strategy: new EventStrategy(handlers, consumer),
    dueRunner: new DueRunner(db, clock, progress, bells.due),
    pruner: new Pruner(db),
    findWorkers: workers,
  });
}

function tailsOf(options: MessagingOptions, db: Db): LogTails {
  const topics = new Topics(options.topicPrefix);
  const kafka = () => kafkaClient(`${topics.prefix}-${options.service}-tail`, options.brokers!);
  return new LogTails(db, options.service, topics, options.transport === 'kafka' ? kafka : undefined);
}

function transportOf(
  options: MessagingOptions,
  s: Surroundings,
  bell: Bell,
): { relay: Relay; consumer: () => Consumer } {
  if (options.transport === 'postgres')
    return { relay: new PostgresRelay(s, bell), consumer: () => new PostgresConsumer(s, options.workers) };
  if (!options.brokers?.length) throw new Error('Transport kafka needs KAFKA_BROKERS');
  const kafka = kafkaClient(`${s.topics.prefix}-${options.service}`, options.brokers);
  return {
    relay: new KafkaRelay(s, kafka, bell),
    consumer: () => new KafkaConsumer(s, kafka, options.workers, options.sessionMs),
  };
}
