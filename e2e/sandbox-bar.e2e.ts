import { signIn } from '@avtala/access';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type AgencyAlone, startAgencyAlone } from './agency-alone.js';

let system: AgencyAlone;
const headersOf = new Map<string, Record<string, string>>();
beforeAll(async () => void (system = await startAgencyAlone()));
afterAll(() => system?.stop());

async function as(role: string): Promise<Record<string, string>> {
  const staff = system.staff.find((s) => s.role === role)!;
  const known = headersOf.get(role) ?? (await signIn({ baseUrl: system.url, ...staff })).headers;
  headersOf.set(role, known);
  return known;
}
const ask = async (path: string, role?: string, method = 'GET', body?: object) => {
  const response = await fetch(`${system.url}${path}`, {
    method,
    headers: { ...(role ? await as(role) : {}), ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read answers field by field
  return { status: response.status, text, body: text.startsWith('{') ? (JSON.parse(text) as any) : undefined };
};

it('leads to the sandbox for signed-in staff, and tells everybody else only that it is one', async () => {
  expect((await ask('/sandbox/bar')).body.now).toMatch(/^\d{4}-/);
  expect((await ask('/sandbox/state')).body).toMatchObject({ status: 401, code: 'sign-in-required' });
  expect((await ask('/sandbox/state', 'booker')).body).toMatchObject({ clock: { state: 'idle' }, misbehaving: 0 });
  const foreign = await fetch(`${system.url}/sandbox/clock`, {
    method: 'POST',
    headers: { ...(await as('admin')), origin: 'https://evil.example', 'content-type': 'application/json' },
    body: '{"by":"day"}',
  });
  expect(foreign.status).toBe(403);
});

it('moves everybody’s clock behind a page that goes on', async () => {
  const before = (await ask('/sandbox/bar')).body.now as string;
  expect(await ask('/sandbox/clock', 'supervisor', 'POST', { by: 'day' })).toMatchObject({ status: 202, body: { clock: { state: 'moving' } } }); // prettier-ignore
  for (let tries = 0; (await ask('/sandbox/state', 'booker')).body.clock.state === 'moving'; tries++) {
    expect(tries).toBeLessThan(300);
    await new Promise((done) => setTimeout(done, 100));
  }
  const after = (await ask('/sandbox/bar')).body.now as string; // agency's own clock, not the sandbox's
  expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(86_400_000);
  const { next } = (await ask('/sandbox/state', 'dpo')).body;
  expect(next).toMatchObject({ of: 'agency', what: 'account-idle' });
});

it('shows the mail that agency sent, and answers it', async () => {
  const { email } = system.staff.find((s) => s.role === 'booker')!;
  const asked = await fetch(`${system.url}/api/auth/password-reset/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: system.url },
    body: JSON.stringify({ email }),
  });
  expect(asked.ok).toBe(true);
  let items: { id: string; address: string }[] = [];
  for (let tries = 0; items.length === 0; tries++) {
    expect(tries).toBeLessThan(300);
    await new Promise((done) => setTimeout(done, 100));
    items = (await ask('/sandbox/mail', 'admin')).body.items;
  }
  expect(items[0]!.address).toBe(email);
  expect((await ask(`/sandbox/mail/${items[0]!.id}/raw`, 'admin')).text).toContain('Message-ID:');
  const answered = await ask(`/sandbox/mail/${items[0]!.id}/answer`, 'admin', 'POST', { text: 'Tack' });
  expect(answered).toMatchObject({ status: 201, body: { to: 'meetings@agency.example' } });
  expect((await ask('/sandbox/mail', 'admin')).body.total).toBe(2);
});

it('lets the console hear of changes beside it', async () => {
  const stopped = new AbortController();
  const response = await fetch(`${system.url}/api/v1/live`, { headers: await as('admin'), signal: stopped.signal });
  let text = '';
  for await (const chunk of response.body!) {
    text += new TextDecoder().decode(chunk as Uint8Array);
    if (text.includes('event: beat')) break;
  }
  stopped.abort();
  expect(text).toMatch(/^retry: 1000\n\nid: p[.0-9a-z]+\nevent: ready\ndata: {"beatSeconds":4}\n\n/);
});
