import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { transformFile } from '@swc/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Rig } from '../rig.js';
import { FakeService } from './fake-service.js';

const DAY = 86_400_000;
const inDays = (days: number, more = 0) =>
  new Date(Math.ceil(Date.now() / DAY) * DAY + days * DAY + more).toISOString();

let rig: Rig;
const services: FakeService[] = [];
beforeEach(async () => void (rig = await Rig.start({ stallMs: 500 })));
afterEach(async () => {
  await Promise.all([rig.stop(), ...services.splice(0).map((s) => s.stop())]);
});

async function joined(name: string, service: FakeService): Promise<FakeService> {
  services.push(service);
  const dueUrl = await service.start();
  await rig.control('POST', '/participants', { name, dueUrl });
  return service;
}

const put = (now: string) => rig.control('PUT', '/clock', { now });

it('goes through every due moment of everybody in order, and one stop serves a minute', async () => {
  const a = await joined('a', new FakeService([inDays(1), inDays(30)]));
  const b = await joined('b', new FakeService([inDays(1, 20_000), inDays(10)]));
  const answer = await put(inDays(60));
  expect(answer).toMatchObject({ status: 200, body: { steps: 3 } });
  expect(answer.body.now >= inDays(60)).toBe(true);
  expect(a.done.map((d) => d.dueAt)).toEqual([inDays(1), inDays(30)]);
  expect(b.done.map((d) => d.dueAt)).toEqual([inDays(1, 20_000), inDays(10)]);
  // Nobody saw a moment later than the minute of what was due: no jump skipped anything.
  for (const { dueAt, at } of [...a.done, ...b.done]) expect(Date.parse(at) - Date.parse(dueAt)).toBeLessThan(61_000);
});

it('goes forward only, and the same PUT again changes nothing', async () => {
  const target = inDays(5);
  await put(target);
  expect(await put(target)).toMatchObject({ status: 200, body: { steps: 0 } });
  expect(await put(inDays(4))).toMatchObject({ status: 409, body: { code: 'clock-backwards' } });
  await rig.restart();
  expect(((await rig.control('GET', '/clock')).body as { now: string }).now >= target).toBe(true);
});

it.each([['tomorrow'], ['2027-03-01T09:00:00'], [17]])('refuses %p as a moment', async (now) => {
  expect((await rig.control('PUT', '/clock', { now })).status).toBe(400);
});

it('refuses a second PUT while one runs', async () => {
  await joined('slow', new FakeService([inDays(1)], 300));
  const first = put(inDays(2));
  await new Promise((done) => setTimeout(done, 100));
  expect(await put(inDays(3))).toMatchObject({ status: 409, body: { code: 'clock-moving' } });
  expect((await first).status).toBe(200);
});

it('names who makes no progress, and stays at the moment reached', async () => {
  await joined('stuck', new FakeService([inDays(1)], Infinity));
  await joined('fine', new FakeService([inDays(2)]));
  const answer = await put(inDays(9));
  expect(answer).toMatchObject({ status: 504, body: { waitingFor: ['stuck'] } });
  expect(answer.body.now < inDays(2)).toBe(true);
});

it('waits for a participant that is killed and comes back', async () => {
  const first = await joined('service', new FakeService([inDays(1)]));
  const port = first.listeningPort;
  await first.stop();
  const running = put(inDays(3));
  await new Promise((done) => setTimeout(done, 250));
  const second = new FakeService([inDays(1)], 20, port);
  services.push(second);
  await second.start();
  expect((await running).status).toBe(200);
  expect(second.done).toHaveLength(1);
});

it('goes on with the same PUT after the sandbox itself was killed', async () => {
  const service = await joined('service', new FakeService([inDays(1), inDays(2), inDays(3)], 250));
  await rig.sandbox.stop();
  const code = await transpiled();
  const child = await startChild(code, rig.dir);
  const url = child.urls['control'] as string;
  const target = inDays(5);
  const request = () => fetch(`${url}/clock`, { method: 'PUT', body: JSON.stringify({ now: target }) });
  const cut = request().catch(() => 'cut off');
  while (service.done.length < 1) await new Promise((done) => setTimeout(done, 20));
  child.process.kill('SIGKILL');
  expect(await cut).toBe('cut off');

  const again = await startChild(code, rig.dir);
  expect(again.urls).toEqual(child.urls); // the ports of the last run, so that nobody has to be told
  const answer = (await (await request()).json()) as { now: string; steps: number };
  expect(service.done.map((d) => d.dueAt)).toEqual([inDays(1), inDays(2), inDays(3)]);
  expect(answer.now >= target).toBe(true);
  expect(answer.steps).toBeLessThanOrEqual(2);
  again.process.kill('SIGTERM');
  expect(await once(again.process, 'exit')).toEqual([0, null]);
  await rm(code, { recursive: true });
});

/** The app as plain JavaScript, in a folder that sees the repository's packages. */
async function transpiled(): Promise<string> {
  const src = join(import.meta.dirname, '..');
  const results = join(src, '../../../.test-results');
  await mkdir(results, { recursive: true });
  const out = await mkdtemp(join(results, 'sandbox-'));
  const files = (await readdir(src, { recursive: true })).filter((f) => f.endsWith('.ts') && !f.endsWith('.spec.ts'));
  const options = JSON.parse(await readFile(join(src, '../../../.swcrc'), 'utf8')) as object;
  for (const file of files) {
    const { code } = await transformFile(join(src, file), { ...options, swcrc: false });
    const target = join(out, relative(src, join(src, file)).replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, code);
  }
  return out;
}

async function startChild(code: string, dir: string): Promise<{ process: ChildProcess; urls: Record<string, string> }> {
  const env = { ...process.env, SANDBOX_DIR: dir, HUBSPOT_SPEC_DIR: '' };
  const child = spawn(process.execPath, [join(code, 'main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { process: child, urls: (JSON.parse(line.toString('utf8')) as { urls: Record<string, string> }).urls };
}
