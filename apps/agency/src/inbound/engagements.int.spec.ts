import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalogProblems } from '@avtala/database';
import { eventually } from '@avtala/test-kit';
import { RunningAgency } from '../running-agency.fixture.js';
import { TermService } from '../services/term.service.js';

let agency: RunningAgency;
let clientId: string;
beforeAll(async () => {
  agency = await RunningAgency.start({ now: '2027-03-15T09:00:00Z' });
  clientId = (await client('Exempelklienten Ett AB', '556677-8899')).body.id;
});
afterAll(() => agency?.stop());

const client = (name: string, organisationNumber: string) =>
  agency.ask('POST', '/api/v1/clients', { as: 'admin', body: { name, organisationNumber } });
const facts = (over: object = {}) => ({
  clientId,
  name: 'Mötesbokning',
  controller: { name: 'Exempelklienten Ett AB', organisationNumber: '5566778899' },
  retentionMonths: 3,
  startsOn: '2027-03-15',
  timeZone: 'Europe/Stockholm',
  ...over,
});
const open = (over: object = {}, headers = {}) =>
  agency.ask('POST', '/api/v1/engagements', { as: 'admin', body: facts(over), headers });
const opened = async (over: object = {}): Promise<string> => (await open(over)).body.id;
const read = (id: string) => agency.ask('GET', `/api/v1/engagements/${id}`, { as: 'admin' });
const notice = (id: string, body: object = {}, headers = {}) =>
  agency.ask('POST', `/api/v1/engagements/${id}/notice`, { as: 'admin', body, headers });
const types = async (id: string) => (await agency.events(id)).map((e) => e.type);
const advance = (iso: string) => agency.clock.advanceTo(Date.parse(iso) - Date.now());

it('no table of an engagement is open to another', async () => {
  expect(await catalogProblems(agency.database.adminUrl, 'agency')).toEqual([]);
});

