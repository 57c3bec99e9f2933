import { RetryLater } from '@avtala/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BOOKING_KEY, LEAD_KEY } from '../../domain/words-hubspot.js';
import type { AccessToken, TokenSource } from '../needs.js';
import { ReconnectNeeded, VendorRefused } from '../vendor-errors.js';
import { HubSpotCrm } from './hubspot-crm.js';
import { HubSpotStub } from './hubspot-stub.fixture.js';
import { refreshTokens } from './oauth.js';

let stub: HubSpotStub;
let crm: HubSpotCrm;
let renewals = 0;
const o = () => ({ until: Date.now() + 30_000 });
const key = (n: number) => `0190aaaa-0000-7000-8000-00000000000${n}`;

beforeAll(async () => {
  stub = await HubSpotStub.start();
});
afterAll(() => stub.stop());

beforeEach(async () => {
  stub.calm();
  renewals = 0;
  let token: AccessToken | undefined;
  const renew = async (): Promise<AccessToken> => {
    renewals++;
    const fresh = await refreshTokens(stub.settings, 'good-token');
    return (token = { value: fresh.accessToken, version: renewals });
  };
  const tokens: TokenSource = { current: async () => token ?? renew(), renew };
  crm = new HubSpotCrm(stub.settings, tokens);
  await crm.prepare(o());
});

describe('contacts', () => {
  it('makes a record once, however often it is told', async () => {
    const write = { key: key(1), properties: { email: 'one@lead.example' } };
    const [first] = await crm.contacts.upsert([write], o());
    const [second] = await crm.contacts.upsert([write], o());
    expect(first).toMatchObject({ ok: true, key: key(1) });
    expect(second).toMatchObject({ ok: true, id: first!.ok && first!.id });
  });

  it('a time-out after the commit is found again by our key', async () => {
    stub.trouble('lost-answer', 'batch/upsert');
    const write = { key: key(2), properties: { email: 'two@lead.example' } };
    await expect(crm.contacts.upsert([write], o())).rejects.toThrow(RetryLater);
    const found = await crm.contacts.find('key', [key(2)], ['email'], o());
    expect(found.get(key(2))?.properties).toEqual({ email: 'two@lead.example', [LEAD_KEY]: key(2) });
  });

  it('reads every outcome of a 207, and keeps no words of the vendor', async () => {
    stub.invalid.add('bad@lead.example');
    const outcomes = await crm.contacts.upsert(
      [
        { key: key(3), properties: { email: 'three@lead.example' } },
        { key: key(4), properties: { email: 'bad@lead.example' } },
      ],
      o(),
    );
    expect(outcomes).toContainEqual(expect.objectContaining({ key: key(3), ok: true }));
    const refused = { key: key(4), ok: false, code: 'VALIDATION_ERROR', fields: ['email'] };
    expect(outcomes).toContainEqual({ ...refused, requestId: expect.any(String) });
    expect(JSON.stringify(outcomes)).not.toContain('bad@');
  });

  it('names the record that is in the way', async () => {
    const id = stub.edit('contacts', { email: 'five@lead.example' });
    const [outcome] = await crm.contacts.upsert([{ key: key(5), properties: { email: 'five@lead.example' } }], o());
    expect(outcome).toMatchObject({ ok: false, code: 'CONFLICT', existingId: id });
  });

  it('asks for each address once, whatever its case', async () => {
    const id = stub.edit('contacts', { email: 'six@lead.example' });
    const found = await crm.contacts.find('email', ['Six@Lead.example', 'six@lead.EXAMPLE'], [], o());
    expect(found.get('six@lead.example')?.id).toBe(id);
  });

  it('follows a merge, and sees who wrote what', async () => {
    const [made] = await crm.contacts.upsert([{ key: key(7), properties: { email: 'seven@lead.example' } }], o());
    const theirs = stub.edit('contacts', { email: 'other@klient.example', city: 'Malmö' });
    const id = made!.ok ? made!.id : '';
    stub.merge(theirs, id);
    const found = await crm.contacts.find('id', [id], ['email', 'city'], { ...o(), authors: true });
    expect(found.get(id)).toMatchObject({ id: theirs, mergedIds: [id] });
    expect(found.get(id)?.foreign.toSorted()).toEqual(['city', 'email']);
  });
});

