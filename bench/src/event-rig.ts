import { LeadChanged, type ServiceName } from '@avtala/contracts';
import { createDatabase, Db, migrate, openDb, provision, scopeOf, type MigrationClass } from '@avtala/database';
import { Consumes, Messaging, MessagingModule, messagingMigration, Outbox, type Received } from '@avtala/messaging';
import { Clock, SystemClock } from '@avtala/time';
import { Controller, Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';

const ENGAGEMENT = randomUUID();
export const CONSUMERS: readonly ServiceName[] = ['agency', 'scheduling', 'crm-sync', 'retention'];
export const schemaOf = (service: ServiceName): string => service.replaceAll('-', '_');

/** lead-intake's outbox and relay with four consuming services behind it, on transport `postgres`, in this process. */
export interface EventRig {
  /** Appends one event in a transaction of its own, as a state change does. */
  append(leadId: string, n: number): Promise<void>;
  /** Appends many in one transaction, as an import does: one row of the outbox, expanded by the relay. */
  appendMany(items: readonly { leadId: string; n: number }[]): Promise<void>;
  /** How many events the slowest of the four groups has committed the effects of. Counts rows: for the end of a round. */
  committed(): Promise<number>;
  /** The same from the newest number of each table, which a rollback may have skipped: cheap enough to ask all the time. */
  reached(): Promise<number>;
  stop(): Promise<void>;
}

function effectMigration(schema: string): MigrationClass {
  return class implements MigrationInterface {
    readonly name = 'Effect1795392000001';
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(
        `CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL, n int NOT NULL);
         GRANT SELECT, INSERT ON effect TO ${schema}_app`,
      );
    }
    async down(): Promise<void> {}
  };
}

/** The controller of one consuming service. */
export type Handlers = (service: ServiceName) => Type;

/** @param seen called by each handler with the event's number, before its transaction commits */
export function oneAtATime(seen: (n: number) => void = () => undefined, options?: { interleaved: boolean }): Type {
  @Controller()
  class OneAtATime {
    @Consumes(LeadChanged, options)
    async onChanged(event: LeadChanged, tx: EntityManager, _received: Received): Promise<void> {
      seen(event.leadVersion - 1);
      await tx.query('INSERT INTO effect (key, n) VALUES ($1, $2)', [event.leadId, event.leadVersion]);
    }
  }
  return OneAtATime;
}

export function inBatches(): Type {
  @Controller()
  class InBatches {
    @Consumes(LeadChanged, { batch: true })
    async onChanged(events: LeadChanged[], tx: EntityManager): Promise<void> {
      await tx.query('INSERT INTO effect (key, n) SELECT * FROM unnest($1::uuid[], $2::int[])', [
        events.map((e) => e.leadId),
        events.map((e) => e.leadVersion),
      ]);
    }
  }
  return InBatches;
}

/** @param handlers of each consuming service; four of them is every group there is */
export async function eventRig(adminUrl: string, handlers: Handlers): Promise<EventRig> {
  const url = await createDatabase(adminUrl, `events_${randomUUID().slice(0, 8)}`);
  const clock = new SystemClock();
  const dbs = new Map<ServiceName, Db>();
  for (const service of ['lead-intake', ...CONSUMERS] as const) {
    const schema = schemaOf(service);
    const urls = await provision(url, schema, 'bench');
    await migrate(urls, schema, [
      messagingMigration(schema),
      ...(service === 'lead-intake' ? [] : [effectMigration(schema)]),
    ]);
    dbs.set(service, await openDb({ schema, urls }));
  }
  const apps: INestApplication[] = [];
  for (const [service, db] of dbs)
    apps.push(await startApp(service, db, clock, service === 'lead-intake' ? [] : [handlers(service)]));
  const outbox = apps[0]!.get(Outbox);
  const admin = new pg.Pool({ connectionString: url, max: 1 });
  admin.on('error', () => undefined); // the server may be gone before its client has ended
  const scope = scopeOf(ENGAGEMENT);
  const least = async (name: string, of: string) => {
    const text = `SELECT least(${CONSUMERS.map((c) => `(SELECT ${of} FROM ${schemaOf(c)}.effect)`).join(', ')})::int AS least`;
    return (await admin.query<{ least: number }>({ name, text })).rows[0]!.least;
  };
  return {
    append: (leadId, n) =>
      dbs
        .get('lead-intake')!
        .withScope(scope, (tx) =>
          outbox.append(
            tx,
            LeadChanged.of({ leadId, engagementId: ENGAGEMENT, leadVersion: n + 1, fields: ['title'] }),
          ),
        ),
    appendMany: (items) =>
      dbs.get('lead-intake')!.withScope(scope, (tx) =>
        outbox.appendChunk(
          tx,
          LeadChanged,
          { engagementId: ENGAGEMENT, fields: ['title'] },
          items.map(({ leadId, n }) => ({ leadId, leadVersion: n + 1 })),
        ),
      ),
    committed: () => least('committed', 'count(*)'),
    reached: () => least('reached', 'coalesce(max(id), 0)'),
    stop: async () => {
      for (const app of apps.reverse()) await app.close();
      for (const db of dbs.values()) await db.close();
      await admin.end();
    },
  };
}

@Module({})
class Surroundings {}

async function startApp(service: ServiceName, db: Db, clock: Clock, controllers: Type[]): Promise<INestApplication> {
  const surroundings: DynamicModule = {
    module: Surroundings,
    global: true,
    providers: [
      { provide: Db, useValue: db },
      { provide: Clock, useValue: clock },
    ],
    exports: [Db, Clock],
  };
  const root: DynamicModule = {
    module: class Root {},
    imports: [surroundings, MessagingModule.forService({ service, transport: 'postgres' })],
    controllers,
  };
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  await app.init();
  await app.get(Messaging).start(app);
  return app;
}
