import type { KeyPrincipal } from '@avtala/access';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { unheard } from '../../test/unheard.js';
import { ImportUploads } from '../services/import-upload.service.js';

let bench: Bench;
let url: string;
let engagementId: string;
beforeAll(async () => {
  bench = await Bench.open();
  await bench.app.listen(0, '127.0.0.1');
  url = await bench.app.getUrl();
});
afterAll(() => bench.close());

interface Sent {
  caller?: object;
  headers?: Record<string, string>;
}

async function send(method: string, path: string, body?: unknown, o: Sent = {}) {
  const raw = typeof body === 'string';
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
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read answers field by field
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as any) : text };
}

const SUPPLIER = 'Leverantören AB';
const key = (verbs: KeyPrincipal['verbs'] = ['leads:write', 'imports:write'], of = engagementId): KeyPrincipal => ({
  kind: 'key',
  keyId: randomUUID(),
  engagementIds: [of],
  verbs,
  provenance: { source: 'Branschregistret', supplier: SUPPLIER, ground: 'legitimate-interest' },
});
const FILE = 'Kundnamn;E-post;Ort\nÅsa Ek;asa@bolaget.example;Umeå\nBo Lind;bo@bolaget.example;Luleå\n';
const MAPPING = { Kundnamn: 'name', 'E-post': 'email', Ort: null };
const imports = () => `/api/v1/engagements/${engagementId}/imports`;
const mappingOf = (supplier: string) =>
  `/api/v1/engagements/${engagementId}/suppliers/${encodeURIComponent(supplier)}/mapping`;

it('a file whose COMMIT was not heard of is there when it is sent again under its key', async () => {
  engagementId = await bench.engagement();
  const same = { headers: { 'idempotency-key': randomUUID() }, caller: bench.caller('supervisor', engagementId) };
  const heard = unheard(bench.get(ImportUploads), (result) => typeof result === 'string');
  expect((await send('POST', imports(), FILE, same)).status).toBe(500);
  heard();
  const again = await send('POST', imports(), FILE, same);
  expect(again).toMatchObject({ status: 202, body: { columns: ['Kundnamn', 'E-post', 'Ort'] } });
  expect((await send('GET', `/api/v1/imports/${again.body.id}`)).body).toMatchObject({ state: 'waiting', offered: 2 });
});

describe('a supplier’s files are read as they were before', () => {
  beforeAll(async () => void (engagementId = await bench.engagement()));

  it('a saved mapping goes before the guess, which is marked as one', async () => {
    const saved = await send('PUT', mappingOf(SUPPLIER), { mapping: { ...MAPPING, Telefon: 'phone' } });
    expect(saved).toMatchObject({ status: 200, body: { supplier: SUPPLIER } });
    expect((await send('GET', mappingOf(` leverantören  ab `))).body.mapping).toEqual({ ...MAPPING, Telefon: 'phone' });
    const file = `${FILE.split('\n')[0]};Titel;Hobby\nÅsa Ek;asa@bolaget.example;Umeå;chef;ridning\n`;
    const path = `${imports()}?supplier=${encodeURIComponent(SUPPLIER)}`;
    expect((await send('POST', path, file)).body).toMatchObject({
      mapping: { ...MAPPING, Titel: 'title', Hobby: null },
      guessed: ['Titel'],
      notTakenIn: ['Ort', 'Hobby'],
      gone: ['Telefon'],
    });
    expect((await send('POST', imports(), FILE)).body).toMatchObject({ guessed: ['E-post'], gone: [] });
    expect((await send('GET', `/api/v1/engagements/${engagementId}/suppliers`)).body).toMatchObject({
      items: [{ supplier: SUPPLIER }],
      next: null,
    });
  });

  it('columns that are gone are named', async () => {
    const { id } = (await send('POST', `${imports()}?supplier=${encodeURIComponent(SUPPLIER)}`, FILE)).body;
    const refused = await send('POST', `/api/v1/imports/${id}/confirm`, STATED);
    expect(refused).toMatchObject({ status: 422, body: { code: 'columns-gone', facts: { gone: ['Telefon'] } } });
    const none = (await send('POST', imports(), FILE)).body;
    expect(await send('POST', `/api/v1/imports/${none.id}/confirm`, STATED)).toMatchObject({
      status: 400,
      body: { code: 'mapping-missing' },
    });
  });

  it('headers lie sealed, and their key goes with the engagement', async () => {
    const other = await bench.engagement();
    const caller = bench.caller('supervisor', other);
    const path = `/api/v1/engagements/${other}/suppliers/x/mapping`;
    await send('PUT', path, { mapping: { Hemligsson: 'name', e: 'email' } }, { caller });
    const [row] = await bench.sql<{ id: string; t: string }>(
      'select id, m::text as t from lead_intake.supplier_mapping m where engagement_id = $1',
      [other],
    );
    expect(row!.t).not.toMatch(/Hemligsson/);
    expect(await bench.vault.remaining('import', [row!.id])).toBe(1);
  });

  test.each([
    ['a field beyond B1', SUPPLIER, { a: 'name', b: 'city', c: 'email' }, 'field-unknown'],
    ['nobody to reach', SUPPLIER, { a: 'name' }, 'column-missing'],
    ['a person as supplier', 'asa@bolaget.example', MAPPING, 'request-invalid'],
    ['an identity number as supplier', 'Åsa 19900101-9802', MAPPING, 'request-invalid'],
  ])('a mapping with %s is refused', async (_, supplier, mapping, code) => {
    expect(await send('PUT', mappingOf(supplier), { mapping })).toMatchObject({ status: 400, body: { code } });
  });

  it('another engagement’s suppliers are not there', async () => {
    const stranger = { caller: bench.caller('supervisor', await bench.engagement()) };
    expect((await send('GET', mappingOf(SUPPLIER), undefined, stranger)).status).toBe(404);
    expect((await send('PUT', mappingOf(SUPPLIER), { mapping: MAPPING }, stranger)).status).toBe(404);
  });
});

