import {
  checkCertificates,
  Client,
  emptyReport,
  endAndErase,
  freePort,
  Journal,
  Killer,
  Process,
  Progress,
  readLeadFile,
  SandboxControl,
  sandboxEnv,
  sandboxSignIns,
  Seeded,
  settle,
  signInAll,
  startSandboxProcess,
  Traffic,
  type Life,
} from '@avtala/all-in-one';
import { createDatabase, dropDatabase } from '@avtala/database';
import { TEST_ROLE_SECRET, testServerUrl } from '@avtala/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { seedAs } from './seed-as.js';

interface Event {
  status: string;
  summary?: string;
  description?: string;
}
interface Mail {
  parsed: { calendar?: { method: string; uid: string; sequence: number } };
}
interface Order {
  id: string;
  scope: string;
  state: string;
  leads: number;
}

const NAMES = ['Objekta Nejström', 'Berta Bokad', 'Cecilia Glömd', 'Didrik Kvar', 'Eva Kvar'] as const;
const emailOf = (name: string) => `${name.split(' ')[0]!.toLowerCase()}@lead.example`;
const undo: (() => Promise<unknown>)[] = [];

describe('a "no" in the middle of everything: a meeting is booked, its event written, the contact pushed', () => {
  let life: Life;
  let dir: string;
  let startsOn: string;
  const ids: string[] = [];
  let meeting: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'avtala-no-'));
    undo.push(() => rm(dir, { recursive: true, force: true }));
    // Roles belong to the whole cluster: every test derives their passwords from the same secret.
    await mkdir(join(dir, 'secrets'), { mode: 0o700 });
    await writeFile(join(dir, 'secrets', 'roles.secret'), TEST_ROLE_SECRET, { mode: 0o600 });
    const names = ['data', 'keys'].map((kind) => `${kind}_${randomBytes(6).toString('hex')}`);
    undo.push(async () => {
      for (const name of names) await dropDatabase(testServerUrl(), name);
    });
    const [data, keys] = await Promise.all(names.map((name) => createDatabase(testServerUrl(), name)));
    const sandbox = await startSandboxProcess(join(dir, 'sandbox'));
    undo.push(() => sandbox.stop());
    const baseUrl = `http://127.0.0.1:${await freePort(27_000)}`;
    const process = new Process(
      resolve('apps/all-in-one/dist/start.js'),
      {
        ...sandboxEnv(sandbox.urls),
        NODE_ENV: 'development',
        AVTALA_DATA_DIR: dir,
        AVTALA_DATABASE_URL: data!,
        AVTALA_KEYS_URL: keys!,
        AVTALA_ANNOUNCE: 'json',
        AVTALA_SEED: 'off',
        AVTALA_SANDBOX_BOOKERS: '2',
        AVTALA_TRANSPORT: 'postgres',
        PORT: new URL(baseUrl).port,
      },
      join(dir, 'system.log'),
    );
    undo.push(() => process.stop());
    await process.start(60_000);

    const traffic = new Traffic();
    const anyone = new Client(baseUrl, new Journal(join(dir, 'acknowledged.jsonl')), traffic);
    const { admin, bookers } = await signInAll(baseUrl, anyone, await sandboxSignIns(dir, 2));
    const control = new SandboxControl(sandbox.urls.control);
    startsOn = (await control.now()).toZonedDateTimeISO('Europe/Stockholm').toPlainDate().toString();
    const report = emptyReport('postgres', 1);
    const rng = new Seeded(1);
    life = {
      ...{ baseUrl, anyone, admin, bookers, rng, report, sandbox: control, inFlight: () => traffic.inFlight },
      ids: await seedAs(admin, bookers, startsOn, 100),
      file: await readLeadFile('samples/leads.csv'),
      killer: new Killer(0, rng, process, traffic, report, () => undefined),
      atWork: async () => 0,
      progress: new Progress(Object.assign(new PassThrough().resume(), { isTTY: false }) as never),
    };
  }, 90_000);

  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  }, 60_000);

  const control = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${life.sandbox.url}${path}`)).json()) as T;
  const invitesTo = async (name: string) => {
    const { messages } = await control<{ messages: Mail[] }>(`/mailboxes/${emailOf(name)}`);
    return messages.map((m) => m.parsed.calendar!);
  };
  const contactOf = async (name: string) =>
    (await life.sandbox.hubspot('1001')).contacts.find((c) => c.properties.email === emailOf(name));
  const eventsOf = async (name: string) =>
    (await control<{ events: Event[] }>('/google/state')).events.filter((e) => JSON.stringify(e).includes(name));
  const register = (engagement: number, name: string) =>
    life.admin.post<{ id: string; code?: string }>(
      `/api/v1/engagements/${life.ids.engagements[engagement]!.id}/leads`,
      { name, email: emailOf(name), source: 'Exempelregistret', ground: 'legitimate-interest' },
    );
  const book = async (leadId: string): Promise<string> => {
    const { meetingTypeId } = life.ids.engagements[0]!;
    const from = (await life.sandbox.now()).add({ hours: 24 });
    const { slots } = await life.admin.need(
      life.admin.get<{ slots: { startsAt: string }[] }>(
        `/api/v1/meeting-types/${meetingTypeId}/slots?from=${from.toString()}&to=${from.add({ hours: 240 }).toString()}`,
      ),
      200,
    );
    const { startsAt } = slots.at(-1)!; // a week ahead at least
    const answer = life.bookers[0]!.post<{ id: string }>('/api/v1/bookings', { meetingTypeId, leadId, startsAt });
    return (await life.admin.need(answer, 201)).id;
  };
  const orders = async () =>
    (
      await life.admin.need(
        life.admin.get<{ items: (Order & { leadId: string })[] }>(
          `/api/v1/erasures?engagementId=${life.ids.engagements[0]!.id}`,
        ),
        200,
      )
    ).items;

  it('until then: five people told, two with a meeting, an invite, an event and a contact', async () => {
    for (const name of NAMES) ids.push((await life.admin.need(register(0, name), 201)).id);
    const [booker] = life.bookers;
    for (const id of ids)
      await booker!.need(booker!.post(`/api/v1/leads/${id}/outcomes`, { outcome: 'interested', informed: true }), 201);
    meeting = await book(ids[0]!);
    await book(ids[1]!);
    await settle(life);
    for (const name of NAMES.slice(0, 2)) {
      expect(await invitesTo(name)).toMatchObject([{ method: 'REQUEST', sequence: 0 }]);
      expect(await eventsOf(name)).toMatchObject([{ status: 'confirmed' }]);
    }
    for (const name of NAMES) expect(await contactOf(name)).toMatchObject({ archived: false });
  }, 60_000);

  it('the meeting is called off, the event emptied and removed, the contact deleted; nobody else is touched (F5, E6)', async () => {
    const [booker] = life.bookers;
    await booker!.need(booker!.post(`/api/v1/leads/${ids[0]}/outcomes`, { outcome: 'objected', informed: true }), 201);
    await booker!.need(booker!.post('/api/v1/privacy-requests', { leadId: ids[2], kind: 'erasure' }), 201);
    await settle(life);

    expect(await invitesTo(NAMES[0])).toMatchObject([
      { method: 'REQUEST', uid: meeting, sequence: 0 },
      { method: 'CANCEL', uid: meeting, sequence: 1 },
    ]);
    expect(await eventsOf(NAMES[0])).toEqual([]);
    expect(await contactOf(NAMES[2])).not.toMatchObject({ archived: false });
    expect(await contactOf(NAMES[0])).not.toMatchObject({ archived: false });
    expect((await booker!.get(`/api/v1/leads/${ids[0]}`)).status).toBe(404);
    expect((await booker!.get(`/api/v1/bookings/${meeting}`)).status).toBe(404);
    expect(await invitesTo(NAMES[1])).toHaveLength(1);
    expect(await eventsOf(NAMES[1])).toMatchObject([{ status: 'confirmed' }]);
    for (const name of [NAMES[1], NAMES[3], NAMES[4]]) expect(await contactOf(name)).toMatchObject({ archived: false });
  }, 60_000);

  it('who said no, or was erased on request, is not taken in again, by any client (B5)', async () => {
    for (const name of [NAMES[0], NAMES[2]])
      for (const engagement of [0, 1])
        expect(await register(engagement, name)).toMatchObject({ status: 422, body: { code: 'suppressed' } });
  });

  it('after the vendor’s purge time both orders are complete, and a request about nobody is 404', async () => {
    await life.sandbox.advanceTo((await life.sandbox.now()).add({ hours: 24 * 32 }));
    const done = await orders();
    expect(done.map((o) => o.leadId).sort()).toEqual([ids[0], ids[2]].sort());
    for (const order of done) expect(order).toMatchObject({ scope: 'lead', state: 'completed', leads: 1 });
    expect(await contactOf(NAMES[0])).toBeUndefined();
    const nobody = { leadId: '019a0000-0000-7000-8000-000000000000', kind: 'erasure' };
    expect((await life.admin.post('/api/v1/privacy-requests', nobody)).status).toBe(404);
  }, 60_000);

  it('the end of the engagement erases the other three: each person is counted once, all certificates are valid (E1)', async () => {
    await endAndErase(life, startsOn, 3);
    await checkCertificates(life, join(dir, 'certificates'));
    expect(life.report.erasure).toEqual({
      leads: NAMES.length,
      orders: 3,
      incomplete: 0,
      certificates: 3,
      certificatesValid: 3,
    });
    for (const name of NAMES) {
      expect(await eventsOf(name)).toEqual([]);
      expect(await contactOf(name)).toBeUndefined();
    }
    expect(await register(1, NAMES[0])).toMatchObject({ status: 422, body: { code: 'suppressed' } });
    expect(await register(1, NAMES[1])).toMatchObject({ status: 201 });
  }, 90_000);
});
