import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, Rig } from '../rig.js';

const DAY = 86_400_000;
const KEY = 'Avtala_Lead_Key__c';
const LEADS = `/composite/sobjects/Lead/${KEY}`;
const DUPLICATES = 'Sforce-Duplicate-Rule-Header';

type Call = Awaited<ReturnType<Rig['salesforce']>>;

let rig: Rig;
let call: Call;
let org = '';
let number = 0;
beforeAll(async () => void (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(async () => {
  org = `org${++number}`; // every test has an org of its own
  call = await rig.salesforce(org);
});

const lead = (key: string, more: object = {}) => ({
  attributes: { type: 'Lead' },
  [KEY]: key,
  LastName: 'Ek',
  Company: 'Exempel AB',
  ...more,
});
const upsert = (records: object[], headers = {}) => call('PATCH', LEADS, { records }, headers);
const control = (act: string, order: object) => rig.control('POST', `/salesforce/${act}`, { org, ...order });
const state = async () => (await rig.control('GET', `/salesforce/state?org=${org}`)).body;
const query = (soql: string, all = false) =>
  call('GET', `/${all ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`);
const code = (a: Answer) => a.body[0]?.errorCode ?? a.body[0]?.errors?.[0]?.statusCode;
const token = async (form: Record<string, string>) => {
  const url = `${rig.sandbox.urls.salesforce}/services/oauth2/token`;
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};
const soap = (access: string, ids: string[]) =>
  fetch(`${rig.sandbox.urls.salesforce}/services/Soap/u/67.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: `<x><SessionHeader><sessionId>${access}</sessionId></SessionHeader><emptyRecycleBin>${ids.map((i) => `<ids>${i}</ids>`).join('')}</emptyRecycleBin></x>`,
  }).then((r) => r.text());

describe('signing in', () => {
  const assertion = async (claims: object, alg = 'RS256') => {
    const key = createPrivateKey(await readFile(join(rig.dir, 'salesforce', 'jwt-key.pem'), 'utf8'));
    const now = Math.floor(Date.now() / 1000);
    const good = { iss: 'sandbox', sub: `integration@${org}.example`, aud: 'https://login.salesforce.com' };
    const part = (o: object) => Buffer.from(JSON.stringify(o)).toString('base64url');
    const text = `${part({ alg })}.${part({ ...good, exp: now + 180, ...claims })}`;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  };
  const bearer = (a: string) => token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: a });

  it('by assertion: a session, no refresh token, and no word of when it ends', async () => {
    const { status, body } = await bearer(await assertion({}));
    expect(status).toBe(200);
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['expires_in']));
    expect(body).toMatchObject({ instance_url: rig.sandbox.urls.salesforce, token_type: 'Bearer' });
    expect(body['refresh_token']).toBeUndefined();
  });

  it.each<[string, object]>([
    ['for six minutes', { exp: Math.floor(Date.now() / 1000) + 360 }],
    ['of the past', { exp: Math.floor(Date.now() / 1000) - 1 }],
    ['for the other login host', { aud: 'https://test.salesforce.com' }],
    ['from a client nobody registered', { iss: 'somebody' }],
    ['for a user nobody knows', { sub: 'nobody' }],
  ])('an assertion %s is refused', async (_, claims) => {
    expect((await bearer(await assertion(claims))).status).toBe(400);
  });

  it('an assertion that somebody else signed is refused', async () => {
    const parts = (await assertion({})).split('.');
    expect((await bearer(`${parts[0]}.${parts[1]}.AAAA`)).body['error']).toBe('invalid_grant');
  });

  it('a refresh token is good once; used again it ends the connection, sessions too', async () => {
    const form = { grant_type: 'refresh_token', client_id: 'sandbox', client_secret: 's' };
    const first = await token({ ...form, refresh_token: `sandbox-salesforce-${org}.two` });
    const second = await token({ ...form, refresh_token: first.body['refresh_token']! });
    expect(second.status).toBe(200);
    expect((await token({ ...form, refresh_token: first.body['refresh_token']! })).status).toBe(400);
    expect((await token({ ...form, refresh_token: second.body['refresh_token']! })).status).toBe(400);
    const other = { authorization: `Bearer ${second.body['access_token']}` };
    expect((await call('GET', '/limits', undefined, other)).status).toBe(401);
    expect(await state()).toMatchObject({ killedGrants: 1 });
  });
});

describe('collections', () => {
  it('up to 200, in order, HTTP 200 whatever became of each', async () => {
    const records = [lead('k1'), lead('k2', { LastName: null }), lead('k3', { Email: 'not an address' })];
    const { status, body } = await upsert(records);
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { success: true, created: true },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] }] },
      { success: false, errors: [{ statusCode: 'INVALID_EMAIL_ADDRESS', fields: ['Email'] }] },
    ]);
    expect((await upsert([lead('k1', { Phone: '1' })])).body).toMatchObject([{ created: false }]);
  });

  it('201 are refused as a whole, and counted', async () => {
    const answer = await upsert(Array.from({ length: 201 }, (_, i) => lead(`n${i}`)));
    expect([answer.status, code(answer)]).toEqual([400, 'EXCEEDED_ID_LIMIT']);
    expect(await state()).toMatchObject({ over200: 1, leads: [] });
  });

  it('all or none', async () => {
    await upsert([lead('k1')]);
    const records = [lead('k1', { Phone: '1' }), lead('k2'), lead('k3', { Company: null })];
    const { body } = await call('PATCH', LEADS, { allOrNone: true, records });
    expect(body.map((r: { success: boolean }) => r.success)).toEqual([false, false, false]);
    const { leads } = await state();
    expect(leads.map((l: { fields: object }) => l.fields)).toEqual([
      { LastName: 'Ek', Company: 'Exempel AB', [KEY]: 'k1' },
    ]);
  });

  it.each<[string, object, string]>([
    ['no type', { [KEY]: 'k', LastName: 'Ek' }, 'INVALID_INPUT'],
    ['a column nobody knows', lead('k', { Nosuch__c: 'x' }), 'INVALID_FIELD'],
    ['a number for a text', lead('k', { Phone: 5 }), 'JSON_PARSER_ERROR'],
  ])('%s: the whole request is refused and nothing stored', async (_, bad, errorCode) => {
    const answer = await upsert([lead('fine'), bad]);
    expect([answer.status, code(answer)]).toEqual([400, errorCode]);
    expect((await state()).leads).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['too long', { LastName: 'x'.repeat(81) }, 'STRING_TOO_LONG'],
    ['no value of the list', { Rating: 'Lukewarm' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
    ['read-only', { IsConverted: true }, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
  ])('%s is refused for that record', async (_, fields, statusCode) => {
    expect(code(await upsert([lead('k', fields)]))).toBe(statusCode);
  });

  it('the org’s own rules count', async () => {
    const rule = { object: 'Lead', field: 'Phone', pattern: '^\\+46', message: 'Swedish numbers only' };
    await control('settings', { validationRules: [rule] });
    expect(code(await upsert([lead('k', { Phone: '0701' })]))).toBe('FIELD_CUSTOM_VALIDATION_EXCEPTION');
  });

  it('fields that only some orgs have', async () => {
    expect(code(await upsert([lead('k', { HasOptedOutOfEmail: true })]))).toBe('INVALID_FIELD');
    expect((await call('GET', '/sobjects/Individual/describe')).status).toBe(404);
    await control('settings', { privacy: true });
    expect((await upsert([lead('k', { HasOptedOutOfEmail: true })])).body[0].success).toBe(true);
  });
});

describe('duplicate rules', () => {
  const rule = (action: string) => ({
    duplicateRules: [{ object: 'Lead', action, match: ['Email'], against: ['Lead', 'Contact'] }],
  });
  const known = () => control('seed', { object: 'Contact', records: [{ LastName: 'Känd', Email: 'K@x.example' }] });

  it.each([
    ['block', 'allowSave=false', false],
    ['block', 'allowSave=true', false],
    ['alert', 'allowSave=false', false],
    ['alert', 'allowSave=true; includeRecordDetails=true', true],
  ])('%s with %s', async (action, header, saved) => {
    await control('settings', rule(action));
    const { ids } = (await known()).body;
    const { body } = await upsert([lead('k', { Email: 'k@x.example' })], { [DUPLICATES]: header });
    expect(body[0].success).toBe(saved);
    if (saved) return;
    const [match] = body[0].errors[0].duplicateResult.matchResults;
    expect([match.entityType, match.matchRecords[0].record.Id]).toEqual(['Contact', ids[0]]);
  });
});

describe('what becomes of records', () => {
  it('a converted lead is read-only and names its contact', async () => {
    const id = (await upsert([lead('k')])).body[0].id;
    const { contactId } = (await control('convert', { id })).body;
    expect(code(await upsert([lead('k', { Phone: '1' })]))).toBe('CANNOT_UPDATE_CONVERTED_LEAD');
    const found = await query(`SELECT Id, IsConverted, ConvertedContactId FROM Lead WHERE ${KEY} IN ('k')`);
    expect(found.body.records).toMatchObject([{ Id: id, IsConverted: true, ConvertedContactId: contactId }]);
  });

  it('deleted: 15 days in the recycle bin with its text, then in no file', async () => {
    const id = (await upsert([lead('k', { LastName: 'Zebulonson' })])).body[0].id;
    expect((await call('DELETE', `/composite/sobjects?ids=${id}&allOrNone=false`)).body).toMatchObject([
      { success: true },
    ]);
    expect((await query(`SELECT Id FROM Lead WHERE ${KEY} = 'k'`)).body.records).toEqual([]);
    const inBin = await query(`SELECT Id, IsDeleted, LastName FROM Lead WHERE ${KEY} = 'k'`, true);
    expect(inBin.body.records).toMatchObject([{ IsDeleted: true, LastName: 'Zebulonson' }]);
    expect((await upsert([lead('k')])).body).toMatchObject([{ created: true }]); // the bin does not count
    const { now } = (await rig.control('GET', '/clock')).body;
    await rig.control('PUT', '/clock', { now: new Date(Date.parse(now) + 15.1 * DAY).toISOString() });
    expect((await query(`SELECT Id FROM Lead WHERE Id = '${id}'`, true)).body.records).toEqual([]);
    expect(await rig.filesWith('Zebulonson')).toEqual([]);
  });

  it('emptied out of the bin: gone at once', async () => {
    const access = (
      await token({
        grant_type: 'refresh_token',
        client_id: 'c',
        client_secret: 's',
        refresh_token: `sandbox-salesforce-${org}.soap`,
      })
    ).body['access_token']!;
    const id = (await upsert([lead('k', { LastName: 'Yngvarsdotter' })])).body[0].id;
    expect(await soap(access, [id])).toContain('ENTITY_NOT_DELETED');
    await call('DELETE', `/composite/sobjects?ids=${id}`);
    expect(await soap(access, [id])).toContain('<success>true</success>');
    expect(await rig.filesWith('Yngvarsdotter')).toEqual([]);
    expect(
      await soap(
        access,
        Array.from({ length: 201 }, () => id),
      ),
    ).toContain('EXCEEDED_ID_LIMIT');
    expect(await soap('nonsense', [id])).toContain('INVALID_SESSION_ID');
  });

  it('hard delete only where it is permitted', async () => {
    const job = { object: 'Lead', operation: 'hardDelete', contentType: 'CSV' };
    expect(code(await call('POST', '/jobs/ingest', job))).toBe('FEATURENOTENABLED');
    await control('settings', { hardDelete: true });
    expect((await call('POST', '/jobs/ingest', job)).body).toMatchObject({ state: 'Open' });
  });

  it('changes and deletions can be asked for', async () => {
    const [a, b] = (await upsert([lead('a'), lead('b')])).body;
    await call('DELETE', `/composite/sobjects?ids=${b.id}`);
    const { now } = (await rig.control('GET', '/clock')).body;
    const at = (ms: number) => encodeURIComponent(new Date(Date.parse(now) + ms).toISOString());
    const window = `start=${at(-DAY)}&end=${at(60_000)}`;
    expect((await call('GET', `/sobjects/Lead/updated?${window}`)).body.ids).toEqual([a.id]);
    expect((await call('GET', `/sobjects/Lead/deleted?${window}`)).body.deletedRecords).toMatchObject([{ id: b.id }]);
    const old = `start=${at(-31 * DAY)}&end=${at(0)}`;
    expect(code(await call('GET', `/sobjects/Lead/updated?${old}`))).toBe('INVALID_REPLICATION_DATE');
  });
});

describe('events', () => {
  const EVENTS = '/composite/sobjects/Event/Avtala_Booking_Key__c';
  const event = (more: object) => ({
    ...{ attributes: { type: 'Event' }, Avtala_Booking_Key__c: 'b', Subject: 'Meeting' },
    ...{ StartDateTime: '2027-01-20T10:00:00+01:00', EndDateTime: '2027-01-20T09:30:00Z' },
    ...more,
  });
  it('are answered in UTC, belong to a person, and go with that person', async () => {
    const WhoId = (await upsert([lead('k')])).body[0].id;
    const made = await call('PATCH', EVENTS, { records: [event({ WhoId })] });
    const { id } = made.body[0];
    expect((await call('GET', `/sobjects/Event/${id}`)).body).toMatchObject({
      StartDateTime: '2027-01-20T09:00:00.000+0000',
    });
    await call('DELETE', `/composite/sobjects?ids=${WhoId}`);
    expect((await state()).events).toMatchObject([{ deleted: true }]);
  });
  it.each<[string, object, string]>([
    ['that end before they start', { EndDateTime: '2027-01-20T08:00:00Z' }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['without an end', { EndDateTime: null }, 'REQUIRED_FIELD_MISSING'],
    ['of nobody there', { WhoId: '00Q5e0000ZZZZZZ' }, 'INVALID_CROSS_REFERENCE_KEY'],
    ['described too long', { Description: 'x'.repeat(32_001) }, 'STRING_TOO_LONG'],
  ])('%s are refused', async (_, more, statusCode) => {
    expect(code(await call('PATCH', EVENTS, { records: [event(more)] }))).toBe(statusCode);
  });
});

it.each([
  ['not closed', `SELECT Id FROM Lead WHERE Email = 'x`],
  ['OR', `SELECT Id FROM Lead WHERE Email = 'x' OR Email = 'y'`],
  ['an injected quote', `SELECT Id FROM Lead WHERE Email = 'O'Brien'`],
  ['a star', `SELECT * FROM Lead`],
])('a query with %s is malformed', async (_, soql) => {
  expect(code(await query(soql))).toBe('MALFORMED_QUERY');
});

it('the day’s calls are counted on every answer; used up, everything is refused', async () => {
  await control('settings', { dailyLimit: 10, usedByOthers: 8 });
  expect((await call('GET', '/limits')).headers.get('sforce-limit-info')).toBe('api-usage=9/10');
  await call('GET', '/limits');
  const refused = await call('GET', '/limits');
  expect([refused.status, code(refused)]).toEqual([403, 'REQUEST_LIMIT_EXCEEDED']);
  expect(await state()).toMatchObject({ limitViolations: 1 });
});

it('remembers everything over a restart', async () => {
  const id = (await upsert([lead('k', { Email: 'a@x.example' })])).body[0].id;
  await rig.restart();
  const again = await rig.salesforce(org, `sandbox-salesforce-${org}.later`);
  expect((await again('GET', `/sobjects/Lead/${KEY}/k`)).body).toMatchObject({ Id: id, Email: 'a@x.example' });
});
