import {
  AccessOptions,
  AuditTrail,
  CallerCheck,
  type Principal,
  type Role,
  type ServicePrincipal,
} from '@avtala/access';
import { EngagementStarted, RetryLater, type DomainEventBase } from '@avtala/contracts';
import { createDatabase, Db, dropDatabase, scopeOf } from '@avtala/database';
import { configureHttp, type IdempotencyClaim } from '@avtala/http';
import { MessagingModule, type DueItem } from '@avtala/messaging';
import { TEST_ROLE_SECRET, testDatabase, testServerUrl, type TestDatabase } from '@avtala/test-kit';
import { Clock, FixedClock } from '@avtala/time';
import { openVault, provisionVault, Vault } from '@avtala/vault';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeadIntakeConfig } from '../src/config.js';
import { leadIntake } from '../src/index.js';
import { OnEngagement } from '../src/inbound/on-engagement.js';
import { Timers } from '../src/inbound/timers.js';

export const NOW = '2027-03-01T09:00:00Z';

/** lead-intake on a real database and a real key store, without relay, consumers and timers: a test delivers events and runs due work itself. */
export class Bench {
  private constructor(
    readonly app: NestExpressApplication,
    readonly database: TestDatabase,
    readonly vault: Vault,
    readonly clock: FixedClock,
    readonly uploads: string,
    private readonly keysName: string,
  ) {}

  static async open(config: Partial<LeadIntakeConfig> = {}): Promise<Bench> {
    const database = await testDatabase({ schema: 'lead_intake', migrations: leadIntake.migrations });
    const keysName = `k_${randomBytes(8).toString('hex')}`;
    const keys = await provisionVault(await createDatabase(testServerUrl(), keysName), TEST_ROLE_SECRET);
    const dir = await mkdtemp(join(tmpdir(), 'avtala-intake-'));
    const vault = await openVault({ url: keys['lead-intake'], keyDir: join(dir, 'keys') });
    const clock = new FixedClock(NOW);
    const audit = new AuditTrail('lead-intake', randomBytes(32), clock);
    const uploads = join(dir, 'uploads');
    process.env.AVTALA_UPLOADS_DIR = uploads;
    const given = [
      { provide: Db, useValue: database.db() },
      { provide: Clock, useValue: clock },
      { provide: Vault, useValue: vault },
      { provide: AuditTrail, useValue: audit },
      { provide: CallerCheck, useValue: { stillAllowed: async () => true } },
      { provide: AccessOptions, useValue: new AccessOptions('lead-intake', 'a secret of tests, 32 characters', []) },
    ];
    @Module({})
    class Surroundings {}
    @Module({
      imports: [
        { module: Surroundings, global: true, providers: given, exports: given.map((p) => p.provide) },
        MessagingModule.forService({ service: 'lead-intake', transport: 'postgres' }),
        leadIntake.module,
      ],
    })
    class Root {}
    const app = await NestFactory.create<NestExpressApplication>(Root, { bodyParser: false, logger: false });
    // Stands for the access guard, whose own tests are in libs/access: the caller comes as a header.
    app.use((req: { headers: Record<string, string>; principal?: unknown }, _res: unknown, next: () => void) => {
      const caller = req.headers['test-caller'];
      if (caller) req.principal = JSON.parse(caller);
      next();
    });
    configureHttp(app);
    await app.init();
    Object.assign(app.get(LeadIntakeConfig), config);
    return new Bench(app, database, vault, clock, uploads, keysName);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.vault.close();
    await this.database.close();
    await dropDatabase(testServerUrl(), this.keysName);
    await rm(join(this.uploads, '..'), { recursive: true, force: true });
  }

  get<T>(type: Type<T>): T {
    return this.app.get(type);
  }

