import type { Principal } from '@avtala/access';
import { Intake } from '@avtala/lead-intake';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, readdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { paired, percentile, type Bench, type BenchContext } from './harness.js';
import { leadCells } from './lead-file.js';
import { runIntake, type RunningIntake } from './running-intake.js';

const CLIENTS = 32;
const SECONDS = 4;
const INSERT = 'INSERT INTO public.plain_row (name, email, phone) VALUES';

let next = 0;
/** A lead nobody sent before. */
function lead() {
  const [name, company, title, email, phone] = leadCells(next++);
  return { name, company, title, email, phone, source: 'Branschregistret', ground: 'legitimate-interest' as const };
}

/** What `work` gets done by so many clients, one after the other each, in the time there is. */
async function perSecond(work: (client: number) => Promise<void>): Promise<number> {
  const until = performance.now() + SECONDS * 1000;
  let done = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (; performance.now() < until; done++) await work(client);
    }),
  );
  return done / ((performance.now() - began) / 1000);
}

/** As a supplier's system sends them: one POST a lead, 32 connections kept open. */
async function overHttp(intake: RunningIntake, engagementId: string, waits: number[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const url = new URL(`/api/v1/engagements/${engagementId}/leads`, intake.url);
  try {
    return await perSecond(async () => {
      const began = performance.now();
      const status = await post(agent, url, intake.cookie, JSON.stringify(lead()));
      waits.push(performance.now() - began);
      if (status !== 201) throw new Error(`A lead was answered with ${status}`);
    });
  } finally {
    agent.destroy();
  }
}

function post(agent: Agent, url: URL, cookie: string, body: string): Promise<number> {
  const headers = {
    cookie,
    origin: url.origin,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'idempotency-key': randomUUID(),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode!));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** The same without HTTP: what the service's own layer does for a lead, keys, audit, event and idempotency record included. */
async function atStorage(intake: RunningIntake, engagementId: string): Promise<number> {
  const service = intake.host.services.find((s) => s.definition.name === 'lead-intake')!.app.get(Intake);
  const caller: Principal = {
    kind: 'user',
    userId: randomUUID(),
    role: 'supervisor',
    sessionId: randomUUID(),
    aal: 2,
    authTime: Temporal.Now.instant(),
    engagementIds: [engagementId],
  };
  return perSecond(async () => {
    const { source, ground, ...raw } = lead();
    const claim = { principal: 'user:bench', route: 'POST /bench', key: randomUUID(), bodyHmac: Buffer.alloc(32) };
    await service.register(caller, engagementId, claim, raw, { source, ground });
  });
}

/** Where pgbench is: on PATH, or beside a packaged server. */
async function pgbench(): Promise<string | undefined> {
  const packaged = await readdir('/usr/lib/postgresql').catch(() => [] as string[]);
  const places = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...packaged.map((v) => join('/usr/lib/postgresql', v, 'bin')),
  ];
  for (const place of places) {
    const file = join(place, 'pgbench');
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

/** Commits of one row each, as fast as 32 clients get them from the same server. */
async function singleCommits(context: BenchContext, url: string, tool: string | undefined): Promise<number> {
  if (!tool) return nodeCommits(url);
  const script = join(context.dir, 'insert.sql');
  await writeFile(script, `${INSERT} ('Anna Ek', 'anna.ek@bolaget.example', '+46701740605');\n`);
  const at = new URL(url);
  const { stdout } = await promisify(execFile)(
    tool,
    ['-n', '-M', 'prepared', '-c', `${CLIENTS}`, '-j', '2', '-T', `${SECONDS}`, '-f', script, at.pathname.slice(1)],
    {
      env: {
        ...process.env,
        PGHOST: at.hostname,
        PGPORT: at.port,
        PGUSER: at.username,
        PGPASSWORD: decodeURIComponent(at.password),
      },
    },
  );
  return Number(/tps = ([\d.]+)/.exec(stdout)![1]);
}

async function nodeCommits(url: string): Promise<number> {
  const clients = Array.from({ length: CLIENTS }, () => new pg.Client(url));
  await Promise.all(clients.map((c) => c.connect()));
  try {
    return await perSecond(async (client) => {
      await clients[client]!.query({
        name: 'insert',
        text: `${INSERT} ($1, $2, $3)`,
        values: ['Anna Ek', 'anna.ek@bolaget.example', '+46701740605'],
      });
    });
  } finally {
    await Promise.all(clients.map((c) => c.end()));
  }
}

/** Leads that come one by one, 32 at a time, against what the database can commit one by one. */
export default {
  name: 'intake-api',
  async run(context) {
    const intake = await runIntake(context);
    try {
      await intake.sql.query(`CREATE TABLE public.plain_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text, email text, phone text)`);
      const tool = await pgbench();
      const reference = () => singleCommits(context, intake.databaseUrl, tool);
      const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
      const [http, storage] = [await intake.engagement('HTTP'), await intake.engagement('Storage')];
      const waits: number[] = [];
      const service = await paired({ rounds, reference, ours: () => overHttp(intake, http, waits) });
      const layer = await paired({ rounds, reference, ours: () => atStorage(intake, storage) });
      const said = `${tool ? 'pgbench' : 'node, prepared inserts'}, ${CLIENTS} clients, one row a commit`;
      return [
        {
          name: 'intake-api',
          sides: service,
          target: 0.35,
          detail: { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) },
        },
        { name: 'intake-api-storage', sides: layer, target: 0.55, detail: {} },
      ].map(({ name, sides, target, detail }) => ({
        name,
        ours: sides.ours,
        reference: sides.reference,
        unit: 'leads/s',
        ratio: sides.ratio,
        target: `≥ ${target}`,
        holds: sides.ratio >= target,
        detail: { reference: said, rounds: sides.rounds, ...detail },
      }));
    } finally {
      await intake.stop();
    }
  },
} satisfies Bench;