describe('an engagement', () => {
  it('names controller and processor (G5), starts on its first day and says so', async () => {
    const id = await opened();
    expect((await read(id)).body).toMatchObject({
      controller: { name: 'Exempelklienten Ett AB', organisationNumber: '556677-8899' },
      processor: { name: 'Sandbox Agency AB', organisationNumber: '556688-0000' },
      state: 'running',
      startedAt: '2027-03-14T23:00:00.000Z',
      earliestNoticeOn: '2027-04-15',
      assessed: false,
    });
    expect(await agency.events(id)).toEqual([
      {
        type: 'engagement.started.v1',
        data: expect.objectContaining({
          engagementId: id,
          version: 1,
          retentionMonths: 3,
          controller: 'Exempelklienten Ett AB',
          startedAt: '2027-03-14T23:00:00Z',
        }),
      },
    ]);
  });

  it('is listed, with its client, for those who may enter it and for nobody else', async () => {
    const id = await opened({ name: 'Bara här' });
    const booker = agency.ids.get('booker')!;
    const list = async (as: 'admin' | 'booker') =>
      (await agency.ask('GET', '/api/v1/engagements', { as })).body.items as { id: string }[];
    expect((await list('admin')).find((e) => e.id === id)).toMatchObject({
      name: 'Bara här',
      clientName: 'Exempelklienten Ett AB',
    });
    expect((await list('booker')).map((e) => e.id)).not.toContain(id);
    await agency.ask('PUT', `/api/v1/engagements/${id}/members`, { as: 'admin', body: { userIds: [booker] } });
    expect((await list('booker')).map((e) => e.id)).toContain(id);
    expect((await agency.ask('GET', '/api/v1/clients', { as: 'admin' })).body.items).toContainEqual({
      id: clientId,
      name: 'Exempelklienten Ett AB',
      organisationNumber: '556677-8899',
    });
    expect((await agency.ask('GET', '/api/v1/clients', { as: 'booker' })).status).toBe(403);
  });

  it('tells every change with a higher version: assessment (B3) and members', async () => {
    const id = await opened();
    const assessed = await agency.ask('POST', `/api/v1/engagements/${id}/assessments`, {
      as: 'admin',
      body: { purpose: 'p', necessity: 'n\nm', balancing: 'b', madeOn: '2027-03-15' },
    });
    expect(assessed.status).toBe(201);
    const members = (userIds: unknown) =>
      agency.ask('PUT', `/api/v1/engagements/${id}/members`, { as: 'admin', body: { userIds } });
    const booker = agency.ids.get('booker')!;
    expect((await members([booker])).body).toEqual({ userIds: [booker] });
    expect((await members([booker])).status).toBe(200); // the same again changes nothing
    expect((await members([])).body).toEqual({ userIds: [] });
    const told = (await agency.events(id)).map((e) => [
      e.type,
      e.data['version'],
      e.data['assessed'],
      e.data['memberIds'],
    ]);
    expect(told).toEqual([
      ['engagement.started.v1', 1, false, []],
      ['engagement.changed.v1', 2, true, []],
      ['engagement.changed.v1', 3, true, [booker]],
      ['engagement.changed.v1', 4, true, []],
    ]);
  });

  it('a membership acts with the next request, and other people’s engagements are not there (404)', async () => {
    const id = await opened();
    const seen = async () => (await agency.ask('GET', `/api/v1/engagements/${id}`, { as: 'booker' })).status;
    const before = await seen();
    await agency.ask('PUT', `/api/v1/engagements/${id}/members`, {
      as: 'admin',
      body: { userIds: [agency.ids.get('booker')] },
    });
    const during = await seen();
    await agency.ask('PUT', `/api/v1/engagements/${id}/members`, { as: 'admin', body: { userIds: [] } });
    expect([before, during, await seen()]).toEqual([404, 200, 404]);
  });

  it('X is refused when the designated systems could not forget in time, with the smallest that works (A7)', async () => {
    const refused = await open({ retentionMonths: 1, systems: ['hubspot'] });
    expect(refused).toMatchObject({ status: 409, body: { code: 'retention-too-short', facts: { smallest: 2 } } });
    expect((await open({ retentionMonths: 2, systems: ['hubspot'] })).status).toBe(201);
    expect((await open({ retentionMonths: 1 })).status).toBe(201);
  });

  it('the same key twice makes one; another body under it is refused', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [one, two] = await Promise.all([open({}, headers), open({}, headers)]);
    expect(one.status).toBe(201);
    expect(two.body).toEqual(one.body);
    expect(await open({ name: 'Annat' }, headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect(await types(one.body.id)).toHaveLength(1);
  });

  it('each change leaves an audit entry that the app role can neither read nor change', async () => {
    const id = await opened();
    const entries = await agency.database.sql<{ entry: string }>(
      `select convert_from(canonical, 'UTF8') as entry from agency.audit_entry where position($1::bytea in canonical) > 0`,
      [Buffer.from(id)],
    );
    expect(entries.map((e) => JSON.parse(e.entry))).toEqual([
      expect.objectContaining({ action: 'engagement.opened', by: expect.objectContaining({ role: 'admin' }) }),
    ]);
  });
});

describe('what bad input gets', () => {
  it.each([
    ['no name', { name: '' }, 'name'],
    ['control characters', { name: 'a\u0007b' }, 'name'],
    ['X of 0', { retentionMonths: 0 }, 'retentionMonths'],
    ['X of 121', { retentionMonths: 121 }, 'retentionMonths'],
    ['X as text', { retentionMonths: '3' }, 'retentionMonths'],
    ['half a month', { retentionMonths: 1.5 }, 'retentionMonths'],
    ['binding of 0 months (A1)', { bindingMonths: 0 }, 'bindingMonths'],
    ['a day that does not exist', { startsOn: '2027-02-29' }, 'startsOn'],
    ['an instant for a day', { startsOn: '2027-03-15T00:00:00Z' }, 'startsOn'],
    ['an unknown zone', { timeZone: 'Europe/Malmö' }, 'timeZone'],
    ['an offset for a zone', { timeZone: '+02:00' }, 'timeZone'],
    ['no controller', { controller: undefined }, 'controller'],
    ['a controller without a number', { controller: { name: 'X' } }, 'controller.organisationNumber'],
    [
      'a wrong number',
      { controller: { name: 'X', organisationNumber: '556677-8890' } },
      'controller.organisationNumber',
    ],
    [
      'an identity number',
      { controller: { name: 'X', organisationNumber: '811228-9874' } },
      'controller.organisationNumber',
    ],
    ['an unknown field', { hosts: [] }, 'hosts'],
    ['an unknown way to erase', { crmErasure: 'keep' }, 'crmErasure'],
    ['a client that is no id', { clientId: '7' }, 'clientId'],
  ])('400: %s', async (_, over, field) => {
    const answer = await open(over);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.errors.map((e: { field: string }) => e.field)).toContain(field);
    expect(JSON.stringify(answer.body)).not.toMatch(/811228|556677-8890|Malmö/);
  });

  it.each([
    ['a client that is not there', () => open({ clientId: randomUUID() }), 404, 'not-found'],
    ['an engagement that is not there', () => read(randomUUID()), 404, 'not-found'],
    ['an id that is none', () => read('7'), 404, 'not-found'],
    ['notice where there is no engagement', () => notice(randomUUID()), 404, 'not-found'],
    ['the same client twice', () => client('Klon AB', '556677-8899'), 409, 'client-exists'],
    ['no key', () => open({}, { 'idempotency-key': '' }), 400, 'idempotency-key-missing'],
    [
      'invalid JSON',
      () => agency.ask('POST', '/api/v1/clients', { as: 'admin', raw: '{"name":' }),
      400,
      'json-invalid',
    ],
    ['nobody signed in', () => agency.ask('POST', '/api/v1/clients', { body: {} }), 401, 'sign-in-required'],
    ['a booker', () => agency.ask('POST', '/api/v1/clients', { as: 'booker', body: {} }), 403, 'not-allowed'],
    ['a client user', () => agency.ask('POST', '/api/v1/engagements', { as: 'client', body: {} }), 403, 'not-allowed'],
    [
      'a foreign Origin',
      () =>
        agency.ask('POST', '/api/v1/clients', { as: 'admin', body: {}, headers: { origin: 'https://evil.example' } }),
      403,
      'foreign-origin',
    ],
    [
      'no test clock where there is none',
      () => agency.ask('GET', '/api/v1/test/clock', { as: 'admin' }),
      404,
      'not-found',
    ],
  ])('%s', async (_, ask, status, code) => {
    expect(await ask()).toMatchObject({ status, body: { code } });
  });

  it('422 for members without an account, and nothing half-written', async () => {
    const id = await opened();
    const body = { userIds: [agency.ids.get('booker'), randomUUID()] };
    const answer = await agency.ask('PUT', `/api/v1/engagements/${id}/members`, { as: 'admin', body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'unknown-member' } });
    expect((await read(id)).body.memberIds).toEqual([]);
  });

  it('an assessment dated tomorrow is refused', async () => {
    const answer = await agency.ask('POST', `/api/v1/engagements/${await opened()}/assessments`, {
      as: 'admin',
      body: { purpose: 'p', necessity: 'n', balancing: 'b', madeOn: '2027-12-31' },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'assessment-in-the-future' } });
  });
});