  sql<T extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.database.sql<T>(text, values);
  }

  /** An engagement that runs. */
  async engagement(
    facts: { assessed?: boolean; clientId?: string; controller?: string; memberIds?: string[] } = {},
  ): Promise<string> {
    const engagementId = randomUUID();
    await this.deliver(
      OnEngagement,
      'open',
      EngagementStarted.of({
        engagementId,
        clientId: facts.clientId ?? randomUUID(),
        version: 1,
        retentionMonths: 6,
        timeZone: 'Europe/Stockholm',
        assessed: facts.assessed ?? true,
        eraseOnReply: false,
        crmErasure: 'delete-created',
        memberIds: facts.memberIds ?? [],
        controller: facts.controller ?? 'Bolaget AB',
        startedAt: '2027-02-01T00:00:00Z',
      }),
    );
    return engagementId;
  }

  /** Calls a consumer's method as libs/messaging does: in a transaction in the event's scope. */
  async deliver<C>(controller: Type<C>, method: keyof C & string, event: DomainEventBase): Promise<void> {
    const target = this.app.get(controller) as Record<string, (delivery: Delivery) => Promise<void>>;
    await this.database.db().withScope(scopeOf(event.engagementId), async (tx) => {
      const received = { eventId: randomUUID(), at: this.clock.now(), topic: 'avtala.test' };
      const delivery: Delivery = { events: [event], received: [received], keys: [received.eventId], tx }; // of one event any key will do
      await target[method]!(delivery);
      if (delivery.error) throw delivery.error.thrown;
    });
  }

  caller(role: Role, ...engagementIds: string[]): Principal {
    const authTime = Temporal.Instant.from(NOW);
    return { kind: 'user', userId: randomUUID(), role, sessionId: randomUUID(), aal: 2, authTime, engagementIds };
  }

  service(purpose: string): ServicePrincipal {
    return { kind: 'service', service: 'crm-sync', purpose, eventId: randomUUID() };
  }

  claim(key: string = randomUUID(), body = 'body'): IdempotencyClaim {
    return { principal: 'user:test', route: 'POST /test', key, bodyHmac: Buffer.from(body) };
  }

  /** One claimed row of this kind, as the due runner hands it over. */
  async claimDue(kind: string): Promise<DueItem | undefined> {
    const [row] = await this.sql<{
      id: string;
      key: string;
      engagement_id: string | null;
      lead_id: string | null;
      due_at: Date;
      payload: object;
      lease: string;
    }>(
      `update lead_intake.due set lease = gen_random_uuid(), lease_until = now() + interval '60 seconds'
       where id = (select id from lead_intake.due where kind = $1 and due_at <= $2 and (lease_until is null or lease_until < now()) order by due_at limit 1) returning *`,
      [kind, this.clock.now().toString()],
    );
    return (
      row && {
        id: row.id,
        kind,
        key: row.key,
        engagementId: row.engagement_id ?? '',
        leadId: row.lead_id,
        dueAt: Temporal.Instant.fromEpochMilliseconds(row.due_at.getTime()),
        payload: { ...row.payload },
        attempts: 0,
        lease: row.lease,
      }
    );
  }

  /** What 60 seconds do to the claims of a process that was killed. */
  async expireLeases(): Promise<void> {
    await this.sql(`update lead_intake.due set lease_until = '-infinity' where lease is not null`);
  }

  /** Does all work that is due, as often as it asks for it. @returns how many rows were worked on */
  async runDue(): Promise<number> {
    const timers = this.app.get(Timers);
    const work: Record<string, (items: DueItem[]) => Promise<void>> = {
      'import-run': (items) => timers.runImport(items),
      'import-expiry': (items) => timers.expireImport(items),
      'form-mail': (items) => timers.sendFormMail(items),
      'form-expiry': (items) => timers.expireForm(items),
      'carry-no': (items) => timers.carryNo(items),
      'erasure-stop': (items) => timers.stop(items),
      'keep-no': (items) => timers.keepNo(items),
      'erasure-destroy': (items) => timers.destroy(items),
      'rotate-pepper': (items) => timers.rotatePepper(items),
      'tell-outcome': (items) => timers.tellOutcome(items),
      'bulk-act': (items) => timers.bulkAct(items),
      'index-names': (items) => timers.indexNames(items),
    };
    let done = 0;
    for (const [kind, method] of Object.entries(work)) {
      for (let item = await this.claimDue(kind); item; item = await this.claimDue(kind)) {
        for (let tries = 0; ; tries++) {
          try {
            await method([item]);
            break;
          } catch (error) {
            if (!(error instanceof RetryLater) || tries > 5) throw error;
          }
        }
        if (++done > 10_000) throw new Error('Due work without end');
      }
    }
    return done;
  }

  /** Facts of events waiting in the outbox, chunks expanded, in order. */
  async events(type: string): Promise<Record<string, unknown>[]> {
    const found = await this.sql<{ payload: { common?: object; items?: object[] } & Record<string, unknown> }>(
      'select payload from lead_intake.outbox where type = $1 order by id',
      [type],
    );
    return found.flatMap(({ payload }) =>
      payload.items ? payload.items.map((item) => ({ ...payload.common, ...item })) : [payload],
    );
  }

  /** What relay and consumers would do: everything told has been heard. */
  async hearAll(): Promise<void> {
    await this.sql('delete from lead_intake.outbox');
  }

  async count(table: string, where = 'true', values: unknown[] = []): Promise<number> {
    const [row] = await this.sql<{ n: string }>(
      `select count(*) as n from lead_intake.${table} where ${where}`,
      values,
    );
    return Number(row!.n);
  }
}

interface Delivery {
  events: DomainEventBase[];
  received: unknown[];
  keys: string[];
  tx: unknown;
  error?: { thrown: unknown };
}

export const STATED = { source: 'Branschregistret', ground: 'legitimate-interest' as const };

/** Bytes as a request brings them, in pieces that end anywhere. */
export async function* pieces(text: string | Buffer, size = 700): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
