import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { zip } from '../../test/xlsx.js';

let bench: Bench;
let url: string;
let engagementId: string;
beforeAll(async () => {
  bench = await Bench.open({ AVTALA_UPLOAD_LIMIT: 1_000_000 });
  await bench.app.listen(0, '127.0.0.1');
  url = await bench.app.getUrl();
  engagementId = await bench.engagement();
});
afterAll(() => bench.close());

async function send(
  method: string,
  path: string,
  body?: unknown,
  o: { caller?: object; headers?: Record<string, string> } = {},
) {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method,
    headers: {
      'content-type': raw ? 'text/csv' : 'application/json',
      'idempotency-key': randomUUID(),
      'test-caller': JSON.stringify(o.caller ?? bench.caller('supervisor', engagementId)),
      ...o.headers,
    },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text ? (JSON.parse(text) as Record<string, never>) : null };
}

describe('over HTTP', () => {
  it('a file: upload, confirm, status, rejects page by page', async () => {
    const rows = [
      'Namn,E-post',
      'Åsa Ek,asa@bolaget.example',
      ...Array.from({ length: 5 }, (_, i) => `Fel ${i},ingen`),
    ];
    const upload = await send('POST', `/api/v1/engagements/${engagementId}/imports`, rows.join('\n'));
    expect(upload).toMatchObject({
      status: 202,
      body: { columns: ['Namn', 'E-post'], mapping: { Namn: 'name', 'E-post': 'email' } },
    });
    const { id, mapping } = upload.body!;
    expect(await send('POST', `/api/v1/imports/${id}/confirm`, { mapping, ...STATED })).toMatchObject({ status: 202 });
    await bench.runDue();
    expect((await send('GET', `/api/v1/imports/${id}`)).body).toMatchObject({
      state: 'done',
      offered: 6,
      accepted: 1,
      refused: 5,
    });
    const first = (await send('GET', `/api/v1/imports/${id}/rejects?limit=3`)).body!;
    expect(first).toMatchObject({ next: 5, items: [{ row: 3, column: 'E-post', reason: 'email-invalid' }, {}, {}] });
    const rest = (await send('GET', `/api/v1/imports/${id}/rejects?limit=3&after=5`)).body!;
    expect(rest).toMatchObject({ next: null, items: [{ row: 6 }, { row: 7 }] });
  });

  it('a lead, a call, a no', async () => {
    const lead = { name: 'Bo Lind', email: 'bo@bolaget.example', ...STATED };
    const made = await send('POST', `/api/v1/engagements/${engagementId}/leads`, lead);
    expect(made).toMatchObject({ status: 201, body: { outcome: 'accepted' } });
    const booker = { caller: bench.caller('booker', engagementId) };
    const given: unknown[] = [];
    for (;;) {
      const next = await send('POST', '/api/v1/calling/next', {}, booker);
      if (next.status === 204) break;
      expect(next.status).toBe(200);
      given.push((next.body as unknown as { lead: { name: string } }).lead.name);
    }
    expect(given).toContain('Bo Lind');
    const outcome = { outcome: 'objected', informed: true };
    expect(await send('POST', `/api/v1/leads/${made.body!.id}/outcomes`, outcome, booker)).toMatchObject({
      status: 201,
    });
    expect(await send('POST', '/api/v1/suppressions', { phone: '031-390 06 77' })).toMatchObject({ status: 201 });
  });

  it('B5: an address can be tested, and only tested: nobody lists who said no', async () => {
    const check = (body: object, as: object = {}) => send('POST', '/api/v1/suppressions/check', body, as);
    const dpo = { caller: bench.caller('dpo', engagementId) };
    await send('POST', '/api/v1/suppressions', { email: 'aldrig@bolaget.example' });
    expect(await check({ email: 'ALDRIG@bolaget.example' }, dpo)).toMatchObject({
      status: 200,
      body: { everywhere: true, clientIds: [] },
    });
    expect((await check({ email: 'gärna@bolaget.example' }, dpo)).body).toEqual({ everywhere: false, clientIds: [] });
    expect((await check({}, dpo)).status).toBe(422);
  });

  it('the door is reached under its name with a colon', async () => {
    const answer = await send(
      'POST',
      '/internal/contacts:read',
      { ids: [randomUUID()], purpose: 'invite' },
      { caller: bench.service('invite') },
    );
    expect(answer).toMatchObject({ status: 200, body: { answers: [{ status: 'unknown' }] } });
    const lying = await send(
      'POST',
      '/internal/contacts:read',
      { ids: [randomUUID()], purpose: 'crm' },
      { caller: bench.service('invite') },
    );
    expect(lying.status).toBe(403);
  });
});

