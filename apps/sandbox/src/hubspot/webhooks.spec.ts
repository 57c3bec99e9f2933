import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { Rig } from '../rig.js';
import { listen, type Listening } from '../web.js';

interface Delivery {
  headers: Record<string, string>;
  text: string;
  events: Record<string, unknown>[];
}

let rig: Rig;
let receiver: Listening;
let deliveries: Delivery[] = [];
let answers: number[] = [];

beforeAll(async () => {
  rig = await Rig.start();
  receiver = await listen(0, false, async ({ headers, text }) => {
    const status = answers.shift() ?? 204;
    deliveries.push({ headers: headers as Record<string, string>, text, events: JSON.parse(text) });
    return { status };
  });
  const webhookUrl = `${receiver.url}/hook?x=1`;
  await rig.control('POST', '/hubspot/settings', { webhookUrl, webhookSecret: 'secret' });
});
afterAll(async () => {
  await rig.stop();
  await receiver.stop();
});
beforeEach(() => {
  deliveries = [];
  answers = [];
});

const seed = async (email: string) =>
  (await rig.control('POST', '/hubspot/seed', { portalId: 1001, contacts: [{ properties: { email } }] })).body
    .ids[0] as string;
const state = async () => (await rig.control('GET', '/hubspot/state?portalId=1001')).body;
const delivered = async (n: number) => {
  const before = (await state()).webhooks.delivered as number;
  return async () => {
    while (((await state()).webhooks.delivered as number) < before + n)
      await new Promise((done) => setTimeout(done, 20));
  };
};

describe('calls to the app', () => {
  it('come signed when somebody else changes, deletes, erases or merges; our own writes make none', async () => {
    const [a, b] = [await seed('a@kund.example'), await seed('b@kund.example')];
    const app = await rig.hubspot(1001);
    await app('PATCH', `/objects/2026-09/contacts/${a}`, { properties: { company: 'Vårt AB' } });
    const done = await delivered(4);
    await rig.control('POST', '/hubspot/edit', { portalId: 1001, id: a, properties: { company: 'Deras AB' } });
    await rig.control('POST', '/hubspot/merge', { portalId: 1001, primaryObjectId: a, objectIdToMerge: b });
    await rig.control('POST', '/hubspot/edit', { portalId: 1001, id: a, archive: true });
    await rig.control('POST', '/hubspot/erase', { portalId: 1001, id: a });
    await done();
    const events = deliveries.flatMap((d) => d.events);
    expect(events).toMatchObject([
      { subscriptionType: 'contact.propertyChange', objectId: Number(a), propertyName: 'company', portalId: 1001 },
      { subscriptionType: 'contact.merge', primaryObjectId: Number(a), mergedObjectIds: [Number(b)] },
      { subscriptionType: 'contact.deletion', objectId: Number(a) },
      { subscriptionType: 'contact.privacyDeletion', objectId: Number(a) },
    ]);
    expect(new Set(events.map((e) => e['eventId'])).size).toBe(4);
    const { headers, text } = deliveries[0]!;
    const signed = `POST${receiver.url}/hook?x=1${text}${headers['x-hubspot-request-timestamp']}`;
    expect(headers['x-hubspot-signature-v3']).toBe(createHmac('sha256', 'secret').update(signed).digest('base64'));
  });

  it('are made again until they are accepted, with the same number', async () => {
    const id = await seed('again@kund.example');
    answers = [500, 401];
    const done = await delivered(1);
    await rig.control('POST', '/hubspot/edit', { portalId: 1001, id, archive: true });
    await done();
    const events = deliveries.flatMap((d) => d.events);
    expect(events.map((e) => e['attemptNumber'])).toEqual([0, 1, 2]);
    expect(new Set(events.map((e) => e['eventId'])).size).toBe(1);
  });
});

it('the day of an account ends at midnight in its own zone, on the test clock', async () => {
  await rig.control('POST', '/hubspot/settings', { timeZone: 'America/New_York', perDay: 3 });
  const at = (now: string) => rig.control('PUT', '/clock', { now });
  const { now } = (await rig.control('GET', '/clock')).body as { now: string };
  const year = Number(now.slice(0, 4)) + 1;
  await at(`${year}-01-11T20:00:00Z`);
  const app = await rig.hubspot(7001);
  const details = () => app('GET', '/properties/2026-09/contacts');
  await rig.control('POST', '/hubspot/spend', { portalId: 7001, calls: 2 }); // somebody else's app
  expect((await details()).status).toBe(200);
  expect((await details()).body).toMatchObject({ policyName: 'DAILY' });
  await at(`${year}-01-12T04:59:00Z`); // 23:59 in New York
  expect((await details()).status).toBe(429);
  await at(`${year}-01-12T05:00:00Z`);
  expect((await details()).status).toBe(200);
  expect((await rig.control('POST', '/hubspot/settings', { timeZone: 'Mars/Base' })).status).toBe(400);
});
