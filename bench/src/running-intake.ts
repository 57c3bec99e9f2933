import { sandboxStaff } from '@avtala/agency';
import { signIn } from '@avtala/access';
import { Client, Journal, sandboxSignIns, SERVICES, Traffic } from '@avtala/all-in-one';
import { createDatabase } from '@avtala/database';
import { installationSecret, parseConfig, RuntimeEnv, startHost, type Host } from '@avtala/runtime';
import pg from 'pg';
import { join } from 'node:path';
import type { BenchContext } from './harness.js';

/** lead-intake and agency as an installation runs them, in this process, on clusters with default durability. */
export interface RunningIntake {
  readonly url: string;
  readonly host: Host;
  readonly admin: Client;
  /** Of the same session, for requests that are counted. */
  readonly cookie: string;
  /** Superuser in the database of the services: reads what came of it, and runs the reference beside it. */
  readonly sql: pg.Client;
  readonly databaseUrl: string;
  /** A new engagement that takes leads in, known to lead-intake. */
  engagement(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** @param more.services beside these two; @param more.env e.g. another lead-intake than this one, for whoever asks it for contact data */
export async function runIntake(
  context: BenchContext,
  more: { services?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<RunningIntake> {
  const [data, keys] = await Promise.all([context.cluster('data'), context.cluster('keys')]);
  const databaseUrl = await createDatabase(data.url, 'avtala');
  process.env.AVTALA_UPLOADS_DIR = join(context.dir, 'uploads');
  process.env.AVTALA_LOG_LEVEL ??= 'error';
  const env = parseConfig(RuntimeEnv, {
    AVTALA_DATABASE_URL: databaseUrl,
    AVTALA_KEYS_URL: await createDatabase(keys.url, 'keys'),
    AVTALA_SECRETS_DIR: join(context.dir, 'secrets'),
    PORT: '0',
    ...more.env,
  });
  const names = ['lead-intake', 'agency', ...(more.services ?? [])];
  const host = await startHost(
    SERVICES,
    SERVICES.filter((s) => names.includes(s.name)),
    env,
  );
  const staff = await sandboxSignIns(context.dir, 0);
  await readyAccounts(host, env, staff);
  const anyone = new Client(host.address, new Journal(join(context.dir, 'answers.jsonl')), new Traffic());
  const { cookie } = await signIn({ baseUrl: host.address, ...staff.find((s) => s.role === 'admin')! });
  const admin = anyone.as(cookie);
  const sql = new pg.Client(databaseUrl);
  await sql.connect();
  return {
    url: host.address,
    host,
    admin,
    cookie,
    sql,
    databaseUrl,
    engagement: (name) => engagement(admin, sql, name),
    stop: async () => {
      await sql.end();
      await host.stop();
    },
  };
}

/** Ready-made accounts are for the sandbox and tests: a benchmark says that it is one. */
async function readyAccounts(
  host: Host,
  env: RuntimeEnv,
  staff: Awaited<ReturnType<typeof sandboxSignIns>>,
): Promise<void> {
  const agency = host.services.find((s) => s.definition.name === 'agency')!;
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'test';
  try {
    await sandboxStaff(agency.db, installationSecret(env.AVTALA_SECRETS_DIR, 'auth.secret'), staff);
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

const COMPANY = { name: 'Exempelklienten Ett AB', organisationNumber: '556677-8899' };

async function engagement(admin: Client, sql: pg.Client, name: string): Promise<string> {
  const today = Temporal.Now.plainDateISO('Europe/Stockholm').toString();
  const client = await admin.need(admin.post<{ id: string }>('/api/v1/clients', COMPANY, 'bench-client'));
  const { id } = await admin.need(
    admin.post<{ id: string }>('/api/v1/engagements', {
      clientId: client.id,
      name,
      controller: COMPANY,
      processor: { name: 'Bench Agency AB', organisationNumber: '556688-0000' },
      retentionMonths: 3,
      bindingMonths: 1,
      startsOn: today,
      timeZone: 'Europe/Stockholm',
      eraseOnReply: false,
      crmErasure: 'delete-created',
    }),
  );
  await admin.need(
    admin.post(`/api/v1/engagements/${id}/assessments`, {
      purpose: 'Offering the client’s services to companies by phone',
      necessity: 'People in the role concerned can be reached in no less intrusive way',
      balancing: 'Work contact data only; everyone is told at first contact and can object at once',
      madeOn: today,
    }),
  );
  for (let tries = 0; ; tries++) {
    const { rowCount } = await sql.query('SELECT 1 FROM lead_intake.engagement WHERE id = $1 AND assessed', [id]);
    if (rowCount) return id;
    if (tries > 200) throw new Error('The engagement did not reach lead-intake');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
