// For tests: retention with its real timers and consumers, and the services it talks with as senders of events.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '@avtala/access';
import {
  EngagementEnded,
  EngagementStarted,
  ERASURE_RECIPIENTS,
  ErasureReceipt,
  LeadContacted,
  LeadErasureAsked,
  LeadObjected,
  LeadRegistered,
  type DomainEventBase,
  type ErasureRecipient,
  type ReceiptPhase,
  type ServiceName,
} from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Messaging, MessagingModule, messagingMigration, Outbox } from '@avtala/messaging';
import { RuntimeEnv, startService, type RunningService } from '@avtala/runtime';
import { eventually, testDatabase, type TestDatabase } from '@avtala/test-kit';
import { Clock, FixedClock } from '@avtala/time';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { retention } from '../src/index.js';
import { Erasures, type OrderView } from '../src/services/erasures.service.js';

const SENDERS = ['agency', 'lead-intake', 'scheduling', 'crm-sync'] as const satisfies readonly ServiceName[];
type Sender = (typeof SENDERS)[number];
const schemaOf = (service: ServiceName) => service.replaceAll('-', '_');

@Module({})
class Surroundings {}

export class Rig {
  service!: RunningService;
  private readonly senders = new Map<Sender, INestApplication>();

  private constructor(
    readonly database: TestDatabase,
    readonly clock: FixedClock,
    private readonly secrets: string,
  ) {}

  static async start(now: string): Promise<Rig> {
    const database = await testDatabase(
      { schema: 'retention', migrations: retention.migrations },
      ...SENDERS.map((s) => ({ schema: schemaOf(s), migrations: [messagingMigration(schemaOf(s))] })),
    );
    const secrets = mkdtempSync(join(tmpdir(), 'avtala-retention-'));
    process.env.CERTIFICATE_KEY_FILE = join(secrets, 'certificate.pem');
    const rig = new Rig(database, new FixedClock(now), secrets);
    await rig.up();
    for (const sender of SENDERS) rig.senders.set(sender, await rig.sender(sender));
    return rig;
  }

  /** Starts retention; also after `down`, as after a crash. */
  async up(): Promise<void> {
    const env = Object.assign(new RuntimeEnv(), { AVTALA_SECRETS_DIR: this.secrets });
    const prepared = {
      urls: new Map([['retention', this.database.urls('retention')]]),
      vault: {} as never,
      kekDir: '',
    };
    this.service = await startService(retention, prepared, env, this.clock, 'http://127.0.0.1:1');
  }

  async down(): Promise<void> {
    await this.service.stop();
  }

  async stop(): Promise<void> {
    await this.down();
    for (const app of this.senders.values()) await app.close();
    await this.database.close();
    rmSync(this.secrets, { recursive: true });
  }

  /** Sends events in one transaction as the service that owns them. */
  async send(from: Sender, ...events: DomainEventBase[]): Promise<void> {
    const outbox = this.senders.get(from)!.get(Outbox);
    const scope = scopeOf(...new Set(events.map((e) => e.engagementId)));
    await this.database.db(schemaOf(from)).withScope(scope, async (tx) => {
      for (const event of events) await outbox.append(tx, event);
    });
  }

  /** Until nothing is sent, held or due any more: the order of things is then decided. */
  async quiet(): Promise<void> {
    let before = -1;
    await eventually(async () => {
      const states = await Promise.all(
        [this.service.messaging, ...[...this.senders.values()].map((app) => app.get(Messaging))].map((m) =>
          m.dueState(),
        ),
      );
      const handled = states.reduce((sum, s) => sum + ((s as { handled?: number }).handled ?? 0), 0);
      const same = handled === before && states.every((s) => !s.busy);
      before = handled;
      return same;
    }, 20_000);
  }

  /** Moves business time and lets everything due happen. */
  async advance(to: string): Promise<void> {
    this.clock.set(to);
    await this.quiet();
  }

  get erasures(): Erasures {
    return this.service.app.get(Erasures);
  }

