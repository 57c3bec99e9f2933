import type { Principal } from '@avtala/access';
import { Intake } from '@avtala/lead-intake';
import { execFile, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { perSecond } from './clients.js';
import { paired, percentile, type Bench, type BenchContext } from './harness.js';
import { leadBody } from './lead-file.js';
import type { PostedRound, PostRound } from './post-leads.js';
import { runIntake, type RunningIntake } from './running-intake.js';

const CLIENTS = 32;
const SECONDS = 4;
const INSERT = 'INSERT INTO public.plain_row (name, email, phone) VALUES';

/** The process that posts leads, from the first round to the last. */
class Poster {
  private readonly child = fork(new URL('./post-leads.js', import.meta.url));

  async round(round: PostRound): Promise<PostedRound> {
    this.child.send(round);
    const [answer] = (await Promise.race([
      once(this.child, 'message'),
      once(this.child, 'exit').then(() => {
        throw new Error('The process that posts leads has ended');
      }),
    ])) as [PostedRound];
    return answer;
  }

  stop(): void {
    this.child.disconnect();
  }
}

/** The same without HTTP: what the service's own layer does for a lead, keys, audit, event and idempotency record included. */
async function atStorage(intake: RunningIntake, engagementId: string, next: () => number): Promise<number> {
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
  return perSecond(CLIENTS, SECONDS, async () => {
    const { source, ground, ...raw } = leadBody(next());
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
    return await perSecond(CLIENTS, SECONDS, async (client) => {
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
    const poster = new Poster();
    try {
      await intake.sql.query(`CREATE TABLE public.plain_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text, email text, phone text)`);
      const tool = await pgbench();
      const reference = () => singleCommits(context, intake.databaseUrl, tool);
      const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
      const [http, storage] = [await intake.engagement('HTTP'), await intake.engagement('Storage')];
      const waits: number[] = [];
      const url = new URL(`/api/v1/engagements/${http}/leads`, intake.url).href;
      const overHttp = async () => {
        const round = await poster.round({ url, cookie: intake.cookie, clients: CLIENTS, seconds: SECONDS });
        waits.push(...round.waits);
        return round.rate;
      };
      const service = await paired({ rounds, reference, ours: overHttp });
      let next = 0;
      const layer = await paired({ rounds, reference, ours: () => atStorage(intake, storage, () => next++) });
      const said = `${tool ? 'pgbench' : 'node, prepared inserts'}, ${CLIENTS} clients, one row a commit`;
      return [
        {
          name: 'intake-api',
          sides: service,
          target: 0.055,
          design: 0.35,
          detail: { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) },
        },
        { name: 'intake-api-storage', sides: layer, target: 0.115, design: 0.55, detail: {} },
      ].map(({ name, sides, target, design, detail }) => ({
        name,
        ours: sides.ours,
        reference: sides.reference,
        unit: 'leads/s',
        ratio: sides.ratio,
        target: `≥ ${target} (the design’s: ${design}; docs/adr/0024)`,
        holds: sides.ratio >= target,
        detail: { reference: said, rounds: sides.rounds, ...detail },
      }));
    } finally {
      poster.stop();
      await intake.stop();
    }
  },
} satisfies Bench;
