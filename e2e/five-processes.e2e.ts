import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  bookMeetings,
  callEveryone,
  checkCertificates,
  Client,
  countOutside,
  emptyReport,
  endAndErase,
  freePort,
  importFile,
  Journal,
  Killer,
  liveWithThem,
  openClusters,
  Process,
  Progress,
  readLeadFile,
  SandboxControl,
  sandboxEnv,
  sandboxSignIns,
  Seeded,
  SERVICES,
  settle,
  signInAll,
  startSandboxProcess,
  Traffic,
  type Life,
} from '@avtala/all-in-one';
import { sandboxStaff } from '@avtala/agency';
import { openDb, urlsOf, type Db } from '@avtala/database';
import { startBroker } from '@avtala/messaging';
import { installationSecret } from '@avtala/runtime';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { front } from './front.js';
import { seedAs } from './seed-as.js';

const undo: (() => Promise<unknown>)[] = [];
const main = (service: string) => resolve(`apps/${service}/dist/main.js`);

/** The same server for whoever must not know its superuser. */
function withoutLogin(address: string): string {
  const url = new URL(address);
  url.username = url.password = '';
  return url.href;
}

/** `npm run provision`, as an operator runs it before the services. */
function provision(env: Record<string, string>): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'apps/all-in-one/dist/provision.js'],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return new Promise((done, failed) =>
    child.once('exit', (code) => (code === 0 ? done() : failed(new Error(`provision ended with ${code}`)))),
  );
}

/** To make the staff's accounts without invitations by mail. */
async function agencyDb(databaseUrl: string, secrets: string): Promise<Db> {
  const roleSecret = installationSecret(secrets, 'roles.secret');
  const db = await openDb({ schema: 'agency', urls: urlsOf(databaseUrl, 'agency', roleSecret) });
  undo.push(() => db.close());
  return db;
}

describe('each service a process of its own, over Kafka, none of them with a superuser', () => {
  let life: Life;
  let dir: string;
  let startsOn: string;
  let databaseUrl: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'avtala-e2e-'));
    await chmod(dir, 0o711); // PostgreSQL's system user must be able to pass through
    undo.push(() => rm(dir, { recursive: true, force: true }));
    const data = join(dir, 'data');
    await mkdir(data, { recursive: true });
    const broker = await startBroker({ dir: join(dir, 'kafka') });
    undo.push(() => broker.stop());
    const sandbox = await startSandboxProcess(join(dir, 'sandbox'));
    undo.push(() => sandbox.stop());
    const clusters = (await openClusters(data))!;
    undo.push(() => clusters.stop());
    databaseUrl = clusters.databaseUrl;

    const ports = new Map<string, number>();
    for (const { name } of SERVICES) ports.set(name, await freePort(23_000 + 400 * ports.size));
    const address = (service: string) => `http://127.0.0.1:${ports.get(service)}`;
    const gate = await front(SERVICES.map((s) => ({ services: [s], url: address(s.name) })));
    undo.push(() => gate.stop());
    const common = {
      ...sandboxEnv(sandbox.urls),
      AVTALA_SECRETS_DIR: join(data, 'secrets'),
      AVTALA_UPLOADS_DIR: join(data, 'uploads'),
      CERTIFICATE_KEY_FILE: join(data, 'secrets', 'certificate.pem'),
      AVTALA_TRANSPORT: 'kafka',
      KAFKA_BROKERS: broker.brokers,
      AVTALA_ORIGIN: gate.url,
      LEAD_INTAKE_URL: address('lead-intake'),
    };
    await provision({ ...common, AVTALA_DATABASE_URL: clusters.databaseUrl, AVTALA_KEYS_URL: clusters.keysUrl });
    const services = SERVICES.map(
      ({ name }) =>
        new Process(
          main(name),
          {
            ...common,
            AVTALA_PROVISION: 'off',
            AVTALA_DATABASE_URL: withoutLogin(clusters.databaseUrl),
            AVTALA_KEYS_URL: withoutLogin(clusters.keysUrl),
            PORT: String(ports.get(name)),
          },
          join(dir, `${name}.log`),
        ),
    );
    undo.push(() => Promise.all(services.map((s) => s.stop())));
    await Promise.all(services.map((s) => s.start(120_000)));

    const journal = new Journal(join(dir, 'acknowledged.jsonl'));
    const traffic = new Traffic();
    const anyone = new Client(gate.url, journal, traffic);
    const staff = await sandboxSignIns(data, 5);
    const authSecret = installationSecret(join(data, 'secrets'), 'auth.secret');
    await sandboxStaff(await agencyDb(clusters.databaseUrl, join(data, 'secrets')), authSecret, staff);
    const { admin, bookers } = await signInAll(gate.url, anyone, staff);
    const control = new SandboxControl(sandbox.urls.control);
    startsOn = (await control.now()).toZonedDateTimeISO('Europe/Stockholm').toPlainDate().toString();
    const ids = await seedAs(admin, bookers, startsOn, 200); // the events have to cross the broker
    const report = emptyReport('kafka', 1);
    const rng = new Seeded(1);
    const progress = new Progress(Object.assign(new PassThrough().resume(), { isTTY: false }) as never);
    life = {
      baseUrl: gate.url,
      anyone,
      admin,
      bookers,
      ids,
      file: await readLeadFile('samples/leads.csv'),
      sandbox: control,
      killer: new Killer(0, rng, services[0]!, traffic, report, () => undefined),
      inFlight: () => traffic.inFlight,
      atWork: async () => 0,
      rng,
      report,
      progress,
    };
  }, 600_000);

  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  }, 60_000);

  it('takes people in, books, invites, pushes and erases them, with valid certificates (A7, B8, C1, D1, E1)', async () => {
    await importFile(life);
    const booked = await bookMeetings(life, await callEveryone(life));
    await liveWithThem(life, booked);
    await settle(life);
    await countOutside(life, databaseUrl);
    expect(life.report.meetings.doubleBooked).toBe(0);
    expect(life.report.invites).toMatchObject({ duplicates: 0, resent: 0 });
    expect(life.report.invites.received).toBe(life.report.invites.sent);
    expect(life.report.crm.hubspot.meetings).toBe(booked.length);
    await endAndErase(life, startsOn, 3);
    await checkCertificates(life, join(dir, 'certificates'));
    expect(life.report.erasure).toEqual({
      leads: life.report.leads.accepted,
      orders: 1,
      incomplete: 0,
      certificates: 1,
      certificatesValid: 1,
    });
  }, 600_000);
});