describe('a supplier’s key', () => {
  beforeAll(async () => void (engagementId = await bench.engagement()));

  it('takes a lead in with the provenance the key has, and cannot say another', async () => {
    const caller = key();
    const lead = { name: 'Cia Öberg', email: 'cia@bolaget.example' };
    const path = `/api/v1/engagements/${engagementId}/leads`;
    expect(await send('POST', path, lead, { caller })).toMatchObject({ status: 201 });
    const [told] = await bench.sql(
      'select source, supplier, ground from lead_intake.provenance where engagement_id = $1',
      [engagementId],
    );
    expect(told).toEqual({ source: 'Branschregistret', supplier: SUPPLIER, ground: 'legitimate-interest' });
    const [audited] = await bench.sql<{ by: string }>(
      `select convert_from(canonical, 'UTF8')::json->>'by' as by from lead_intake.audit_entry
       where convert_from(canonical, 'UTF8') like '%lead.accepted%' and convert_from(canonical, 'UTF8') like $1`,
      [`%${engagementId}%`],
    );
    expect(JSON.parse(audited!.by)).toEqual({ kind: 'key', id: caller.keyId });
    for (const said of [{ source: 'Annat' }, { ground: 'contract' }, { supplier: 'Annan AB' }]) {
      expect(await send('POST', path, { ...lead, ...said }, { caller })).toMatchObject({
        status: 422,
        body: { code: 'provenance-fixed' },
      });
    }
    expect(await send('POST', path, { ...lead, source: 'Branschregistret' }, { caller })).toMatchObject({
      body: { outcome: 'merged' },
    });
    expect(await send('POST', path, lead)).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
  });

  it('reaches its own engagement and nothing of another', async () => {
    const other = `/api/v1/engagements/${await bench.engagement()}/leads`;
    expect((await send('POST', other, { name: 'Bo', email: 'b@x.example' }, { caller: key() })).status).toBe(404);
  });

  it('sends a file that is read by its supplier’s mapping, and sees its own imports only', async () => {
    await send('PUT', mappingOf(SUPPLIER), { mapping: MAPPING });
    const caller = key();
    const { id } = (await send('POST', imports(), FILE, { caller })).body;
    expect(await send('POST', `/api/v1/imports/${id}/confirm`, {}, { caller })).toMatchObject({ status: 202 });
    await bench.runDue();
    expect((await send('GET', `/api/v1/imports/${id}`, undefined, { caller })).body).toMatchObject({
      state: 'done',
      accepted: 2,
    });
    const mine = (await send('POST', imports(), FILE)).body;
    for (const path of [`/api/v1/imports/${mine.id}`, `/api/v1/imports/${mine.id}/rejects`])
      expect((await send('GET', path, undefined, { caller })).status).toBe(404);
    expect((await send('POST', `/api/v1/imports/${mine.id}/confirm`, {}, { caller })).status).toBe(404);
  });
});

