// For tests: agency on a real port and a database of its own, with ready accounts of every role.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROLES, type Role, signIn } from '@avtala/access';
import { installationSecret, type RunningService, RuntimeEnv, startService } from '@avtala/runtime';
import { testDatabase, type TestDatabase, type TestSchema } from '@avtala/test-kit';
import { OffsetClock } from '@avtala/time';
import { agency } from './index.js';
import { sandboxStaff } from './services/sandbox-staff.js';

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read answers field by field
  readonly body: any;
  readonly headers: Headers;
}

export const PASSWORD = 'tulip-harbour-ledger-9';
export const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

export class RunningAgency {
  readonly ids = new Map<Role, string>();
  private readonly sessions = new Map<Role, Promise<Record<string, string>>>();

  private constructor(
    readonly baseUrl: string,
    readonly database: TestDatabase,
    readonly service: RunningService,
    readonly clock: OffsetClock,
    readonly authSecret: string,
    readonly env: RuntimeEnv,
    private readonly undo: () => Promise<void>,
  ) {}

  /** @param options.beside schemas of other services in the same database; @param options.runtime variables that every service has
   * @param options.now business time at start; @param options.ownOrigin configured address, else the Host header counts
   * @param options.environment variables of agency's own configuration, while it runs */
  static async start(
    options: {
      now?: string;
      ownOrigin?: string;
      trustedProxies?: string;
      environment?: Record<string, string>;
      beside?: readonly TestSchema[];
      runtime?: Partial<RuntimeEnv>;
    } = {},
  ): Promise<RunningAgency> {
    const environment = options.environment ?? {};
    const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, environment);
    const database = await testDatabase({ schema: 'agency', migrations: agency.migrations }, ...(options.beside ?? []));
    const secrets = mkdtempSync(join(tmpdir(), 'avtala-agency-'));
    const env = Object.assign(new RuntimeEnv(), { AVTALA_SECRETS_DIR: secrets }, options.runtime);
    if (options.ownOrigin) env.AVTALA_ORIGIN = options.ownOrigin;
    if (options.trustedProxies) env.AVTALA_TRUSTED_PROXIES = options.trustedProxies;
    const offset = options.now ? Date.parse(options.now) - Date.now() : 0;
    const clock = new OffsetClock(offset);
    const { service, baseUrl, stop } = await serveAgency(database, env, clock);
    const undo = async () => {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      await stop();
      await database.close();
      rmSync(secrets, { recursive: true, force: true });
    };
    const authSecret = installationSecret(secrets, 'auth.secret');
    const running = new RunningAgency(baseUrl, database, service, clock, authSecret, env, undo);
    const accounts = ROLES.map((role) => ({ role, ...accountOf(role) }));
    const ids = await sandboxStaff(database.db('agency'), authSecret, accounts);
    ROLES.forEach((role, i) => running.ids.set(role, ids[i]!));
    return running;
  }

  async stop(): Promise<void> {
    await this.undo();
  }

  /** One request; POST carries a fresh Idempotency-Key unless one is given. `as` signs in once per role. */
  async ask(
    method: string,
    path: string,
    options: { as?: Role; body?: unknown; headers?: Record<string, string>; raw?: string } = {},
  ): Promise<Answer> {
    const headers: Record<string, string> = { ...(options.as ? await this.signedIn(options.as) : {}) };
    if (method === 'POST') headers['idempotency-key'] = randomUUID();
    const text = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    if (text !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: { ...headers, ...options.headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const said = await response.text();
    return { status: response.status, body: said === '' ? undefined : JSON.parse(said), headers: response.headers };
  }

  signedIn(role: Role): Promise<Record<string, string>> {
    const known = this.sessions.get(role);
    if (known) return known;
    const fresh = signIn({ baseUrl: this.baseUrl, ...accountOf(role) }).then((s) => s.headers);
    this.sessions.set(role, fresh);
    return fresh;
  }

  /** What was said to others, oldest first. */
  async events(engagementId?: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
    return this.database.sql(
      `select type, payload as data from (
         select 0 as place, id, type, payload, engagement_id from agency.outbox
         union all select -1, pos, type, payload, engagement_id from agency.log) e
       where $1::uuid is null or engagement_id = $1 order by place, id`,
      [engagementId ?? null],
    );
  }
}

/** One more instance on a database and with secrets that are there already. */
export async function serveAgency(
  database: TestDatabase,
  env: RuntimeEnv,
  clock: OffsetClock,
): Promise<{ service: RunningService; baseUrl: string; stop(): Promise<void> }> {
  const urls = new Map([['agency', database.urls('agency')]]);
  const prepared = { urls, vault: {} as never, kekDir: env.AVTALA_SECRETS_DIR };
  const service = await startService(agency, prepared, env, clock, 'http://127.0.0.1:1');
  const server = createServer(service.express);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const stop = async () => {
    await service.stop();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { service, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

export const accountOf = (role: Role) => ({
  email: `${role}@agency.example`,
  name: `Test ${role}`,
  password: PASSWORD,
  totpSecret: TOTP_SECRET,
});
