import { AuditTrail, ContactsClient, NotAllowed, type Principal, ReadsAreAudited, type Role } from '@avtala/access';
import {
  type Contact,
  type ContactPurpose,
  type DomainEventBase,
  EngagementStarted,
  type EventClass,
  LeadContacted,
  MeetingBooked,
  metaOf,
} from '@avtala/contracts';
import { createDatabase, Db, dropDatabase } from '@avtala/database';
import { configureHttp } from '@avtala/http';
import { Messaging, MessagingModule, messagingMigration } from '@avtala/messaging';
import {
  eventually,
  fixturePerson,
  TEST_ROLE_SECRET,
  testDatabase,
  type TestDatabase,
  testServerUrl,
} from '@avtala/test-kit';
import { Clock, FixedClock } from '@avtala/time';
import { openVault, provisionVault, Vault } from '@avtala/vault';
import { type CanActivate, type ExecutionContext, Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrmSyncConfig } from '../config.js';
import { CrmSyncModule } from '../crm-sync.module.js';
import { crmSync } from '../index.js';
import { DoorStub } from './door.fixture.js';
import { HubSpotStub, STUB_CLIENT } from '../outbound/hubspot/hubspot-stub.fixture.js';

const OTHERS = ['agency', 'lead_intake', 'scheduling', 'retention'] as const;

/** crm-sync as it runs, with the other services' logs, a door and a HubSpot that the test holds. */
export class CrmSyncRig {
  readonly door = new DoorStub();
  readonly clock = new FixedClock('2027-01-11T08:00:00Z');
  /** Who calls the HTTP routes. */
  engagementIds: string[] = [];
  role: Role = 'supervisor';
  url = '';
  private people = 0;
  private close: (() => Promise<void>)[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly hubspot: HubSpotStub,
    readonly app: NestExpressApplication,
    readonly messaging: Messaging,
    readonly vault: Vault,
  ) {}

  static async start(settings: Partial<CrmSyncConfig> = {}): Promise<CrmSyncRig> {
    const database = await testDatabase(
      { schema: 'crm_sync', migrations: crmSync.migrations },
      ...OTHERS.map((schema) => ({ schema, migrations: [messagingMigration(schema)] })),
    );
    const keys = `t_keys_${randomBytes(6).toString('hex')}`;
    const keysUrl = await createDatabase(testServerUrl(), keys);
    const keyDir = await mkdtemp(join(tmpdir(), 'avtala-keys-'));
    const vaultUrls = await provisionVault(keysUrl, TEST_ROLE_SECRET);
    const vault = await openVault({ url: vaultUrls['crm-sync'], keyDir });
    const hubspot = await HubSpotStub.start();

    const holder: { rig?: CrmSyncRig } = {};
    const rigged = <T>(pick: (rig: CrmSyncRig) => T): T => pick(holder.rig!);
    const clock: Clock = new (class extends Clock {
      now = () => rigged((r) => r.clock.now());
    })();
    const guard: CanActivate = {
      canActivate(context: ExecutionContext): boolean {
        if (context.getType() !== 'http') return true;
        const caller = rigged((r) => r.principal());
        context.switchToHttp().getRequest<{ principal: Principal }>().principal = caller;
        const of = [context.getHandler(), context.getClass()];
        if (new Reflector().getAllAndOverride<boolean>('avtala:public', of)) return true;
        if (!new Reflector().getAllAndOverride<Role[]>('avtala:roles', of)?.includes(caller.role))
          throw new NotAllowed();
        return true;
      },
    };
    const config = Object.assign(new CrmSyncConfig(), {
      HUBSPOT_BASE_URL: hubspot.settings.baseUrl,
      HUBSPOT_CLIENT_ID: STUB_CLIENT.clientId,
      HUBSPOT_CLIENT_SECRET: STUB_CLIENT.clientSecret,
      ...settings,
    });
    Object.assign(process.env, config);
    @Global()
    @Module({
      providers: [
        { provide: Db, useValue: database.db('crm_sync') },
        { provide: Clock, useValue: clock },
        { provide: Vault, useValue: vault },
        { provide: AuditTrail, useValue: new AuditTrail('crm-sync', randomBytes(32), clock) },
        {
          provide: ContactsClient,
          useValue: { read: (ids: string[], purpose: ContactPurpose) => rigged((r) => r.door.read(ids, purpose)) },
        },
        { provide: APP_GUARD, useValue: guard },
        { provide: APP_INTERCEPTOR, useClass: ReadsAreAudited },
      ],
      exports: [Db, Clock, Vault, AuditTrail, ContactsClient],
    })
    class Surroundings {}
    @Module({
      imports: [
        Surroundings,
        MessagingModule.forService({ service: 'crm-sync', transport: 'postgres' }),
        CrmSyncModule,
      ],
    })
    class Root {}

    const app = await NestFactory.create<NestExpressApplication>(Root, {
      bodyParser: false,
      logger: false,
      abortOnError: false,
    });
    crmSync.mount?.({ express: app.getHttpAdapter().getInstance(), context: app, urls: database.urls('crm_sync') });
    configureHttp(app);
    await app.listen(0, '127.0.0.1');
    const messaging = app.get(Messaging);
    const rig = new CrmSyncRig(database, hubspot, app, messaging, vault);
    holder.rig = rig;
    rig.url = await app.getUrl();
    await messaging.start(app);
    rig.close = [
      () => app.close(),
      () => vault.close(),
      () => hubspot.stop(),
      () => database.close(),
      () => dropDatabase(testServerUrl(), keys),
      () => rm(keyDir, { recursive: true, force: true }),
    ];
    return rig;
  }

