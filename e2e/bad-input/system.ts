import { Process } from '@avtala/all-in-one';
import { signIn } from '@avtala/access';
import { createDatabase, dropDatabase } from '@avtala/database';
import { TEST_ROLE_SECRET, testServerUrl } from '@avtala/test-kit';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { send, type Answer, type Ask } from './ask.js';
import { furnish, type Things } from './things.js';

export const PEOPLE = ['admin', 'supervisor', 'booker', 'dpo', 'client', 'outsider'] as const;
/** `outsider` is a booker of the other engagement. */
export type Who = (typeof PEOPLE)[number];

/** A tenth of what is usual, so that going beyond it does not take the test a minute. */
export const UPLOAD_LIMIT = 25 * 1024 ** 2;

export interface System {
  readonly url: string;
  readonly dir: string;
  readonly pid: number;
  readonly userIds: Readonly<Record<Who, string>>;
  /** Of the supervisor, the booker and the client user. */
  readonly own: Things;
  /** Of the outsider only (admin and dpo see everything). */
  readonly other: Things;
  ask(who: Who | 'nobody', ask: Ask): Promise<Answer>;
  cookie(who: Who): string;
  sql<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** Rows by table, of every service. */
  counts(): Promise<Record<string, number>>;
  /** Waits until no service has anything under way. */
  quiet(): Promise<void>;
  /** Everything the process has printed. */
  printed(): Promise<string>;
  uploads(): Promise<string[]>;
  stop(): Promise<void>;
}

const SERVICES = ['agency', 'lead-intake', 'scheduling', 'crm-sync', 'retention'];
/** Rows that come and go by themselves, whatever is asked. */
const RESTLESS = [
  ...['cursor', 'auth_session', 'auth_verification', 'sign_in_failure', 'totp_used'], // positions, sessions, failed sign-ins
  ...['audit_leaf', 'audit_block', 'audit_checkpoint'], // entries are sealed some seconds after they were written
  ...['calendar_item', 'calendar_state'], // what is read from the hosts' calendars
  'vendor_day', // what a CRM said of its daily limit, at any call
  ...['form_use', 'link_use', 'act_count'], // how often somebody asked: refusals count, too
];