  orders(engagementId: string): Promise<OrderView[]> {
    return this.erasures.list(staff(engagementId), { engagementId, limit: 500 });
  }

  /** What retention has said, by type, in its order. */
  async said(orderId: string): Promise<string[]> {
    const rows = await this.database.sql<{ type: string }>(
      `select type from retention.log where payload->>'orderId' = $1 order by pos`,
      [orderId],
    );
    return rows.map((r) => r.type);
  }

  receipts(
    order: { id: string; engagementId: string },
    phase: ReceiptPhase,
    of: readonly ErasureRecipient[] = ERASURE_RECIPIENTS,
    more: Partial<Pick<ErasureReceipt, 'counts' | 'outstanding'>> = {},
  ): Promise<unknown> {
    const at = this.clock.now().toString();
    return Promise.all(
      of.map((recipient) =>
        this.send(
          recipient,
          ErasureReceipt.of({
            orderId: order.id,
            engagementId: order.engagementId,
            recipient,
            phase,
            action: 'done',
            counts: { leads: 3, left: 0 },
            outstanding: [],
            at,
            ...more,
          }),
        ),
      ),
    );
  }

  private async sender(service: Sender): Promise<INestApplication> {
    const surroundings = {
      module: Surroundings,
      global: true,
      providers: [
        { provide: Db, useValue: this.database.db(schemaOf(service)) },
        { provide: Clock, useValue: this.clock },
      ],
      exports: [Db, Clock],
    };
    class Root {}
    const imports = [surroundings, MessagingModule.forService({ service, transport: 'postgres' })];
    const app = await NestFactory.create({ module: Root, imports }, { logger: false, abortOnError: false });
    await app.init();
    await app.get(Messaging).start(app);
    return app;
  }
}

export const staff = (...engagementIds: string[]): Principal => ({
  kind: 'user',
  userId: randomUUID(),
  role: 'supervisor',
  sessionId: randomUUID(),
  aal: 2,
  authTime: Temporal.Instant.from('2027-01-01T00:00:00Z'),
  engagementIds,
});

const clientId = randomUUID();

export const started = (engagementId: string, more: Partial<EngagementStarted> = {}): EngagementStarted =>
  EngagementStarted.of({
    ...{ engagementId, clientId, version: 1, retentionMonths: 2, timeZone: 'Europe/Stockholm', assessed: true },
    ...{ eraseOnReply: false, crmErasure: 'withdraw-only' as const, memberIds: [], startedAt: '2027-01-01T09:00:00Z' },
    ...more,
  });

export const ended = (engagementId: string, more: Partial<EngagementEnded> = {}): EngagementEnded =>
  EngagementEnded.of({
    ...{ engagementId, clientId, version: 2, endedAt: '2027-03-31T22:00:00Z', retentionMonths: 2 },
    ...more,
  });

export const registered = (engagementId: string, leadId: string, obtainedAt = '2027-01-10T09:00:00Z'): LeadRegistered =>
  LeadRegistered.of({
    ...{ engagementId, leadId, leadVersion: 1, timeZone: 'Europe/Stockholm', ground: 'consent' as const, obtainedAt },
  });

export const contacted = (engagementId: string, leadId: string, informed = true): LeadContacted =>
  LeadContacted.of({
    ...{
      engagementId,
      leadId,
      leadVersion: 2,
      outcome: 'interested' as const,
      informed,
      contactedAt: '2027-01-11T09:00:00Z',
    },
  });

export const erasureAsked = (engagementId: string, leadId: string): LeadErasureAsked =>
  LeadErasureAsked.of({ engagementId, leadId, leadVersion: 2, reason: 'not-needed', askedAt: '2027-01-12T09:00:00Z' });

export const objected = (engagementId: string, leadId: string): LeadObjected =>
  LeadObjected.of({ engagementId, leadId, leadVersion: 3, objectedAt: '2027-01-12T09:00:00Z' });
