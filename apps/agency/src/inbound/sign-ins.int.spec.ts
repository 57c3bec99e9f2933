import { afterAll, beforeAll, expect, it, test } from '@jest/globals';
import { signIn } from '@avtala/access';
import { LoginHistory } from '../services/login-history.service.js';
import { accountOf, RunningAgency } from '../running-agency.fixture.js';

let agency: RunningAgency;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

beforeAll(async () => {
  agency = await RunningAgency.start();
});
afterAll(() => agency.stop());

interface Item {
  act: string;
  method: string | null;
  result: string;
  network: string | null;
  agent: string | null;
}
const own = async (as: 'booker' | 'admin', query = ''): Promise<Item[]> =>
  (await agency.ask('GET', `/api/v1/me/sign-ins${query}`, { as })).body.items;
const wrong = (email: string, password = 'not-the-right-one-at-all') =>
  agency.ask('POST', '/api/auth/sign-in/email', {
    body: { email, password },
    headers: { origin: agency.baseUrl, 'user-agent': BROWSER },
  });
/** Everything agency has kept, in audit and history, as text. */
const kept = async () => {
  const [row] = await agency.database.sql<{ text: string }>(
    `select coalesce((select string_agg(convert_from(canonical, 'UTF8'), ' ') from agency.audit_entry), '') ||
            coalesce((select string_agg(to_jsonb(e)::text, ' ') from agency.auth_event e), '') as text`,
  );
  return row!.text;
};

it('G2: sign-ins that worked and those that did not are seen by the person, with coarse origin', async () => {
  expect((await wrong('booker@agency.example')).status).toBe(401);
  await agency.signedIn('booker');
  const items = await own('booker');
  expect(items.map((i) => [i.act, i.method, i.result])).toEqual([
    ['sign-in.proved', 'totp', 'ok'],
    ['sign-in.password-accepted', 'password', 'ok'],
    ['sign-in.refused', 'password', 'refused'],
  ]);
  expect(items[2]).toMatchObject({ network: '127.0.0.0/24', agent: 'Firefox on Linux' });
});

it('G2: an attempt on an unknown account is told without what was typed, and refused attempts are told of the person', async () => {
  await wrong('nobody.at.all@elsewhere.example');
  await wrong('admin@agency.example');
  const text = await kept();
  expect(text).not.toMatch(/nobody\.at\.all|elsewhere|admin@|Firefox\/140|not-the-right/);
  const [unknown] = await agency.database.sql(`select act, result from agency.auth_event where user_id is null`);
  expect(unknown).toEqual({ act: 'sign-in.refused', result: 'refused' });
  const [about] = await agency.database.sql<{ n: number }>(
    `select count(*)::int as n from agency.audit_entry where act = 'sign-in.refused' and subject_ref = $1`,
    [agency.ids.get('admin')],
  );
  expect(about!.n).toBe(1);
});

it('G2: back-off is told once, not at every try', async () => {
  for (let i = 0; i < 12; i++) await wrong('client@agency.example');
  const [told] = await agency.database.sql(
    `select count(*)::int as n from agency.auth_event where user_id = $1 and result = 'backed-off'`,
    [agency.ids.get('client')],
  );
  expect(told).toEqual({ n: 1 });
});

it('G3: somebody else’s is for admin and officer, and looking is audited', async () => {
  const id = agency.ids.get('booker');
  const answer = await agency.ask('GET', `/api/v1/staff/${id}/sign-ins?limit=2`, { as: 'dpo' });
  expect(answer.body.items).toHaveLength(2);
  const next = await agency.ask('GET', `/api/v1/staff/${id}/sign-ins?limit=2&after=${answer.body.next}`, { as: 'dpo' });
  expect(next.body.items.map((i: Item) => i.act)).toEqual(['sign-in.refused']);
  const looked = await agency.database.sql(
    `select actor from agency.audit_entry where act = 'sign-ins.read' and subject_ref = $1`,
    [id],
  );
  expect(looked).toEqual([{ actor: agency.ids.get('dpo') }, { actor: agency.ids.get('dpo') }]);
  expect((await agency.ask('GET', `/api/v1/staff/${id}/sign-ins`, { as: 'booker' })).status).toBe(403);
  const nobody = '0195c7a0-0000-7000-8000-000000000001';
  expect((await agency.ask('GET', `/api/v1/staff/${nobody}/sign-ins`, { as: 'admin' })).status).toBe(404);
});

it('a sign-out, and a session that ran out, are told; the history is kept for a year', async () => {
  const history = agency.service.app.get(LoginHistory);
  const { headers } = await signIn({ baseUrl: agency.baseUrl, ...accountOf('supervisor') });
  await agency.ask('POST', '/api/auth/sign-out', { headers, body: {} });
  const id = agency.ids.get('supervisor');
  await agency.database.sql(
    `insert into agency.auth_session (token, "userId", "expiresAt", "updatedAt", aal, seen_at)
     values ('old', $1, now() + interval '1 hour', now(), 2, now() - interval '2 hours')`,
    [id],
  );
  await agency.database.sql(`update agency.auth_event set at = now() - interval '13 months' where user_id is null`);
  expect(await history.sweep()).toEqual({ sessions: 1, events: 1 });
  expect(await history.sweep()).toEqual({ sessions: 0, events: 0 });
  const acts = await agency.database.sql<{ act: string }>(
    `select act from agency.auth_event where user_id = $1 order by auth_event_id desc limit 2`,
    [id],
  );
  expect(acts.map((a) => a.act)).toEqual(['session.ended', 'sign-out']);
});

test.each(['?limit=0', '?after=x'])('%s is refused', async (query) => {
  expect((await agency.ask('GET', `/api/v1/me/sign-ins${query}`, { as: 'booker' })).status).toBe(400);
});

test.each([
  ['nobody', undefined, '203.0.113.9', '127.0.0.0/24'],
  ['another proxy', '10.0.0.0/8', '203.0.113.9', '127.0.0.0/24'],
  ['our proxy', '127.0.0.1,::1', '203.0.113.9', '203.0.113.0/24'],
  ['our proxy, behind what the client made up', '127.0.0.0/8', '198.51.100.1, 203.0.113.9', '203.0.113.0/24'],
])(
  'ASVS 4.1.3: where a request says it comes from is believed from configured proxies only: %s',
  async (_, trustedProxies, said, network) => {
    const behind = await RunningAgency.start(trustedProxies ? { trustedProxies } : {});
    try {
      await behind.ask('POST', '/api/auth/sign-in/email', {
        body: { email: 'booker@agency.example', password: 'not-the-right-one-at-all' },
        headers: { origin: behind.baseUrl, 'x-forwarded-for': said },
      });
      expect(await behind.database.sql('select network from agency.auth_event')).toEqual([{ network }]);
      expect((await behind.service.messaging.depths()).outbox.count).toBe(0);
    } finally {
      await behind.stop();
    }
  },
);