describe('bad input gets a stable code and no echo', () => {
  const SECRET = 'Hemlig-Person';
  const lead = { name: SECRET, email: 'hemlig@bolaget.example', ...STATED };
  const leads = () => `/api/v1/engagements/${engagementId}/leads`;
  const imports = () => `/api/v1/engagements/${engagementId}/imports`;
  test.each<[string, () => [string, unknown], number, string]>([
    ['no source', () => [leads(), { ...lead, source: undefined }], 400, 'request-invalid'],
    ['no ground', () => [leads(), { ...lead, ground: undefined }], 400, 'request-invalid'],
    ['another ground', () => [leads(), { ...lead, ground: SECRET }], 400, 'request-invalid'],
    ['an unknown field', () => [leads(), { ...lead, religion: SECRET }], 400, 'request-invalid'],
    ['an identity number', () => [leads(), { ...lead, title: `${SECRET} 900101-9802` }], 422, 'identity-number'],
    ['no phone number', () => [leads(), { ...lead, phone: SECRET }], 422, 'phone-invalid'],
    ['a minor', () => [leads(), { ...lead, age: '12' }], 422, 'minor'],
    ['an unknown engagement', () => [`/api/v1/engagements/${randomUUID()}/leads`, lead], 404, 'not-found'],
    ['no engagement at all', () => [`/api/v1/engagements/${SECRET}/leads`, lead], 404, 'not-found'],
    ['broken quotes', () => [imports(), `Namn,E-post\n"${SECRET}" x,hemlig@bolaget.example`], 400, 'csv-quotes'],
    ['no text', () => [imports(), Buffer.from('Namn\nÅ\0sa')], 400, 'csv-encoding'],
    ['a picture', () => [imports(), Buffer.from('89504e470d0a1a0a0000', 'hex')], 400, 'file-type'],
    ['a ZIP', () => [imports(), zip([{ name: SECRET, content: SECRET }])], 400, 'file-type'],
    ['a file above the limit', () => [imports(), Buffer.alloc(3_000_000, `${SECRET},`)], 413, 'file-too-large'],
    ['JSON as a file', () => [imports(), { [SECRET]: 1 }], 400, 'not-csv'],
    [
      'an unknown import',
      () => [`/api/v1/imports/${randomUUID()}/confirm`, { mapping: {}, ...STATED }],
      404,
      'not-found',
    ],
    [
      'an unknown lead',
      () => [`/api/v1/leads/${randomUUID()}/outcomes`, { outcome: 'interested', informed: true }],
      404,
      'not-found',
    ],
    [
      'an unknown outcome',
      () => [`/api/v1/leads/${randomUUID()}/outcomes`, { outcome: SECRET, informed: true }],
      400,
      'request-invalid',
    ],
    ['nobody to suppress', () => ['/api/v1/suppressions', {}], 422, 'contact-missing'],
    [
      'too many ids at the door',
      () => ['/internal/contacts:read', { ids: Array.from({ length: 1001 }, () => randomUUID()), purpose: 'crm' }],
      400,
      'request-invalid',
    ],
  ])('%s', async (_, request, status, code) => {
    const [path, body] = request();
    const answer = await send('POST', path, body);
    expect([answer.status, answer.body!['code']]).toEqual([status, code]);
    expect(answer.text).not.toMatch(/Hemlig|hemlig@/);
  });

  it('no Idempotency-Key', async () => {
    const answer = await send('POST', leads(), lead, { headers: { 'idempotency-key': '' } });
    expect([answer.status, answer.body!['code']]).toEqual([400, 'idempotency-key-missing']);
  });

  it('a mapping that does not fit', async () => {
    const { id } = (await send('POST', imports(), 'Namn,E-post,Ort\nÅsa,asa@bolaget.example,x')).body!;
    const confirm = async (mapping: object) =>
      (await send('POST', `/api/v1/imports/${id}/confirm`, { mapping, ...STATED })).body!['code'];
    expect(await confirm({ Namn: 'name', 'E-post': 'email' })).toBe('column-unmapped');
    expect(await confirm({ Namn: 'name', 'E-post': 'email', Ort: null, Land: null })).toBe('columns-gone');
    expect(await confirm({ Namn: 'name', 'E-post': 'email', Ort: 'city' })).toBe('field-unknown');
    expect(await confirm({ Namn: null, 'E-post': 'email', Ort: null })).toBe('column-missing');
  });
});
