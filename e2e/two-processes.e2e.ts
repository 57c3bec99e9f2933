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
import { startBroker } from '@avtala/messaging';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { front } from './front.js';
import { seedAs } from './seed-as.js';

const START = resolve('apps/all-in-one/dist/start.js');
const undo: (() => Promise<unknown>)[] = [];
const here = (names: string[]) => SERVICES.filter((s) => names.includes(s.name));
const A = ['lead-intake', 'agency'];
const B = ['scheduling', 'crm-sync', 'retention'];

describe('lead-intake and agency in one process, the other three in another, over Kafka', () => {
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

    const ports = [await freePort(23_000), await freePort(25_000)] as const;
    const urls = ports.map((p) => `http://127.0.0.1:${p}`);
    const gate = await front([
      { services: here(A), url: urls[0]! },
      { services: here(B), url: urls[1]! },
    ]);
    undo.push(() => gate.stop());
    const process = (names: string[], port: number) =>
      new Process(
        START,
        {
          ...sandboxEnv(sandbox.urls),
          AVTALA_DATA_DIR: data,
          AVTALA_DATABASE_URL: clusters.databaseUrl,
          AVTALA_KEYS_URL: clusters.keysUrl,
          AVTALA_SECRETS_DIR: join(data, 'secrets'),
          AVTALA_ANNOUNCE: 'json',
          AVTALA_SEED: 'off',
          AVTALA_SANDBOX_BOOKERS: '5',
          AVTALA_TRANSPORT: 'kafka',
          KAFKA_BROKERS: broker.brokers,
          AVTALA_SERVICES: names.join(','),
          AVTALA_ORIGIN: gate.url,
          LEAD_INTAKE_URL: urls[0]!,
          PORT: String(port),
        },
        join(dir, `${names[0]}.log`),
      );
    const [first, second] = [process(A, ports[0]), process(B, ports[1])];
    undo.push(() => Promise.all([first.stop(), second.stop()]));
    await Promise.all([first.start(90_000), second.start(90_000)]);

    const journal = new Journal(join(dir, 'acknowledged.jsonl'));
    const traffic = new Traffic();
    const anyone = new Client(gate.url, journal, traffic);
    const staff = await sandboxSignIns(data, 5);
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
      killer: new Killer(0, rng, first, traffic, report, () => undefined),
      inFlight: () => traffic.inFlight,
      atWork: async () => 0,
      rng,
      report,
      progress,
    };
  }, 180_000);

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
  }, 180_000);
});
