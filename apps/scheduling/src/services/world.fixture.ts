import {
  installationSecret,
  parseConfig,
  prepare,
  RuntimeEnv,
  startService,
  type RunningService,
  type ServiceDefinition,
} from '@avtala/runtime';
import type { ContactAnswer, ContactPurpose, DomainEventBase, EventClass } from '@avtala/contracts';
import { metaOf } from '@avtala/contracts';
import { createDatabase, dropDatabase, grantSql, type Db } from '@avtala/database';
import { messagingMigration } from '@avtala/messaging';
import { eventually, TEST_ROLE_SECRET, testServerUrl } from '@avtala/test-kit';
import { FixedClock } from '@avtala/time';
import { simpleParser, type ParsedMail } from 'mailparser';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { scheduling } from '../index.js';
import { FakeGoogle } from '../outbound/google/google.fixture.js';

/** Signs people in by what their token says; stands for agency. */
class Principals1795392000900 implements MigrationInterface {
  name = 'Principals1795392000900';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create function principal(token text)
      returns table (user_id uuid, role text, session_id uuid, aal int, auth_time timestamptz, engagement_ids uuid[])
      language sql security definer set search_path = agency, pg_temp
      as $$ select split_part(token, '/', 2)::uuid, split_part(token, '/', 1), split_part(token, '/', 2)::uuid, 2, now(),
              string_to_array(nullif(split_part(token, '/', 3), ''), ',')::uuid[] $$`);
    await runner.query(grantSql({ consumers: 'execute' }, 'function principal(text)'));
  }
  async down(): Promise<void> {}
}

const neighbour = (name: 'agency' | 'lead-intake' | 'retention' | 'crm-sync'): ServiceDefinition => {
  const schema = name.replace('-', '_');
  return {
    name,
    schema,
    module: class Nothing {},
    routes: [],
    entities: [],
    migrations: [messagingMigration(schema), ...(name === 'agency' ? [Principals1795392000900] : [])],
  };
};

export const NOW = '2027-03-01T08:00:00Z'; // a Monday, 09:00 in Stockholm

export interface Answer {
  status: number;
  body: Record<string, never> & { id: string; code: string; sequence: number; state: string; startsAt: string };
}

interface Received {
  parsed: ParsedMail;
  raw: string;
}

/** Scheduling as it runs, with real PostgreSQL, HTTP and SMTP; what is outside it is fake. */
export class World {
  readonly clock = new FixedClock(NOW);
  readonly google = new FakeGoogle();
  readonly mails: Received[] = [];
  /** What the door says of a lead; `ok` with a made-up person unless set. */
  readonly door = new Map<string, ContactAnswer['status']>();
  readonly people = new Map<string, { name: string; email?: string }>();
  readonly reads: { purpose: ContactPurpose; ids: string[] }[] = [];
  mailFault: number | undefined;
  /** What leads wrote, as lead-intake got it. */
  readonly said: { leadId: string; words: string }[] = [];
  saidRefusal: string | undefined;
  service!: RunningService;
  engagementId: string = randomUUID();
  #undo: (() => unknown)[] = [];
  #sql!: pg.Pool;
  #url = '';
  #secret = '';
  #definitions: ServiceDefinition[] = [];
  #env!: RuntimeEnv;

  private constructor(private readonly caldavHosts: readonly string[]) {}

  /** @param caldavHosts `host:port` the operator vouches for */
  static async create(caldavHosts: readonly string[] = []): Promise<World> {
    const world = new World(caldavHosts);
    await world.#start();
    return world;
  }

  async #start(): Promise<void> {
    const server = testServerUrl();
    const suffix = randomBytes(6).toString('hex');
    const [data, keys] = [`t_${suffix}`, `k_${suffix}`];
    const urls = [await createDatabase(server, data), await createDatabase(server, keys)];
    const dir = await mkdtemp(join(tmpdir(), 'avtala-scheduling-'));
    // Roles belong to the whole cluster: every test derives their passwords from the same secret.
    await writeFile(join(dir, 'roles.secret'), TEST_ROLE_SECRET, { mode: 0o600 });
    const google = await this.google.start();
    Object.assign(process.env, {
      SMTP_URL: await this.#smtp(),
      GOOGLE_BASE_URL: google.baseUrl,
      GOOGLE_TOKEN_URL: google.tokenUrl,
      PRIVACY_URL: 'https://agency.example/privacy',
      CALDAV_ALLOWED_HOSTS: this.caldavHosts.join(',') || 'nowhere.example:1',
    });
    this.#env = parseConfig(RuntimeEnv, {
      AVTALA_DATABASE_URL: urls[0],
      AVTALA_KEYS_URL: urls[1],
      AVTALA_SECRETS_DIR: dir,
      LEAD_INTAKE_URL: await this.#doorServer(),
    });
    this.#definitions = [...(['agency', 'lead-intake', 'retention', 'crm-sync'] as const).map(neighbour), scheduling];
    this.#sql = new pg.Pool({ connectionString: urls[0]!, max: 2 }).on('error', () => undefined);
    this.#secret = installationSecret(dir, 'auth.secret');
    await this.startService();
    this.#undo.push(
      () => this.google.stop(),
      () => rm(dir, { recursive: true, force: true }),
      () => dropDatabase(server, keys),
      () => dropDatabase(server, data),
      () => this.#sql.end(),
    );
  }

  async startService(): Promise<void> {
    const prepared = await prepare(this.#definitions, this.#env);
    this.service = await startService(scheduling, prepared, this.#env, this.clock, 'http://127.0.0.1');
    const http = createServer(this.service.express);
    this.#url = await listen(http);
    const running = this.service;
    this.#undo.push(async () => {
      http.close();
      http.closeAllConnections();
      await running.stop();
    });
  }

  async close(): Promise<void> {
    for (const step of this.#undo.splice(0).reverse()) await step();
  }

  /** Where the service answers. */
  get url(): string {
    return this.#url;
  }

  adminUrl(): string {
    return this.#env.AVTALA_DATABASE_URL;
  }

  get db(): Db {
    return this.service.db;
  }

  async sql<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.#sql.query(text, values)).rows as T[];
  }

  /** A request by somebody of this role in these engagements (the world's own unless said). */
  async call(
    method: string,
    path: string,
    body?: object,
    as: { role?: string; engagements?: string[]; key?: string | null; user?: string } = {},
  ): Promise<Answer> {
    const token = `${as.role ?? 'supervisor'}/${as.user ?? '019a0000-0000-7000-8000-00000000000a'}/${(as.engagements ?? [this.engagementId]).join(',')}`;
    const cookie = encodeURIComponent(`${token}.${createHmac('sha256', this.#secret).update(token).digest('base64')}`);
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        cookie: `__Host-avtala=${cookie}`,
        origin: this.#url,
        ...(as.key === null || method === 'GET' ? {} : { 'idempotency-key': as.key ?? randomUUID() }),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text || '{}') as Answer['body'] };
  }

  /** Puts an event into its owner's log, as that owner's relay would. */
  async publish<T extends DomainEventBase>(eventClass: EventClass<T>, facts: { [K in keyof T]: T[K] }, owner?: string) {
    const meta = metaOf(eventClass);
    const schema = (owner ?? meta.owner).replace('-', '_');
    const payload = facts as unknown as Record<string, string>;
    const key = payload[meta.key]!;
    await this.sql(
      `insert into ${schema}.log (lane, event_id, key, type, payload, engagement_id, lead_id, at)
       values ((hashtextextended($2, 0) & 7)::smallint, $1, $2, $3, $4, $5, $6, $7)`,
      [
        randomUUID(),
        key,
        meta.type,
        JSON.stringify(facts),
        payload.engagementId,
        payload.leadId ?? null,
        this.clock.now().toString(),
      ],
    );
  }

  /** Facts of the events this service has told so far, in order. */
  async told(type: string, leadId?: string): Promise<Record<string, never>[]> {
    const found = await this.sql<{ payload: Record<string, never> }>(
      `select payload from (select payload, type, lead_id, 0 as n, pos from scheduling.log
         union all select payload, type, lead_id, 1, id from scheduling.outbox) e
       where type = $1 and ($2::uuid is null or lead_id = $2) order by n, pos`,
      [type, leadId ?? null],
    );
    return found.map((f) => f.payload);
  }

  /** Moves the business clock on by seconds. */
  pass(seconds: number): void {
    this.clock.set(this.clock.now().add({ seconds }).toString());
  }

  /** Until nothing is due now and nobody works. */
  async quiet(): Promise<void> {
    await eventually(async () => {
      const [{ n }] = (await this.sql<{ n: number }>(
        `select (select count(*) from scheduling.due where due_at <= $1 and not parked)::int
           + (select count(*) from scheduling.outbox)::int as n`,
        [this.clock.now().toString()],
      )) as [{ n: number }];
      return n === 0;
    }, 20_000);
  }

  async lead(engagementId: string = this.engagementId, timeZone = 'Europe/Stockholm'): Promise<string> {
    const leadId = randomUUID();
    await this.sql(
      'insert into scheduling.lead_case (engagement_id, lead_id, time_zone, lead_version) values ($1, $2, $3, 1)',
      [engagementId, leadId, timeZone],
    );
    return leadId;
  }

  async engagement(id: string = randomUUID()): Promise<string> {
    await this.sql(
      `insert into scheduling.engagement (engagement_id, client_id, version, time_zone, started_at)
       values ($1, $2, 1, 'Europe/Stockholm', '2027-01-01T00:00:00Z')`,
      [id, randomUUID()],
    );
    return id;
  }

  /** A host who works every day from 08:00 to 18:00 in Stockholm, and a 30-minute meeting type of theirs. */
  async hostAndType(more: object = {}, calendar = false): Promise<{ hostId: string; typeId: string }> {
    const host = await this.call('POST', '/hosts', {
      name: 'Håkan Ek',
      email: 'hakan@client.example',
      timeZone: 'Europe/Stockholm',
      engagementIds: [this.engagementId],
      weeklyHours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '08:00', to: '18:00' })),
    });
    if (calendar) {
      await this.call('POST', '/calendar-connections', {
        hostId: host.body.id,
        kind: 'google',
        calendarId: `${host.body.id}@client.example`,
        refreshToken: `refresh-${host.body.id}`,
      });
    }
    const type = await this.call('POST', '/meeting-types', {
      engagementId: this.engagementId,
      name: 'Genomgång',
      lengthMinutes: 30,
      hostIds: [host.body.id],
      ...more,
    });
    return { hostId: host.body.id, typeId: type.body.id };
  }

  async #smtp(): Promise<string> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      logger: false,
      onRcptTo: (address, _session, done) => {
        const refused = Object.assign(new Error(`no ${address.address}`), { responseCode: this.mailFault });
        done(this.mailFault ? refused : undefined);
      },
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (c: Buffer) => chunks.push(c));
        stream.on('end', () => {
          const raw = Buffer.concat(chunks);
          void simpleParser(raw).then((parsed) => {
            this.mails.push({ parsed, raw: raw.toString('latin1') });
            done();
          });
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#undo.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  }

  async #doorServer(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (c: Buffer) => chunks.push(c));
      request.on('end', () => {
        if (request.url === '/internal/leads:said') {
          const refused = this.saidRefusal;
          if (!refused)
            this.said.push(JSON.parse(Buffer.concat(chunks).toString()) as { leadId: string; words: string });
          response.writeHead(refused ? 422 : 204).end(refused && JSON.stringify({ code: refused }));
          return;
        }
        const { ids, purpose } = JSON.parse(Buffer.concat(chunks).toString()) as {
          ids: string[];
          purpose: ContactPurpose;
        };
        this.reads.push({ ids, purpose });
        const answers = ids.map((id) => this.#answerOf(id, purpose));
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ answers }));
      });
    });
    const url = await listen(server);
    this.#undo.push(() => server.close());
    return url;
  }

  #answerOf(id: string, purpose: ContactPurpose): ContactAnswer {
    const status = this.door.get(id) ?? 'ok';
    if (status !== 'ok' && !(status === 'erased' && purpose === 'erasure')) return { id, status };
    const person = this.people.get(id) ?? { name: 'Åsa Öberg', email: `${id.slice(0, 8)}@lead.example` };
    const notice = {
      source: 'Bolagsregistret',
      ground: 'legitimate-interest' as const,
      obtainedAt: '2027-02-01T10:00:00Z',
      controller: 'Kund AB',
    };
    return { id, status: 'ok', version: 1, ...(purpose === 'booking' ? {} : { contact: person, notice }) };
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