describe('a dry run', () => {
  beforeAll(async () => void (engagementId = await bench.engagement()));

  it('counts what the import then does, and stores nothing', async () => {
    const lead = { name: 'Åsa Ek', email: 'asa@bolaget.example', ...STATED };
    await send('POST', `/api/v1/engagements/${engagementId}/leads`, lead);
    await send('POST', '/api/v1/suppressions', { email: 'nej@bolaget.example' });
    const rows = [
      'Namn;E-post;Telefon;Ort',
      'Åsa Ek;asa@bolaget.example;;Umeå', // there already
      'Bo Lind;bo@bolaget.example;08-465 004 01;',
      'Bo Lind;BO+x@bolaget.example;;', // again in the file
      'Bo Lind;annan@bolaget.example;08-465 004 01;', // another e-mail: ambiguous
      'Cia Nej;nej@bolaget.example;;',
      'Dag;fel;;',
      'kort',
      'Elin Ek;elin@bolaget.example;;',
    ];
    const { id } = (await send('POST', imports(), rows.join('\n'))).body;
    const mapping = { Namn: 'name', 'E-post': 'email', Telefon: 'phone', Ort: null };
    const state = async () => [
      await bench.count('lead', 'engagement_id = $1', [engagementId]),
      await bench.count('import_row', 'engagement_id = $1', [engagementId]),
      await bench.count('provenance', 'engagement_id = $1', [engagementId]),
      await bench.count('outbox'),
      (await bench.sql('select * from lead_intake.import where id = $1', [id]))[0],
    ];
    const before = await state();
    const looked = await send('POST', `/api/v1/imports/${id}/dry-run`, { mapping, ...STATED });
    expect(await state()).toEqual(before);
    expect(looked.body).toMatchObject({ rows: 8, complete: true, accepted: 2, merged: 2, notTakenIn: ['Ort'] });
    expect(
      Object.fromEntries(looked.body.refused.map((r: { reason: string; rows: number }) => [r.reason, r.rows])),
    ).toEqual({
      ambiguous: 1,
      suppressed: 1,
      'email-invalid': 1,
      'columns-mismatch': 1,
    });
    await send('POST', `/api/v1/imports/${id}/confirm`, { mapping, ...STATED });
    await bench.runDue();
    const done = (await send('GET', `/api/v1/imports/${id}`)).body;
    expect(done).toMatchObject({ accepted: looked.body.accepted, merged: looked.body.merged, refused: 4 });
    expect(await send('POST', `/api/v1/imports/${id}/dry-run`, { mapping, ...STATED })).toMatchObject({
      status: 409,
      body: { code: 'import-not-waiting' },
    });
  });

  it('refuses what confirming would refuse', async () => {
    const { id } = (await send('POST', imports(), FILE)).body;
    const dry = (body: object) => send('POST', `/api/v1/imports/${id}/dry-run`, body);
    expect((await dry({ mapping: { ...MAPPING, Land: null }, ...STATED })).body.code).toBe('columns-gone');
    expect((await dry({ mapping: MAPPING, source: 'x', ground: 'consent' })).body.code).toBe('consent-unproven');
    expect((await dry({ mapping: MAPPING })).status).toBe(400);
  });
});

describe('progress', () => {
  beforeAll(async () => void (engagementId = await bench.engagement()));

  /** The stream until it ends, as a list of events. */
  async function listen(id: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}/api/v1/imports/${id}/events`, {
      headers: { 'test-caller': JSON.stringify(bench.caller('supervisor', engagementId)), ...headers },
    });
    const text = await response.text();
    const events = text.split('\n\n').flatMap((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      return field('data') ? [{ id: field('id')!, event: field('event'), data: JSON.parse(field('data')!) }] : [];
    });
    return { status: response.status, type: response.headers.get('content-type'), text, events };
  }
  const confirmed = async () => {
    const { id } = (await send('POST', imports(), FILE)).body;
    await send('POST', `/api/v1/imports/${id}/confirm`, { mapping: MAPPING, ...STATED });
    return id as string;
  };

  it('is a stream of counts and states that ends with the import, and goes on where a listener was cut off', async () => {
    const id = await confirmed();
    const stream = listen(id);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await bench.runDue(); // by whatever process: the stream reads the row
    const { status, type, events, text } = await stream;
    expect([status, type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(events.map((e) => e.data.state)).toEqual(['running', 'done']);
    expect(events.at(-1)).toMatchObject({ event: 'progress', data: { id, offered: 2, accepted: 2, refused: 0 } });
    expect(text).not.toMatch(/bolaget|Kundnamn/);
    const back = await listen(id, { 'last-event-id': events[0]!.id });
    expect(back.events.map((e) => e.data.state)).toEqual(['done']);
    expect((await listen(id, { 'last-event-id': events.at(-1)!.id })).status).toBe(204);
  });

  it('of an import that is not the listener’s is not there', async () => {
    const id = await confirmed();
    const stranger = JSON.stringify(bench.caller('supervisor', await bench.engagement()));
    expect((await listen(id, { 'test-caller': stranger })).status).toBe(404);
    await bench.runDue();
  });

  it('rests while it is paused, and goes on where it was', async () => {
    const id = await confirmed();
    expect(await send('POST', `/api/v1/imports/${id}/resume`, {})).toMatchObject({
      status: 409,
      body: { code: 'import-not-paused' },
    });
    expect((await send('POST', `/api/v1/imports/${id}/pause`, {})).body).toMatchObject({ state: 'paused' });
    await bench.runDue();
    expect((await send('GET', `/api/v1/imports/${id}`)).body).toMatchObject({ state: 'paused', accepted: 0 });
    expect(await send('POST', `/api/v1/imports/${id}/pause`, {})).toMatchObject({ status: 409 });
    expect((await send('POST', `/api/v1/imports/${id}/resume`, {})).body).toMatchObject({ state: 'running' });
    await bench.runDue();
    await eventually(async () =>
      expect((await send('GET', `/api/v1/imports/${id}`)).body).toMatchObject({ state: 'done', merged: 2 }),
    );
  });
});
