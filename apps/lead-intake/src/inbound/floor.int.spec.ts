import { EngagementChanged } from '@avtala/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { CLAIM_MS } from '../services/calling.service.js';
import { OnEngagement } from './on-engagement.js';

let bench: Bench;
let url: string;
let mine: string;
let other: string;
beforeAll(async () => {
  bench = await Bench.open();
  await bench.app.listen(0, '127.0.0.1');
  url = await bench.app.getUrl();
  mine = await bench.engagement();
  other = await bench.engagement();
});
afterAll(() => bench.close());

type Caller = ReturnType<Bench['caller']>;
async function send(caller: Caller, method: string, path: string, body?: unknown) {
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
    'test-caller': JSON.stringify(caller),
  };
  const response = await fetch(`${url}/api/v1/${path}`, {
    ...{ method, headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read answers field by field
  return { status: response.status, text, body: (text ? JSON.parse(text) : null) as any };
}
const tell = (caller: Caller, state: string, engagementId = mine) =>
  send(caller, 'PUT', 'calling/desk-state', { engagementId, state });
const bookers = async (of = mine) =>
  (await send(bench.caller('supervisor', of), 'GET', 'calling/bookers')).body.items as {
    userId: string;
    engagementId: string;
    state: string;
    forSeconds: number;
  }[];
const one = async (caller: Caller, of = mine) => (await bookers(of)).find((b) => b.userId === caller.userId);
/** As if it had been so for longer. */
const earlier = (caller: Caller, column: 'since' | 'seen_at', seconds: number) =>
  bench.sql(
    `UPDATE lead_intake.desk_state SET ${column} = ${column} - interval '${seconds} seconds' WHERE user_id = '${caller.userId}'`,
  );

describe('where bookers are', () => {
  it('is what their own desk said last, and for how long; the same said again counts on', async () => {
    const booker = bench.caller('booker', mine);
    expect(await tell(booker, 'in-call')).toMatchObject({ status: 200, body: { state: 'in-call' } });
    await earlier(booker, 'since', 100);
    await tell(booker, 'in-call');
    const inCall = await one(booker);
    expect(inCall).toMatchObject({ engagementId: mine, state: 'in-call' });
    expect(inCall!.forSeconds).toBeGreaterThanOrEqual(100);
    await tell(booker, 'paused');
    expect((await one(booker))!.forSeconds).toBeLessThan(100);
    await tell(booker, 'left');
    expect(await one(booker)).toBeUndefined();
  });

  it('whose desk is silent is not there; one who comes back begins anew', async () => {
    const booker = bench.caller('booker', mine);
    await tell(booker, 'waiting');
    await earlier(booker, 'seen_at', 120);
    await earlier(booker, 'since', 500);
    expect(await one(booker)).toBeUndefined();
    await tell(booker, 'waiting');
    expect((await one(booker))!.forSeconds).toBeLessThan(100);
  });

  it('a lead in hand is seen without any desk, and names nobody: ids, a state and seconds are all there is (G3)', async () => {
    const booker = bench.caller('booker', mine);
    const boss = bench.caller('supervisor', mine);
    const lead = { name: 'Hemlig Person', email: `${randomUUID()}@floor.example`, phone: '070-174 06 44', ...STATED };
    const { id } = (await send(boss, 'POST', `engagements/${mine}/leads`, lead)).body;
    expect((await send(booker, 'POST', 'calling/next', { engagementId: mine })).body.lead.id).toBe(id);
    const answer = await send(boss, 'GET', 'calling/bookers');
    const held = answer.body.items.find((b: { userId: string }) => b.userId === booker.userId);
    expect(Object.keys(held).sort()).toEqual(['engagementId', 'forSeconds', 'state', 'userId']);
    expect(held.state).toBe('lead');
    expect(held.forSeconds).toBeLessThan(CLAIM_MS / 1000);
    for (const value of [id, 'Hemlig', lead.email, '174 06']) expect(answer.text).not.toContain(value);
    await send(booker, 'POST', `leads/${id}/outcomes`, { outcome: 'no-answer', informed: false });
    expect(await one(booker)).toBeUndefined();
  });

  it('is shown to supervisors of that engagement only, and one desk at a time', async () => {
    const booker = { ...bench.caller('booker', mine), engagementIds: [mine, other] };
    await tell(booker, 'waiting', mine);
    expect(await one(booker, other)).toBeUndefined();
    await tell(booker, 'waiting', other);
    expect(await one(booker, mine)).toBeUndefined();
    expect(await one(booker, other)).toMatchObject({ engagementId: other });
    const none = await send({ ...bench.caller('supervisor', mine), engagementIds: [] }, 'GET', 'calling/bookers');
    expect(none).toMatchObject({ status: 200, body: { items: [] } });
  });

  it.each([
    ['another’s engagement', { engagementId: randomUUID(), state: 'paused' }, 404],
    ['a state that is none', { engagementId: 'mine', state: 'asleep' }, 400],
    ['no state', { engagementId: 'mine' }, 400],
  ])('%s is refused', async (_, body, status) => {
    const engagementId = body.engagementId === 'mine' ? mine : body.engagementId;
    const answer = await send(bench.caller('booker', mine), 'PUT', 'calling/desk-state', { ...body, engagementId });
    expect(answer.status).toBe(status);
  });
});

it('a callback goes only to who may act in the engagement, as its events say last', async () => {
  const [anna, bo] = [randomUUID(), randomUUID()];
  const e = await bench.engagement({ memberIds: [anna] });
  const boss = bench.caller('supervisor', e);
  const lead = { name: 'Lova Åter', email: `${randomUUID()}@floor.example`, ...STATED };
  const { id } = (await send(boss, 'POST', `engagements/${e}/leads`, lead)).body;
  const promised = { outcome: 'callback', informed: true, callbackAt: '2027-03-02T10:00:00Z' };
  await send(boss, 'POST', `leads/${id}/outcomes`, promised);
  const to = async (toUserId: string | null) => {
    const { status, body } = await send(boss, 'POST', `calling/callbacks/${id}/move`, { toUserId });
    return [status, body.code ?? body.userId];
  };
  expect(await to(bo)).toEqual([422, 'callback-not-a-member']);
  expect(await to(anna)).toEqual([200, anna]);
  expect(await to(null)).toEqual([200, null]);
  await bench.deliver(
    OnEngagement,
    'change',
    EngagementChanged.of({
      ...{ engagementId: e, clientId: randomUUID(), version: 2, retentionMonths: 6, timeZone: 'Europe/Stockholm' },
      ...{ assessed: true, eraseOnReply: false, crmErasure: 'delete-created', memberIds: [bo] },
    }),
  );
  expect(await to(anna)).toEqual([422, 'callback-not-a-member']);
  expect(await to(bo)).toEqual([200, bo]);
});
