import {
  LeadChanged,
  LeadErasureOrdered,
  LeadObjected,
  LeadRegistered,
  MeetingBooked,
  type DomainEventBase,
} from '@avtala/contracts';
import type { MigrationClass } from '@avtala/database';
import { Controller } from '@nestjs/common';
import { EntityManager, type MigrationInterface, type QueryRunner } from 'typeorm';
import { Consumes, type Received } from '../src/consume/consumes.js';

/** What a handler did, in the order in which it was done: `id` is drawn in the handler's transaction, under the lane's lock. */
export interface Effect {
  readonly id: string;
  readonly key: string;
  readonly n: number;
  readonly type: string;
  readonly eventId: string;
  readonly scope: string;
}

export function effectMigration(): MigrationClass {
  return class implements MigrationInterface {
    readonly name = 'Effects1795392000001';
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL,
        n int NOT NULL, type text NOT NULL, event_id uuid NOT NULL, scope text);
        GRANT SELECT, INSERT ON effect TO ${'crm_sync_app'}`);
    }
    async down(): Promise<void> {}
  };
}

/** Records an event as an effect. */
export async function record(event: DomainEventBase, tx: EntityManager, { eventId }: Received): Promise<void> {
  const { leadId, leadVersion = 0 } = event as DomainEventBase & { leadId: string; leadVersion?: number };
  await tx.query(
    `INSERT INTO effect (key, n, type, event_id, scope) VALUES ($1, $2, $3, $4, current_setting('app.engagements'))`,
    [leadId, leadVersion, event.constructor.name, eventId],
  );
}

/** What a test makes of the handlers; by default they record. */
export class Script {
  handle: (event: DomainEventBase, tx: EntityManager, received: Received) => Promise<void> = record;
}

/** Consumes one plain event of another service's, an overtaking one, one of a third service's, and the saga's order. */
@Controller()
export class Recorder {
  constructor(private readonly script: Script) {}

  @Consumes(LeadRegistered)
  async onRegistered(event: LeadRegistered, tx: EntityManager, received: Received): Promise<void> {
    await this.script.handle(event, tx, received);
  }

  @Consumes(LeadChanged)
  async onChanged(event: LeadChanged, tx: EntityManager, received: Received): Promise<void> {
    await this.script.handle(event, tx, received);
  }

  @Consumes(LeadObjected)
  async onObjected(event: LeadObjected, tx: EntityManager, received: Received): Promise<void> {
    await this.script.handle(event, tx, received);
  }

  @Consumes(MeetingBooked)
  async onBooked(event: MeetingBooked, tx: EntityManager, received: Received): Promise<void> {
    await this.script.handle(event, tx, received);
  }

  @Consumes(LeadErasureOrdered)
  async onErasureOrdered(event: LeadErasureOrdered, tx: EntityManager, received: Received): Promise<void> {
    await this.script.handle(event, tx, received);
  }
}
