import { scopeOf, type Db } from '@avtala/database';
import type { DomainEventBase, ServiceName } from '@avtala/contracts';
import { FixedClock } from '@avtala/time';
import { eventually, testDatabase, type TestDatabase } from '@avtala/test-kit';
import { afterAll, afterEach, beforeAll, describe, jest } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { messagingMigration } from '../src/messaging-migration.js';
import type { MessagingOptions } from '../src/messaging.module.js';
import { schemaOf, Topics } from '../src/topics.js';
import { brokerOfRun } from './broker-of-run.js';
import { ENGAGEMENT } from './events.js';
import { effectMigration, Recorder, Script, type Effect } from './recorder.js';
import { runService, type RunningService } from './running-service.js';

export type Transport = MessagingOptions['transport'];

export const SCHEMAS = (['lead-intake', 'scheduling', 'retention', 'crm-sync'] as const).map((service) => ({
  schema: schemaOf(service),
  migrations: [messagingMigration(schemaOf(service)), ...(service === 'crm-sync' ? [effectMigration()] : [])],
}));

/** Services over one transport in one database; each test gets topics of its own and empty tables. */
export class Rig {
  readonly clock = new FixedClock('2027-03-01T09:00:00Z');
  script = new Script();
  topics = new Topics();
  #running: RunningService[] = [];

  constructor(
    readonly transport: Transport,
    readonly database: TestDatabase,
    readonly brokers: string[],
  ) {}

  db(service: ServiceName): Db {
    return this.database.db(schemaOf(service));
  }

  async clear(): Promise<void> {
    this.topics = new Topics(`t${randomBytes(6).toString('hex')}`);
    this.script = new Script();
    for (const { schema } of SCHEMAS)
      await this.database.sql(
        `TRUNCATE ${['outbox', 'log', 'cursor', 'inbox', 'held', 'due', 'tombstone'].map((t) => `${schema}.${t}`).join(', ')}`,
      );
    await this.database.sql('TRUNCATE crm_sync.effect');
  }

  /** Starts a service; crm-sync consumes with the script. */
  async start(
    service: ServiceName,
    options: Partial<MessagingOptions> & { controllers?: Type[] } = {},
  ): Promise<RunningService> {
    const running = await runService({
      service,
      transport: this.transport,
      brokers: this.brokers,
      topicPrefix: this.topics.prefix,
      db: this.db(service),
      clock: this.clock,
      ...(service === 'crm-sync'
        ? { controllers: [Recorder], providers: [{ provide: Script, useValue: this.script }] }
        : {}),
      ...options,
    });
    this.#running.push(running);
    return running;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((r) => r.stop()));
  }

  /** Appends events, in one transaction, as the service that owns them. */
  async append(from: RunningService, service: ServiceName, ...events: DomainEventBase[]): Promise<void> {
    await this.db(service).withScope(scopeOf(ENGAGEMENT), async (tx) => {
      for (const event of events) await from.outbox.append(tx, event);
    });
  }

  effects(): Promise<Effect[]> {
    return this.database.sql<Effect>(
      'SELECT id, key, n, type, event_id AS "eventId", scope FROM crm_sync.effect ORDER BY id',
    );
  }

  /** What was done about a lead, in order. */
  async done(leadId: string): Promise<number[]> {
    return (await this.effects()).filter((e) => e.key === leadId).map((e) => e.n);
  }

  held(): Promise<{ key: string; error: string; due: string; attempts: number; type: string }[]> {
    return this.database.sql(
      'SELECT key, error, due_at::text AS due, attempts, type FROM crm_sync.held ORDER BY topic, lane, pos',
    );
  }
}

// Groups form and regroup in seconds on a busy machine: waits are long, so that only what never happens fails.
jest.setTimeout(180_000);

/** `eventually`, as long as it takes. */
export const soon = (fn: () => unknown): Promise<unknown> => eventually(fn, 60_000);

const broker = await brokerOfRun();

/** Describes the same behaviour on both transports. Where no broker can run, Kafka's half counts as skipped. */
export function onBothTransports(title: string, tests: (rig: () => Rig) => void): void {
  onTransports(['postgres', 'kafka'], title, tests);
}

export function onKafka(title: string, tests: (rig: () => Rig) => void): void {
  onTransports(['kafka'], title, tests);
}

function onTransports(transports: readonly Transport[], title: string, tests: (rig: () => Rig) => void): void {
  describe.each(transports)(`${title} (%s)`, (transport) => {
    if (transport === 'kafka' && !broker) {
      describe.skip('needs a Kafka broker', () => tests(() => undefined as never));
      return;
    }
    let rig: Rig;
    beforeAll(async () => {
      rig = new Rig(transport, await testDatabase(SCHEMAS[0]!, ...SCHEMAS.slice(1)), broker ? [broker] : []);
      await rig.clear();
    });
    afterEach(async () => {
      await rig.stop();
      await rig.clear();
    });
    afterAll(() => rig.database.close());
    tests(() => rig);
  });
}