// Time goes forward in this file: what follows comes last, in order.
describe('the contract is the clock', () => {
  it('A1: notice inside the binding month is refused with the earliest day, and changes nothing', async () => {
    const id = await opened();
    expect(await notice(id)).toMatchObject({
      status: 409,
      body: { code: 'binding-period', facts: { earliestOn: '2027-04-15' } },
    });
    expect((await read(id)).body.state).toBe('running');
  });

  it('a contract that begins later starts by itself, once, and tells what was changed before', async () => {
    const id = await opened({ startsOn: '2027-03-28' });
    await agency.ask('PUT', `/api/v1/engagements/${id}/members`, {
      as: 'admin',
      body: { userIds: [agency.ids.get('supervisor')] },
    });
    expect(await types(id)).toEqual([]);
    expect((await read(id)).body.state).toBe('upcoming');
    advance('2027-03-27T23:00:00Z'); // midnight in Stockholm; at two o'clock that night the clocks go forward
    const told = await eventually(async () => {
      const events = await agency.events(id);
      expect(events).toHaveLength(1);
      return events;
    });
    expect(told[0]).toMatchObject({
      type: 'engagement.started.v1',
      data: { startedAt: '2027-03-27T23:00:00Z', version: 2, memberIds: [agency.ids.get('supervisor')] },
    });
  });

  it('A2: notice ends it with the month that is paid for; a repeat answers the same, a second notice is refused', async () => {
    advance('2027-04-15T08:00:00Z');
    const id = await opened({ startsOn: '2027-03-15' });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await notice(id, {}, headers);
    expect(first).toMatchObject({ status: 200, body: { effectiveEndAt: '2027-04-30T22:00:00Z' } });
    expect((await notice(id, {}, headers)).body).toEqual(first.body);
    expect(await notice(id)).toMatchObject({ status: 409, body: { code: 'notice-already-given' } });
    const early = await notice(await opened({ startsOn: '2027-03-15' }), { endsOn: '2027-04-29' });
    expect(early).toMatchObject({
      status: 409,
      body: { code: 'ends-too-early', facts: { earliestEndOn: '2027-04-30' } },
    });
  });

  it('it ends at that instant, once, even if the work is done twice, and takes no changes after', async () => {
    const id = await opened({ startsOn: '2027-03-15' });
    await notice(id);
    expect(await types(id)).not.toContain('engagement.ended.v1');
    advance('2027-04-30T22:00:00Z');
    await eventually(async () => expect(await types(id)).toContain('engagement.ended.v1'));

    // Dead between the commit and the end of the work: the row is claimed once more.
    const item = { id: randomUUID(), kind: 'engagement-end', key: id, engagementId: id, lease: randomUUID() };
    await agency.service.app
      .get(TermService)
      .end(item as never)
      .catch(() => undefined);
    const told = (await agency.events(id)).filter((e) => e.type === 'engagement.ended.v1');
    expect(told).toEqual([
      {
        type: 'engagement.ended.v1',
        data: { engagementId: id, clientId, version: 3, endedAt: '2027-04-30T22:00:00Z', retentionMonths: 3 },
      },
    ]);
    expect((await read(id)).body).toMatchObject({ state: 'ended', endedAt: '2027-04-30T22:00:00.000Z' });
    const late = await agency.ask('PUT', `/api/v1/engagements/${id}/members`, { as: 'admin', body: { userIds: [] } });
    expect(late).toMatchObject({ status: 409, body: { code: 'engagement-ended' } });
  });
});