/** The whole system as `npm start` runs it, in a process of its own whose output is kept, on databases of this test's PostgreSQL. */
export async function startSystem(): Promise<System> {
  const undo: (() => Promise<unknown>)[] = [];
  const dir = await mkdtemp(join(tmpdir(), 'avtala-bad-input-'));
  undo.push(() => rm(dir, { recursive: true, force: true }));
  // Roles belong to the whole cluster: every test derives their passwords from the same secret.
  await mkdir(join(dir, 'secrets'), { mode: 0o700 });
  await writeFile(join(dir, 'secrets', 'roles.secret'), TEST_ROLE_SECRET, { mode: 0o600 });
  const names = ['data', 'keys'].map((kind) => `${kind}_${randomBytes(6).toString('hex')}`);
  const [dataUrl, keysUrl] = await Promise.all(names.map((name) => createDatabase(testServerUrl(), name)));
  undo.push(async () => {
    for (const name of names) await dropDatabase(testServerUrl(), name);
  });
  const pool = new pg.Pool({ connectionString: dataUrl, max: 2 }).on('error', () => undefined);
  undo.push(() => pool.end());
  const logFile = join(dir, 'system.log');
  const child = new Process(
    resolve('apps/all-in-one/dist/start.js'),
    {
      NODE_ENV: 'development',
      AVTALA_DATA_DIR: dir,
      AVTALA_DATABASE_URL: dataUrl!,
      AVTALA_KEYS_URL: keysUrl!,
      AVTALA_ANNOUNCE: 'json',
      AVTALA_LOG_LEVEL: 'debug',
      AVTALA_SANDBOX_BOOKERS: '3',
      AVTALA_UPLOAD_LIMIT: String(UPLOAD_LIMIT),
      PORT: '0',
    },
    logFile,
  );
  undo.push(() => child.stop());
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };

  try {
    const url = (await child.start(90_000))['address'] as string;
    const sql: System['sql'] = async (text, values = []) => (await pool.query(text, values)).rows as never;
    const cookies = await signInEverybody(url, dir);
    const ask: System['ask'] = (who, asked) => send(url, asked, who === 'nobody' ? undefined : cookies[who]);
    const need = async <T>(who: Who, asked: Ask): Promise<T> => {
      for (let attempt = 1; ; attempt++) {
        const answer = await ask(who, asked);
        if (answer.status < 300) return answer.body as T;
        // What was made a moment ago in one service is on its way to the others.
        if (![404, 409, 503].includes(answer.status) || attempt === 100)
          throw new Error(`${asked.method} ${asked.path} answered ${answer.status} ${answer.text}`);
        await new Promise((r) => setTimeout(r, 100));
      }
    };
    const userIds = Object.fromEntries(
      await Promise.all(
        PEOPLE.map(async (who) => [who, (await need<{ id: string }>(who, { method: 'GET', path: '/api/v1/me' })).id]),
      ),
    ) as Record<Who, string>;

    const seeded = JSON.parse(await readFile(join(dir, 'sandbox-seed.json'), 'utf8')) as {
      engagements: { id: string; clientId: string; meetingTypeId: string; hosts: { id: string }[] }[];
    };
    const [theirs, ours] = seeded.engagements as [(typeof seeded.engagements)[0], (typeof seeded.engagements)[0]];
    const members = (id: string, ...who: Who[]) =>
      need('admin', {
        method: 'PUT',
        path: `/api/v1/engagements/${id}/members`,
        json: { userIds: who.map((w) => userIds[w]) },
      });
    await members(ours.id, 'supervisor', 'booker', 'client');
    await members(theirs.id, 'outsider');
    await sql(`update agency.auth_user set role = 'client' where id = $1`, [userIds.client]);
    const [ownThings, otherThings] = [await furnish(need, sql, ours, 'own'), await furnish(need, sql, theirs, 'other')];
    // Past the undo window: invites and pushes are out before rows are counted.
    const { now } = await need<{ now: string }>('admin', { method: 'GET', path: '/api/v1/test/clock' });
    const later = Temporal.Instant.from(now).add({ minutes: 1 }).toString();
    await need('admin', { method: 'PUT', path: '/api/v1/test/clock', json: { now: later } });

    const push = async (engagement: string): Promise<string> => {
      const [found] = await sql<{ id: string }>(`select id from crm_sync.crm_push where engagement_id = $1 limit 1`, [
        engagement,
      ]);
      if (found) return found.id;
      await new Promise((r) => setTimeout(r, 100));
      return push(engagement);
    };
    const own = { ...ownThings, push: await push(ours.id) };
    const other = { ...otherThings, push: await push(theirs.id) };

    const quiet = async () => {
      for (let still = 0; still < 2;) {
        const states = await Promise.all(
          SERVICES.map((s) => need<{ busy: boolean }>('admin', { method: 'GET', path: `/internal/${s}/due` })),
        );
        still = states.some((s) => s.busy) ? 0 : still + 1;
        await new Promise((r) => setTimeout(r, 100));
      }
    };
    const tables = (
      await sql<{ name: string }>(
        `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all($1)
           and n.nspname in ('agency', 'lead_intake', 'scheduling', 'crm_sync', 'retention')`,
        [RESTLESS],
      )
    ).map((t) => t.name);
    const countAll = tables.map((t) => `select '${t}' as name, count(*)::int as n from ${t}`).join(' union all ');

    return {
      url,
      dir,
      pid: child.pid!,
      userIds,
      own,
      other,
      ask,
      cookie: (who) => cookies[who],
      sql,
      counts: async () =>
        Object.fromEntries((await sql<{ name: string; n: number }>(countAll)).map((r) => [r.name, r.n])),
      quiet,
      printed: () => readFile(logFile, 'utf8'),
      uploads: () => readdir(join(dir, 'uploads')).catch(() => []),
      stop,
    };
  } catch (error) {
    const printed = await readFile(logFile, 'utf8').catch(() => '');
    await stop();
    throw new Error(`The system could not be set up. It printed:\n${printed.slice(-4000)}`, { cause: error });
  }
}

async function signInEverybody(url: string, dir: string): Promise<Record<Who, string>> {
  const staff = JSON.parse(await readFile(join(dir, 'sandbox-staff.json'), 'utf8')) as {
    email: string;
    password: string;
    totpSecret: string;
  }[];
  const addresses: Record<Who, string> = {
    admin: 'admin@agency.example',
    supervisor: 'supervisor@agency.example',
    dpo: 'dpo@agency.example',
    booker: 'booker1@agency.example',
    outsider: 'booker2@agency.example',
    client: 'booker3@agency.example', // becomes a client's user below
  };
  const cookies: Partial<Record<Who, string>> = {};
  for (const who of PEOPLE) {
    const account = staff.find((s) => s.email === addresses[who])!;
    cookies[who] = (await signIn({ baseUrl: url, ...account })).cookie;
  }
  return cookies as Record<Who, string>;
}
