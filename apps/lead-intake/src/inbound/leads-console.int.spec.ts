import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';

let bench: Bench;
let url: string;
let engagementId: string;
let other: string;
beforeAll(async () => {
  bench = await Bench.open();
  await bench.app.listen(0, '127.0.0.1');
  url = await bench.app.getUrl();
  engagementId = await bench.engagement();
  other = await bench.engagement();
});
afterAll(() => bench.close());

type Role = 'supervisor' | 'booker' | 'dpo' | 'admin';
async function as(role: Role, method: string, path: string, body?: unknown, of = engagementId) {
  const raw = typeof body === 'string';
  const response = await fetch(url + path, {
    method,
    headers: {
      'content-type': raw ? 'text/csv' : 'application/json',
      'idempotency-key': randomUUID(),
      'test-caller': JSON.stringify(bench.caller(role, of)),
    },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read answers field by field
  return { status: response.status, text, body: text.startsWith('{') ? (JSON.parse(text) as any) : text };
}
const register = async (n: number, said: object = STATED) =>
  (
    await as('supervisor', 'POST', `/api/v1/engagements/${engagementId}/leads`, {
      name: `Person Nummer${n}`,
      email: `p${n}@console.example`,
      company: 'Bolaget AB',
      ...said,
    })
  ).body.id as string;

describe('choices of a filter, counted before they are applied', () => {
  it('each with the other filters as they stand, and none for who may not see it', async () => {
    const fair = { source: 'Mässan', ground: 'legitimate-interest' };
    const [, no, aside] = [await register(1), await register(2), await register(3, fair)];
    await as('booker', 'POST', `/api/v1/leads/${no}/outcomes`, { outcome: 'objected', informed: true });
    await as('dpo', 'PATCH', `/api/v1/leads/${aside}`, { restricted: true });
    const all = (await as('supervisor', 'GET', `/api/v1/leads/facets?engagementId=${engagementId}`)).body;
    const states = Object.fromEntries(all.states.map((s: { value: string; count: number }) => [s.value, s.count]));
    expect(states).toMatchObject({ new: 1, suppressed: 1, restricted: 1, callable: 0, 'being-erased': 0 });
    expect(all.sources).toEqual(
      [
        { value: STATED.source, count: 2, more: false },
        { value: 'Mässan', count: 1, more: false },
      ].sort((a, b) => (a.value < b.value ? -1 : 1)),
    );
    const chosen = (await as('supervisor', 'GET', `/api/v1/leads/facets?source=${encodeURIComponent('Mässan')}`)).body;
    expect(chosen.states.find((s: { value: string }) => s.value === 'new').count).toBe(0);
    expect(chosen.sources).toHaveLength(2); // its own choice stays open
    const booker = await as('booker', 'GET', '/api/v1/leads/facets');
    expect(booker.body.states.map((s: { value: string }) => s.value)).not.toContain('suppressed');
    expect(booker.body.sources.find((s: { value: string }) => s.value === 'Mässan').count).toBe(0);
    expect((await as('supervisor', 'GET', `/api/v1/leads/facets?engagementId=${engagementId}`, undefined, other)).status).toBe(404); // prettier-ignore
  });
});

describe('a lead on somebody’s screen', () => {
  it('says its version and word, and nothing of the person; a booker is not told why it is gone', async () => {
    const id = await register(4);
    const standing = await as('booker', 'GET', `/api/v1/leads/${id}/standing`);
    expect(standing.body).toEqual({ id, engagementId, version: 1, status: 'new' });
    await as('supervisor', 'PATCH', `/api/v1/leads/${id}`, { restricted: true });
    expect((await as('supervisor', 'GET', `/api/v1/leads/${id}/standing`)).body).toMatchObject({ version: 2, status: 'restricted' }); // prettier-ignore
    expect(await as('booker', 'GET', `/api/v1/leads/${id}/standing`)).toMatchObject({ status: 404 });
    expect((await as('supervisor', 'GET', `/api/v1/leads/${id}/standing`, undefined, other)).status).toBe(404);
  });

  it('has its word, its notice, who handed it over and what was agreed to', async () => {
    const consentWording = { version: '7', wording: 'Ja, ring mig', how: 'webb', givenAt: '2027-02-01T00:00:00Z', proof: 'logg 12' }; // prettier-ignore
    const id = await register(5, { source: 'Mässan', supplier: 'Leverantören AB', ground: 'consent', consentWording });
    const lead = (await as('supervisor', 'POST', `/api/v1/leads/${id}/unmask`, { reason: 'Rättelse begärd' })).body;
    expect(lead).toMatchObject({
      masked: false,
      email: 'p5@console.example',
      status: 'new',
      attempts: 0,
      supplier: 'Leverantören AB',
      consent: consentWording,
      noticeBy: '2027-04-01T08:00:00Z',
      number: { kind: null, nixOn: null, listed: false },
    });
  });
});

describe('an import that is found again', () => {
  const FILE = 'Namn;E-post;Skostorlek\nÅsa Ek;asa@bolaget.example;38\n';
  const upload = async () => (await as('supervisor', 'POST', `/api/v1/engagements/${engagementId}/imports`, FILE)).body;

  it('has its columns and what was filled in so far, under the file’s own key, until it is confirmed', async () => {
    const { id, ...file } = await upload();
    expect((await as('admin', 'GET', `/api/v1/imports/${id}/draft`)).body).toEqual({ ...file, supplier: null, draft: null }); // prettier-ignore
    const draft = { source: 'Bolagsregister', supplier: 'Leverantören AB', ground: 'legit', mapping: { Namn: 'name' } };
    expect((await as('supervisor', 'PUT', `/api/v1/imports/${id}/draft`, draft)).status).toBe(204);
    expect((await as('supervisor', 'GET', `/api/v1/imports/${id}/draft`)).body).toMatchObject({ supplier: 'Leverantören AB', draft }); // prettier-ignore
    const [row] = await bench.sql<{ sealed_draft: Buffer }>('select sealed_draft from lead_intake.import where id = $1', [id]); // prettier-ignore
    expect(row!.sealed_draft.includes('Bolagsregister')).toBe(false);
    const refused = await as('supervisor', 'PUT', `/api/v1/imports/${id}/draft`, { source: 'Åsa 900101-9802' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'identity-number' } });
    expect(refused.text).not.toContain('9802');

    const mapping = { Namn: 'name', 'E-post': 'email', Skostorlek: null };
    await as('supervisor', 'POST', `/api/v1/imports/${id}/confirm`, { mapping, ...STATED });
    expect(await as('supervisor', 'GET', `/api/v1/imports/${id}/draft`)).toMatchObject({ status: 409, body: { code: 'import-not-waiting' } }); // prettier-ignore
    expect((await as('supervisor', 'PUT', `/api/v1/imports/${id}/draft`, draft)).status).toBe(409);
    await bench.runDue();
    expect(await bench.sql('select 1 from lead_intake.import where id = $1 and sealed_draft is null', [id])).toHaveLength(1); // prettier-ignore
  });

  it('stands in its engagement’s list, and in no other’s', async () => {
    const { id } = await upload();
    const list = await as('supervisor', 'GET', `/api/v1/engagements/${engagementId}/imports`);
    expect(list.body.items[0]).toMatchObject({
      id,
      state: 'waiting',
      offered: 1,
      createdAt: '2027-03-01T09:00:00.000Z',
    });
    expect((await as('supervisor', 'GET', `/api/v1/engagements/${engagementId}/imports?limit=1`)).body.next).toBe(id);
    for (const path of [`/api/v1/engagements/${engagementId}/imports`, `/api/v1/imports/${id}/draft`]) {
      expect((await as('supervisor', 'GET', path, undefined, other)).status).toBe(404);
    }
  });
});