describe('meetings', () => {
  it('are made by our key, found by the calendar’s UID, joined and archived', async () => {
    const properties = { hs_meeting_title: 'x', hs_timestamp: '2027-03-01T09:00:00Z', hs_i_cal_uid: key(8) };
    const [made] = await crm.meetings.upsert([{ key: key(8), properties }], o());
    const id = made!.ok ? made!.id : '';
    expect((await crm.meetings.find('calendarUid', [key(8)], [], o())).get(key(8))?.id).toBe(id);
    await crm.meetings.join([{ meetingId: id, contactId: '151' }], o());
    expect(stub.joined).toContain(`${id}-151`);
    await crm.meetings.archive([id], o());
    expect((await crm.meetings.find('key', [key(8)], [], o())).size).toBe(0);
    const binned = await crm.meetings.find('key', [key(8)], ['hs_meeting_title'], { ...o(), archived: true });
    expect(binned.get(key(8))?.properties).toMatchObject({ [BOOKING_KEY]: key(8), hs_meeting_title: 'x' });
  });
});

describe('bad days', () => {
  it('an expired token is renewed once and the call repeated', async () => {
    renewals = 0;
    stub.expireTokens();
    await crm.contacts.find('key', [key(1)], [], o());
    expect(renewals).toBe(1);
  });

  it('a token that is refused twice means: connect again', async () => {
    stub.trouble('expired-token', 'batch/read', 2);
    await expect(crm.contacts.find('key', [key(1)], [], o())).rejects.toThrow(ReconnectNeeded);
  });

  it.each([
    ['429', 'hubspot-rate-limit', 0],
    ['429-daily', 'hubspot-rate-limit', 900_000],
    ['500', 'hubspot-unavailable', undefined],
    ['lost-answer', 'hubspot-unreachable', undefined],
  ] as const)('%s: later, not twice', async (kind, code, afterMs) => {
    stub.trouble(kind, 'batch/read');
    const before = stub.calls.length;
    await expect(crm.contacts.find('key', [key(1)], [], o())).rejects.toMatchObject({ code, afterMs });
    expect(stub.calls.length).toBe(before + 1); // the SDK's own retries are off
  });

  it('a refusal keeps code, status and request id, never the words', async () => {
    const bare = await HubSpotStub.start(); // without our properties
    const tokens: TokenSource = {
      current: async () => ({ value: (await refreshTokens(bare.settings, 'good')).accessToken, version: 1 }),
      renew: () => Promise.reject(new ReconnectNeeded()),
    };
    const asked = new HubSpotCrm(bare.settings, tokens).contacts.find('key', [key(1)], [], o());
    const refused: unknown = await asked.catch((error: unknown) => error);
    await bare.stop();
    expect(refused).toBeInstanceOf(VendorRefused);
    expect(refused).toMatchObject({
      code: 'VALIDATION_ERROR',
      status: 400,
      requestId: '0190cccc-0000-7000-8000-000000000009',
    });
    expect(`${String(refused)}${JSON.stringify(refused)}`).not.toContain('@');
  });

  it('a refresh token that is not valid means: connect again', async () => {
    await expect(refreshTokens(stub.settings, 'bad')).rejects.toThrow(ReconnectNeeded);
  });

  it('no call starts when the time of its batch is over', async () => {
    const late = crm.contacts.find('key', [key(1)], [], { until: Date.now() - 1 });
    await expect(late).rejects.toMatchObject({ code: 'hubspot-no-time-left' });
  });
});

const specs = process.env['HUBSPOT_SPEC_DIR'];
if (!specs)
  console.log('HUBSPOT_SPEC_DIR is not set: our requests were not checked against HubSpot’s own specification.');
(specs || process.env['CI'] === 'true' ? it : it.skip)(
  'every request so far is what HubSpot’s specification allows',
  () => {
    expect(stub.spec.checked).toBeGreaterThan(20);
    expect(stub.spec.violations).toEqual([]);
  },
);
