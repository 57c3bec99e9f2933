import { CrmPersonErased } from '@avtala/contracts';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { OnCrm } from './on-crm.js';

let bench: Bench;
let url: string;
let engagementId: string;
const member = randomUUID();
beforeAll(async () => {
  bench = await Bench.open();
  await bench.app.listen(0, '127.0.0.1');
  url = await bench.app.getUrl();
  engagementId = await bench.engagement({ memberIds: [member] });
});
afterAll(() => bench.close());

interface Answer {
  [field: string]: unknown;
  id: string;
  next: string | null;
  items: { id: string; leadId: string }[];
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  caller: object = bench.caller('supervisor', engagementId),
  headers = {},
) {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      'test-caller': JSON.stringify(caller),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = Buffer.from(await response.arrayBuffer()).toString();
  const json = response.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as Answer) : null;
  return { status: response.status, text, body: json!, headers: response.headers };
}
const made = async (name: string, more: object = {}): Promise<string> =>
  (await send('POST', `engagements/${engagementId}/leads`, { name, email: `${randomUUID()}@http.example`, ...STATED, ...more })).body!.id; // prettier-ignore

describe('over HTTP', () => {
  it('rules, the next lead, an outcome taken back, the log', async () => {
    const id = await made('Http Person', { phone: '070-174 06 56' });
    const rules = (await send('GET', `engagements/${engagementId}/calling-rules`)).body!;
    expect(rules).toMatchObject({ version: 0, hours: { from: '08:00', until: '17:00' }, weekdays: [1, 2, 3, 4, 5] });
    const put = await send('PUT', `engagements/${engagementId}/calling-rules`, {
      ...rules,
      hours: { from: '00:00', until: '24:00' },
    });
    expect(put).toMatchObject({ status: 200, body: { version: 1, hours: { from: '00:00', until: '24:00' } } });
    const booker = bench.caller('booker', engagementId);
    const next = await send('POST', 'calling/next', { engagementId }, booker);
    expect(next).toMatchObject({
      status: 200,
      body: {
        lead: { id, queue: 'new', attempts: 0, timeZone: 'Europe/Stockholm', mailLanguage: 'sv', numberKind: null },
      },
    });
    const outcome = await send('POST', `leads/${id}/outcomes`, { outcome: 'callback', informed: true, callbackAt: '2027-03-02T09:00:00Z', callback: 'personal' }, booker); // prettier-ignore
    expect(outcome.status).toBe(201);
    const key = { 'idempotency-key': 'z' };
    const undo = () => send('POST', `outcomes/${outcome.body!.id}/undo`, {}, booker, key);
    expect(await undo()).toMatchObject({ status: 200, body: { leadId: id } });
    expect(await undo()).toMatchObject({ status: 200, body: { leadId: id } });
    const log = await send('GET', `leads/${id}/activities`, undefined, booker);
    expect(log.body).toMatchObject({
      items: [{ outcome: 'callback', undoneAt: '2027-03-01T09:00:00Z'.replace('Z', '.000Z') }],
      next: null,
    });
    expect((await send('GET', `leads/${id}/callable`, undefined, booker)).body).toEqual({
      callable: true,
      reasons: [],
    });
    expect((await send('GET', 'calling/queue', undefined, booker)).status).toBe(200);
    expect((await send('PUT', `leads/${id}/number`, { kind: 'company' })).body).toEqual({ id });
  });

  it('lists in pages, counts, searches, unmasks; acts on many; exports a file to save', async () => {
    for (let n = 0; n < 3; n++) await made(`Lista Person${n}`);
    const first = (await send('GET', `leads?engagementId=${engagementId}&limit=2&sort=notice`)).body!;
    expect(first).toMatchObject({ items: [{ masked: true }, { masked: true }] });
    const rest = (await send('GET', `leads?engagementId=${engagementId}&limit=2&sort=notice&after=${first.next}`))
      .body!;
    expect(rest.items.length).toBeGreaterThan(0);
    expect((await send('GET', 'leads/count?state=new')).body).toMatchObject({ more: false });
    const found = await send('POST', 'leads/search', { name: 'lista person1' }, undefined, { 'idempotency-key': '' });
    expect(found).toMatchObject({ status: 200, body: { items: [{ name: 'L••• P•••' }], more: false } });
    const id = found.body!.items[0]!.id;
    expect(await send('POST', `leads/${id}/unmask`, { reason: 'Ringde växeln' })).toMatchObject({ status: 200, body: { name: 'Lista Person1' } }); // prettier-ignore
    const act = { engagementId, act: 'close', reason: 'Fel lista', ids: [id] };
    expect(await send('POST', 'leads/bulk', { ...act, dryRun: true })).toMatchObject({
      status: 200,
      body: { id: null, acting: 1 },
    });
    const started = await send('POST', 'leads/bulk', act);
    expect(started.status).toBe(202);
    await bench.runDue();
    expect((await send('GET', `leads/bulk/${started.body!.id}`)).body).toMatchObject({
      state: 'done',
      done: 1,
      untouched: [],
    });
    const asker = bench.caller('supervisor', engagementId);
    const asked = await send('POST', 'leads/exports', { engagementId, fields: ['name', 'status'], filter: { state: 'closed' }, reason: 'Kundens begäran' }, asker); // prettier-ignore
    expect(asked).toMatchObject({ status: 201, body: { count: 1, excluded: [] } });
    const file = await send('GET', `leads/exports/${asked.body!.id}/file`, undefined, asker);
    expect(file.text).toBe('\uFEFFname,status\r\nLista Person1,closed\r\n');
    expect(Object.fromEntries(file.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="leads-${asked.body!.id}.csv"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it('callbacks page by page', async () => {
    for (const hour of [10, 11]) await send('POST', `leads/${await made('Lova Ring')}/outcomes`, { outcome: 'callback', informed: true, callbackAt: `2027-03-02T${hour}:00:00Z` }); // prettier-ignore
    const page = (await send('GET', `calling/callbacks?engagementId=${engagementId}&limit=1`)).body!;
    expect(page).toMatchObject({ items: [{ at: '2027-03-02T10:00:00.000Z', userId: null, overdue: false }] });
    const rest = (await send('GET', `calling/callbacks?limit=5&after=${page.next}`)).body!;
    expect(rest).toMatchObject({ items: [{ at: '2027-03-02T11:00:00.000Z' }], next: null });
    const { leadId } = page.items[0]!;
    const toUserId = member;
    expect((await send('POST', `calling/callbacks/${leadId}/move`, { toUserId })).body).toEqual({
      leadId,
      userId: toUserId,
    });
  });
});

test.each<[string, string, string, object | undefined, number, string]>([
  ['a state that is none', 'GET', 'leads?state=glad', undefined, 400, 'request-invalid'],
  ['a cursor that is none', 'GET', "leads?after=' or 1=1", undefined, 400, 'request-invalid'],
  ['a filter that is none', 'GET', 'leads?name=Karin', undefined, 400, 'request-invalid'],
  ['another’s engagement', 'GET', `leads?engagementId=${randomUUID()}`, undefined, 404, 'not-found'],
  ['a count of another’s', 'GET', `leads/count?engagementId=${randomUUID()}`, undefined, 404, 'not-found'],
  ['two searches in one', 'POST', 'leads/search', { name: 'a b', email: 'a@b.example' }, 422, 'search-one-of'],
  ['a reason of blanks', 'POST', `leads/${randomUUID()}/unmask`, { reason: '   ' }, 400, 'request-invalid'],
  ['an unknown lead', 'POST', `leads/${randomUUID()}/unmask`, { reason: 'x' }, 404, 'not-found'],
  ['an unknown outcome', 'POST', `outcomes/${randomUUID()}/undo`, {}, 404, 'not-found'],
  [
    'an act that is none',
    'POST',
    'leads/bulk',
    { engagementId: randomUUID(), act: 'ring', reason: 'x', ids: [] },
    400,
    'request-invalid',
  ],
  ['an unknown act', 'GET', `leads/bulk/${randomUUID()}`, undefined, 404, 'not-found'],
  [
    'a field that is none',
    'POST',
    'leads/exports',
    { engagementId: randomUUID(), fields: ['sealed'], reason: 'x' },
    400,
    'request-invalid',
  ],
  ['an unknown export', 'GET', `leads/exports/${randomUUID()}/file`, undefined, 404, 'not-found'],
  ['rules of nobody', 'GET', `engagements/${randomUUID()}/calling-rules`, undefined, 404, 'not-found'],
  ['a callback of nobody', 'POST', `calling/callbacks/${randomUUID()}/move`, {}, 404, 'not-found'],
  ['why, of nobody', 'GET', `leads/${randomUUID()}/callable`, undefined, 404, 'not-found'],
])('%s', async (_, method, path, body, status, code) => {
  const answer = await send(method, path, body);
  expect([answer.status, answer.body!['code']]).toEqual([status, code]);
});

it('whom a client erased for good is set aside, once; the DPO decides', async () => {
  const id = await made('Glömd Där');
  const event = CrmPersonErased.of({
    leadId: id,
    engagementId,
    connectionId: randomUUID(),
    foundAt: '2027-03-01T09:00:00Z',
  });
  for (let twice = 0; twice < 2; twice++) await bench.deliver(OnCrm, 'personErased', event);
  const dpo = bench.caller('dpo', engagementId);
  expect((await send('GET', `leads/${id}`, undefined, dpo)).body).toMatchObject({ restricted: true, version: 2 });
  expect((await bench.events('lead.restricted.v1')).filter((e) => e.leadId === id)).toHaveLength(1);
  expect((await send('PATCH', `leads/${id}`, { restricted: false }, dpo)).status).toBe(200);
});
