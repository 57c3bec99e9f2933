import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { byKey, LEAD_KEY, Rig, type Answer } from '../rig.js';

const CONTACTS = '/objects/2026-09/contacts';
const MEETINGS = '/objects/2026-09/meetings';
const DAY = 86_400_000;

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

let rig: Rig;
let call: Call;
let portal = 2000;
beforeAll(async () => void (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(async () => {
  portal += 1; // every test has an account of its own
  call = await rig.hubspot(portal);
  await call('POST', '/properties/2026-09/contacts', LEAD_KEY);
});

const upsert = (...inputs: unknown[]) => call('POST', `${CONTACTS}/batch/upsert`, { inputs });
const create = (properties: Record<string, string>) => call('POST', CONTACTS, { properties, associations: [] });
const state = async () => (await rig.control('GET', `/hubspot/state?portalId=${portal}`)).body;
const meeting = (title: string) => ({
  hs_meeting_title: title,
  hs_meeting_body: 'text',
  hs_timestamp: '2027-03-01T09:00:00Z',
});
const laterBy = async (days: number) => {
  const { now } = (await rig.control('GET', '/clock')).body as { now: string };
  return rig.control('PUT', '/clock', { now: new Date(Date.parse(now) + days * DAY).toISOString() });
};

describe('writing contacts', () => {
  it('updates on the second upsert by the same key, and says which was new', async () => {
    const first = await upsert(byKey('k1', { email: 'Åsa@Kund.example', firstname: 'Åsa' }));
    const second = await upsert(byKey('k1', { lastname: 'Ek' }), byKey('k2', {}));
    expect(first.body.results[0]).toMatchObject({ new: true, properties: { email: 'åsa@kund.example' } });
    expect(second.body.results.map((r: { new: boolean }) => r.new)).toEqual([false, true]);
    const read = await call('GET', `${CONTACTS}/k1?idProperty=avtala_lead_key&properties=firstname,lastname`);
    expect(read.body.properties).toMatchObject({ firstname: 'Åsa', lastname: 'Ek' });
  });

  it('refuses the whole batch when an id comes twice', async () => {
    const answer = await upsert(byKey('k1', { firstname: 'A' }), byKey('k1', { firstname: 'B' }));
    expect(answer.status).toBe(400);
    expect((await state()).contacts).toEqual([]);
  });

  it('answers 207 with the conflicting one and writes the others', async () => {
    const existing = await create({ email: 'taken@kund.example' });
    const answer = await upsert(
      byKey('k1', { email: 'taken@kund.example' }, 't1'),
      byKey('k2', { email: 'free@kund.example' }, 't2'),
    );
    expect(answer.status).toBe(207);
    expect(answer.body).toMatchObject({ numErrors: 1, results: [{ objectWriteTraceId: 't2' }] });
    expect(answer.body.errors[0]).toMatchObject({
      category: 'CONFLICT',
      context: { ids: ['k1'], objectWriteTraceId: ['t1'], existingId: [existing.body.id] },
    });
  });

  it.each([
    ['an unknown property', { nosuch: 'x' }],
    ['a broken e-mail', { email: 'not an address' }],
    ['a read-only property', { hs_object_source: 'x' }],
  ])('refuses %s: the whole batch without trace ids, that input alone with them', async (_, wrong) => {
    expect((await upsert(byKey('k1', wrong), byKey('k2', {}))).status).toBe(400);
    const traced = await upsert(byKey('k1', wrong, 't1'), byKey('k2', {}, 't2'));
    expect(traced.status).toBe(207);
    expect((await state()).contacts).toHaveLength(1);
  });

  it('gives an address to one contact only', async () => {
    const first = await create({ email: 'one@kund.example' });
    const second = await create({ email: 'ONE@kund.example' });
    expect(second.status).toBe(409);
    expect(second.body.message).toContain(`Existing ID: ${first.body.id}`);
    const other = await create({});
    expect(
      (await call('PATCH', `${CONTACTS}/${other.body.id}`, { properties: { email: 'one@kund.example' } })).status,
    ).toBe(409);
  });

  it('gives it to one of ten who press together', async () => {
    const tries = await Promise.all(Array.from({ length: 10 }, () => create({ email: 'race@kund.example' })));
    expect(tries.filter((t) => t.status === 201)).toHaveLength(1);
    expect(tries.filter((t) => t.status === 409)).toHaveLength(9);
  });

  it('finds by e-mail, tells who made a record and who wrote a value last', async () => {
    const { ids } = (
      await rig.control('POST', '/hubspot/seed', {
        portalId: portal,
        contacts: [{ properties: { email: 'old@kund.example', company: 'Ek AB' } }],
      })
    ).body;
    const filters = [{ propertyName: 'email', operator: 'IN', values: ['old@kund.example', 'x@y.example'] }];
    const found = await call('POST', `${CONTACTS}/search`, {
      filterGroups: [{ filters }],
      limit: 100,
      properties: ['hs_object_source'],
      sorts: [],
      after: '0',
    });
    expect(found.body).toMatchObject({
      total: 1,
      results: [{ id: ids[0], properties: { hs_object_source: 'CRM_UI' } }],
    });
    await call('PATCH', `${CONTACTS}/${ids[0]}`, { properties: { jobtitle: 'VD' } });
    const read = await call('GET', `${CONTACTS}/${ids[0]}?propertiesWithHistory=jobtitle,company`);
    expect(read.body.propertiesWithHistory.jobtitle[0]).toMatchObject({
      value: 'VD',
      sourceType: 'INTEGRATION',
      sourceId: 'app',
    });
    expect(read.body.propertiesWithHistory.company[0]).toMatchObject({ sourceType: 'CRM_UI' });
  });

  it('answers a merged id with what it was merged into', async () => {
    const [a, b] = [
      await create({ email: 'a@kund.example' }),
      await create({ email: 'b@kund.example', company: 'Ek AB' }),
    ];
    await rig.control('POST', '/hubspot/merge', {
      portalId: portal,
      primaryObjectId: a.body.id,
      objectIdToMerge: b.body.id,
    });
    const read = await call('GET', `${CONTACTS}/${b.body.id}?properties=company,hs_merged_object_ids`);
    expect(read.body).toMatchObject({
      id: a.body.id,
      properties: { company: 'Ek AB', hs_merged_object_ids: b.body.id },
    });
    expect((await create({ email: 'b@kund.example' })).status).toBe(409); // an additional address is taken too
  });
});

describe('deleting', () => {
  it('keeps an archived meeting readable with its text, until it is blanked before', async () => {
    const kept = await call('POST', MEETINGS, { properties: meeting('Anna Ek'), associations: [] });
    await call('DELETE', `${MEETINGS}/${kept.body.id}`);
    expect((await call('GET', `${MEETINGS}/${kept.body.id}`)).status).toBe(404);
    const read = await call('GET', `${MEETINGS}/${kept.body.id}?archived=true&properties=hs_meeting_title`);
    expect(read.body).toMatchObject({ archived: true, properties: { hs_meeting_title: 'Anna Ek' } });
  });

  it('finds archived records by our own key, in a batch', async () => {
    const { body } = await upsert(byKey('k1', { email: 'filed@kund.example' }), byKey('k2', {}));
    await call('POST', `${CONTACTS}/batch/archive`, { inputs: [{ id: body.results[0].id }] });
    const request = { inputs: [{ id: 'k1' }, { id: 'k2' }], properties: ['email'], propertiesWithHistory: [] };
    const read = (query: string) =>
      call('POST', `${CONTACTS}/batch/read${query}`, { ...request, idProperty: 'avtala_lead_key' });
    expect((await read('?archived=true')).body.results.map((r: { id: string }) => r.id)).toEqual([body.results[0].id]);
    expect((await read('')).body.results.map((r: { id: string }) => r.id)).toEqual([body.results[1].id]);
    expect((await upsert(byKey('k1', {}))).body.results[0].new).toBe(true); // the archive keeps no key
  });

  it('purges a permanently deleted contact when the days have passed, from every file', async () => {
    const made = await create({ email: 'vera@kund.example', lastname: 'Needleström' });
    const linked = await call('POST', MEETINGS, {
      properties: meeting('m'),
      associations: [
        { to: { id: made.body.id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 200 }] },
      ],
    });
    expect((await call('POST', `${CONTACTS}/gdpr-delete`, { objectId: made.body.id })).status).toBe(204);
    expect((await call('GET', `${CONTACTS}/${made.body.id}`)).status).toBe(404);
    expect((await call('GET', `${CONTACTS}/${made.body.id}?archived=true`)).status).toBe(200);
    expect(
      (await call('GET', `${MEETINGS}/${linked.body.id}?associations=contacts`)).body.associations,
    ).toBeUndefined();
    expect(await rig.filesWith('Needleström')).toHaveLength(1);

    const moved = await laterBy(31);
    expect(moved.body.steps).toBeGreaterThanOrEqual(1);
    expect((await call('GET', `${CONTACTS}/${made.body.id}?archived=true`)).status).toBe(404);
    expect(await rig.filesWith('Needleström')).toEqual([]);
    expect(await rig.filesWith('vera@kund.example')).toEqual([]);
    expect(await state()).toMatchObject({ blocklistCount: 1, blocklistBypassed: 0, contacts: [] });
    await create({ email: 'vera@kund.example' });
    expect(await state()).toMatchObject({ blocklistBypassed: 1 });
  });

  it('leaves no overwritten value in any file', async () => {
    const made = await create({ lastname: 'Försvinnstam' });
    await call('PATCH', `${CONTACTS}/${made.body.id}`, { properties: { lastname: '' } });
    expect(await rig.filesWith('Försvinnstam')).toEqual([]);
  });
});

describe('associations', () => {
  it('links and unlinks a meeting and its contact', async () => {
    const contact = await create({ email: 'link@kund.example' });
    const made = await call('POST', MEETINGS, { properties: meeting('m'), associations: [] });
    const path = `${MEETINGS}/${made.body.id}/associations`;
    expect((await call('PUT', `${path}/default/contacts/${contact.body.id}`)).status).toBe(200);
    const links = () =>
      call('POST', '/associations/2026-09/meetings/contacts/batch/read', { inputs: [{ id: made.body.id }] });
    expect((await links()).body.results[0].to[0].toObjectId).toBe(contact.body.id);
    expect((await call('DELETE', `${path}/contacts/${contact.body.id}`)).status).toBe(204);
    expect((await links()).status).toBe(207);
  });
});

describe('misbehaving', () => {
  it.each([
    ['429', 429],
    ['503', 503],
    ['expired-token', 401],
  ])('%s answers once and then behaves', async (kind, status) => {
    await rig.misbehave('hubspot', { kind, match: 'batch/upsert' });
    expect((await upsert(byKey('k1', {}))).status).toBe(status);
    expect((await state()).contacts).toEqual([]);
    expect((await upsert(byKey('k1', {}))).status).toBe(200);
  });

  it('takes the write and then says nothing', async () => {
    await rig.misbehave('hubspot', { kind: 'timeout-after-commit', ms: 20 });
    await expect(upsert(byKey('k1', {}))).rejects.toThrow();
    expect((await state()).contacts).toHaveLength(1);
  });

  it('lies about a deletion, which reading back shows', async () => {
    const made = await create({ email: 'lie@kund.example' });
    await rig.misbehave('hubspot', { kind: 'lies' });
    expect((await call('POST', `${CONTACTS}/gdpr-delete`, { objectId: made.body.id })).status).toBe(204);
    expect((await call('GET', `${CONTACTS}/${made.body.id}`)).status).toBe(200);
  });

  it('journals ids and verdicts, never a person', async () => {
    await create({ email: 'journal@kund.example' });
    const journal = JSON.stringify((await rig.control('GET', '/journal')).body);
    expect(journal).toContain('/crm/objects/2026-09/{objectType}');
    expect(journal).not.toContain('kund.example');
  });
});

it('limits requests in ten seconds of real time, with the vendor’s headers', async () => {
  await rig.control('POST', '/hubspot/settings', { perTenSeconds: 3 });
  call = await rig.hubspot(999);
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await call('GET', CONTACTS)).status);
  await laterBy(1); // a test clock refills no vendor's budget
  const refused = await call('GET', CONTACTS);
  await rig.control('POST', '/hubspot/settings', { perTenSeconds: 10_000 });
  expect(statuses).toEqual([200, 200, 200]);
  expect(refused).toMatchObject({ status: 429, body: { policyName: 'TEN_SECONDLY_ROLLING', errorType: 'RATE_LIMIT' } });
  expect(refused.headers.get('x-hubspot-ratelimit-remaining')).toBe('0');
});

it('has everything again after a restart, and gives no id twice', async () => {
  const made = await create({ email: 'stays@kund.example' });
  await rig.restart();
  call = await rig.hubspot(portal);
  expect((await call('GET', `${CONTACTS}/stays@kund.example?idProperty=email`)).body.id).toBe(made.body.id);
  expect(Number((await create({})).body.id)).toBeGreaterThan(Number(made.body.id));
});