  async stop(): Promise<void> {
    for (const step of this.close) await step();
  }

  /** Puts an event into its owner's log, as that service's relay would. */
  async event<T extends DomainEventBase>(
    eventClass: EventClass<T>,
    facts: object,
    at = this.clock.now(),
  ): Promise<string> {
    const meta = metaOf(eventClass);
    const schema = meta.owner.replaceAll('-', '_');
    const event = facts as Record<string, string>;
    const id = randomUUID();
    await this.database.sql(
      `insert into ${schema}.log (lane, event_id, key, type, payload, engagement_id, lead_id, at)
       values ((hashtextextended($2, 0) & 7)::smallint, $1, $2, $3, $4, $5, $6, $7)`,
      [
        id,
        event[meta.key],
        meta.type,
        JSON.stringify(facts),
        event['engagementId'],
        event['leadId'] ?? null,
        at.toString(),
      ],
    );
    await this.database.sql(`select pg_notify('avtala_log', $1)`, [schema]);
    return id;
  }

  /** Resolves when everything that was started has come to rest. */
  async rest(ms = 30_000): Promise<void> {
    let seen = -1;
    await eventually(async () => {
      const { busy, handled } = await this.messaging.dueState();
      const quiet = !busy && handled === seen;
      seen = busy ? -1 : handled;
      return quiet;
    }, ms);
  }

  /** Moves the business clock and waits. */
  async at(iso: string): Promise<void> {
    this.clock.set(iso);
    await this.rest();
  }

  later(hours: number): Promise<void> {
    return this.at(
      this.clock
        .now()
        .add({ seconds: Math.round(hours * 3600) })
        .toString(),
    );
  }

  /** An engagement with a connected HubSpot. */
  async connected(terms: Partial<EngagementStarted> = {}): Promise<{ engagementId: string; connectionId: string }> {
    const engagementId = await this.engagement(terms);
    const made = await this.call('POST', '/api/v1/crm-connections', {
      engagementId,
      kind: 'hubspot',
      region: 'eu1',
      refreshToken: `good-${randomUUID()}`,
    });
    if (made.status !== 201) throw new Error(`not connected: ${made.status} ${JSON.stringify(made.body)}`);
    await this.rest();
    return { engagementId, connectionId: made.body['id'] as string };
  }

  async engagement(terms: Partial<EngagementStarted> = {}): Promise<string> {
    const engagementId = randomUUID();
    this.engagementIds.push(engagementId);
    await this.event(EngagementStarted, {
      engagementId,
      clientId: randomUUID(),
      version: 1,
      retentionMonths: 3,
      timeZone: 'Europe/Stockholm',
      assessed: true,
      eraseOnReply: false,
      crmErasure: 'delete-created',
      memberIds: [],
      startedAt: this.clock.now().toString(),
      ...terms,
    });
    return engagementId;
  }

  /** A lead whom the door knows and who was told where the data came from. */
  async lead(engagementId: string, more: Partial<Contact> = {}): Promise<string> {
    const leadId = randomUUID();
    const { name, email } = fixturePerson(++this.people);
    this.door.people.set(leadId, { name, email, company: 'Exempel AB', phone: '+46701740605', ...more });
    await this.told(engagementId, leadId);
    return leadId;
  }

  told(engagementId: string, leadId: string, more: Partial<LeadContacted> = {}): Promise<string> {
    const contactedAt = this.clock.now().toString();
    return this.event(LeadContacted, {
      leadId,
      engagementId,
      leadVersion: 2,
      outcome: 'booked',
      informed: true,
      contactedAt,
      ...more,
    });
  }

  async meeting(
    engagementId: string,
    leadId: string,
    eventClass: EventClass = MeetingBooked,
    more: Partial<MeetingBooked> = {},
  ): Promise<string> {
    const bookingId = more.bookingId ?? randomUUID();
    await this.event(eventClass, {
      bookingId,
      leadId,
      engagementId,
      hostId: randomUUID(),
      meetingTypeId: randomUUID(),
      startsAt: '2027-01-20T09:00:00Z',
      endsAt: '2027-01-20T09:30:00Z',
      timeZone: 'Europe/Stockholm',
      sequence: 0,
      decidedAt: this.clock.now().toString(),
      ...more,
    });
    return bookingId;
  }

  /** A lead with a meeting, told of at the vendor. */
  async pushed(engagementId: string, more: Partial<Contact> = {}): Promise<{ leadId: string; bookingId: string }> {
    const leadId = await this.lead(engagementId, more);
    const bookingId = await this.meeting(engagementId, leadId);
    await this.later(0.02);
    return { leadId, bookingId };
  }

  async call(
    method: string,
    path: string,
    body?: object,
    key: string = randomUUID(),
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Payloads of what crm-sync told the others, in order. */
  async sent<T = Record<string, unknown>>(type: string, of: Record<string, string> = {}): Promise<T[]> {
    const rows = await this.database.sql<{ payload: T }>(
      `select payload from crm_sync.log where type = $1 and payload::jsonb @> $2 order by at, pos`,
      [type, JSON.stringify(of)],
    );
    return rows.map((r) => r.payload);
  }

  private principal(): Principal {
    return {
      kind: 'user',
      userId: '0190eeee-0000-7000-8000-000000000001',
      role: this.role,
      sessionId: '0190eeee-0000-7000-8000-000000000002',
      aal: 2,
      authTime: Temporal.Now.instant(),
      engagementIds: this.engagementIds,
    };
  }
}
