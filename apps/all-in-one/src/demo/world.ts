import { startBroker } from '@avtala/messaging';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort, Process } from '../child-process.js';
import { openClusters, type Clusters } from '../clusters.js';
import { sandboxEnv, startSandboxProcess } from '../sandbox-process.js';
import { seededIn } from '../seed-once.js';
import { sandboxSignIns, type SandboxStaff, type Seeded } from '../seed.js';
import { openCalDav, type CalDav } from './cal-dav.js';
import { SandboxControl } from './sandbox-control.js';

const START = fileURLToPath(new URL('../start.js', import.meta.url));

/** Everything a run starts: services, sandbox, databases, and a broker for Kafka. Stopped by process id, in `stop`. */
export interface World {
  readonly baseUrl: string;
  readonly app: Process;
  readonly sandbox: SandboxControl;
  readonly brokers: string | undefined;
  readonly calDav: CalDav | undefined;
  readonly clusters: Clusters;
  readonly staff: readonly SandboxStaff[];
  readonly ids: Seeded & { readonly startsOn: string };
  readonly dirs: {
    readonly data: string;
    readonly logs: string;
    readonly sandbox: string;
    readonly kafka: string;
    readonly calDav: string;
    readonly secrets: string;
  };
  /** Pieces of due work somebody is at right now: at a calendar, a mail server or a CRM. */
  atWork(): Promise<number>;
  /** The services, and with them their databases. */
  stopServices(): Promise<void>;
  /** Whatever still runs. */
  stop(): Promise<void>;
}

export async function startWorld(dir: string, transport: 'postgres' | 'kafka', bookers: number): Promise<World> {
  const dirs = {
    data: join(dir, 'data'),
    logs: join(dir, 'logs'),
    sandbox: join(dir, 'sandbox'),
    kafka: join(dir, 'kafka'),
    calDav: join(dir, 'caldav'),
    secrets: join(dir, 'data', 'secrets'),
  };
  await mkdir(dirs.data, { recursive: true });
  await mkdir(dirs.logs, { recursive: true });
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const broker = transport === 'kafka' ? await startBroker({ dir: dirs.kafka }) : undefined;
    if (broker) undo.push(() => broker.stop());
    const { urls, stop: stopSandbox } = await startSandboxProcess(dirs.sandbox);
    undo.push(stopSandbox);
    const calDav = await openCalDav(dirs.calDav);
    if (calDav) undo.push(() => calDav.stop());
    const port = await freePort(21_000);
    const app = new Process(
      START,
      {
        ...sandboxEnv(urls),
        AVTALA_DATA_DIR: dirs.data,
        AVTALA_ANNOUNCE: 'json',
        AVTALA_SANDBOX_BOOKERS: String(bookers),
        AVTALA_TRANSPORT: transport,
        PORT: String(port),
        ...(broker ? { KAFKA_BROKERS: broker.brokers } : {}),
        ...(calDav ? { CALDAV_ALLOWED_HOSTS: new URL(calDav.url).host } : {}),
      },
      join(dirs.logs, 'avtala.log'),
    );
    undo.push(() => app.stop());
    await app.start(120_000);

    const clusters = (await openClusters(dirs.data))!; // they run already, and go on running when the services are killed
    undo.push(async () => {
      if (!app.running) await clusters.stop(); // killed last, and not started again: nobody else stops them
    });
    const watch = new pg.Client({ connectionString: clusters.databaseUrl });
    watch.on('error', () => undefined); // the server may end before us
    await watch.connect();
    undo.push(() => watch.end());
    const ids = await seededIn(dirs.data);
    if (!ids) throw new Error('The services started without seeding the sandbox');
    return {
      baseUrl: `http://127.0.0.1:${port}`,
      app,
      sandbox: new SandboxControl(urls.control),
      brokers: broker?.brokers,
      calDav,
      clusters,
      staff: await sandboxSignIns(dirs.data, bookers),
      ids,
      dirs,
      atWork: () => claimed(watch),
      async stopServices() {
        await watch.end();
        await app.stop();
      },
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** Databases that had to live outside the run's directory go with it. */
export async function removeMovedClusters(clusters: Clusters): Promise<void> {
  if (!clusters.moved) return;
  for (const path of Object.values(clusters.where)) await rm(path, { recursive: true, force: true });
}

async function claimed(db: pg.Client): Promise<number> {
  const { rows } = await db.query<{ n: string }>(
    `select (select count(*) from scheduling.due where lease_until > now()) + (select count(*) from crm_sync.due where lease_until > now())
          + (select count(*) from lead_intake.due where lease_until > now()) as n`,
  );
  return Number(rows[0]!.n);
}
