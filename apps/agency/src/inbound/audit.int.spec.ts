import { createPublicKey, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { inclusionHolds, leafHash, readNote } from '@avtala/audit';
import { eventually } from '@avtala/test-kit';
import { RunningAgency } from '../running-agency.fixture.js';

let agency: RunningAgency;
const AUDIT = '/api/v1/agency/audit';

beforeAll(async () => {
  agency = await RunningAgency.start();
  for (const role of ['admin', 'dpo', 'booker'] as const) await agency.signedIn(role);
  await agency.ask('POST', '/api/v1/staff/invitations', {
    as: 'admin',
    body: { email: 'new@agency.example', role: 'booker' },
  });
});
afterAll(() => agency.stop());

const read = async (query = '', as: 'dpo' | 'admin' = 'dpo') =>
  (await agency.ask('GET', `${AUDIT}${query}`, { as })).body;
const sealed = async (id: string) =>
  eventually(async () => {
    const answer = await agency.ask('GET', `${AUDIT}/${id}/proof`, { as: 'dpo' });
    if (answer.status !== 200) throw new Error(answer.body.code);
    return answer.body;
  });

it('G2: who did what, newest first, with ids and no address', async () => {
  const { items } = await read('?act=invitation.sent');
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    act: 'invitation.sent',
    by: { kind: 'user', id: agency.ids.get('admin'), role: 'admin' },
    detail: { role: 'booker' },
  });
  expect(JSON.stringify(await read('?limit=200'))).not.toMatch(/@|agency\.example/);
});

it('G3: looking is itself audited, before anything is shown', async () => {
  await read(`?act=nothing.such&actor=${agency.ids.get('booker')}`);
  const { items } = await read(`?act=audit.read&actor=${agency.ids.get('dpo')}&limit=2`);
  expect(items.map((i: { detail: object }) => i.detail)).toContainEqual({
    act: 'nothing.such',
    actor: agency.ids.get('booker'),
  });
});

it('pages follow one another without a gap, whatever is written meanwhile', async () => {
  const all = (await read('?limit=200')).items.map((i: { id: string }) => i.id);
  const paged: string[] = [];
  let page = await read(`?limit=3&after=${all[0]}`);
  for (; page.items.length; page = await read(`?limit=3&after=${page.next}`)) {
    paged.push(...page.items.map((i: { id: string }) => i.id));
    if (!page.next) break;
  }
  expect(paged).toEqual(all.slice(1));
});

test.each([
  ['time', (at: string) => `?from=${encodeURIComponent(at)}&limit=200`],
  ['end', () => `?to=1999-01-01T00:00:00Z`],
])('filters by %s', async (_, query) => {
  const { items } = await read('?limit=3');
  const found = (await read(query(items[2].at))).items;
  // as instants: their texts end at the last digit that is not zero, and do not sort
  expect(found.every((i: { at: string }) => Temporal.Instant.compare(i.at, items[2].at) >= 0)).toBe(true);
});

it('an administrator sees what they did and what concerns no person; the officer sees all', async () => {
  const someone = randomUUID();
  await read(`?lead=${someone}`); // the officer's own look, about that person
  expect((await read(`?lead=${someone}`)).items.length).toBeGreaterThan(0);
  expect(
    (await read(`?lead=${someone}`, 'admin')).items.every(
      (i: { by: { id: string } }) => i.by.id === agency.ids.get('admin'),
    ),
  ).toBe(true);
  const [hidden] = (await read(`?lead=${someone}&actor=${agency.ids.get('dpo')}&limit=1`)).items;
  expect((await agency.ask('GET', `${AUDIT}/${hidden.id}/proof`, { as: 'admin' })).status).toBe(404);
  const seen = (await read('?limit=200', 'admin')).items;
  expect(seen.map((i: { act: string }) => i.act)).toContain('invitation.sent');
});

describe('proof', () => {
  it('G2: an entry is proved by itself, a path and a signed checkpoint', async () => {
    const [item] = (await read('?act=invitation.sent')).items;
    const { entry, row, leaf, path, checkpoint } = await sealed(item.id);
    const data = Buffer.from(`${entry.id}\n${entry.instance}\n${entry.n}\n${entry.canonical}`);
    expect(leafHash(data).toString('base64')).toBe(leaf);
    const typed = Buffer.from(checkpoint.verifierKey.split('+').slice(2).join('+'), 'base64'); // 0x01 and the key
    const x = typed.subarray(1).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const signed = readNote(checkpoint.signedNote, key)!;
    expect(signed.size).toBe(checkpoint.size);
    const hashes = path.map((hash: string) => Buffer.from(hash, 'base64'));
    expect(inclusionHolds(leafHash(data), row, signed.size, hashes, signed.root)).toBe(true);
    expect(inclusionHolds(leafHash(Buffer.from(`${data} `)), row, signed.size, hashes, signed.root)).toBe(false);
  });

  it('G2: an export is checked by whoever has it; its page is one line in the trail', async () => {
    const [item] = (await read('?act=invitation.sent')).items;
    await sealed(item.id);
    const exported = await read('/proofs?act=invitation.sent&limit=10');
    expect(exported).toMatchObject({ unsealed: 0, next: null });
    const { checkpoint, items } = exported;
    expect(items.map((i: { entry: { id: string } }) => i.entry.id)).toEqual([item.id]);
    const { entry, row, path } = items[0];
    const data = Buffer.from(`${entry.id}\n${entry.instance}\n${entry.n}\n${entry.canonical}`);
    const hashes = path.map((hash: string) => Buffer.from(hash, 'base64'));
    const root = Buffer.from(checkpoint.root, 'base64');
    expect(inclusionHolds(leafHash(data), row, checkpoint.size, hashes, root)).toBe(true);
    expect(checkpoint.signedNote).toContain(`\n${checkpoint.size}\n${checkpoint.root}\n`);
    const { items: told } = await read('?act=audit.exported');
    expect(told.map((i: { detail: object }) => i.detail)).toEqual([{ act: 'invitation.sent' }]);
  });

  it('exported pages follow one another, whatever is not sealed among them', async () => {
    const all = (await read('?limit=200')).items.map((i: { id: string }) => i.id);
    const paged: string[] = [];
    let unsealed = 0;
    let next: string | null = all[0];
    while (next) {
      const page: { items: { entry: { id: string } }[]; unsealed: number; next: string | null } = await read(
        `/proofs?limit=3&after=${next}`,
      );
      paged.push(...page.items.map((i) => i.entry.id));
      unsealed += page.unsealed;
      next = page.next;
    }
    expect(paged.length + unsealed).toBe(all.length - 1);
    expect(all.slice(1).filter((id: string) => paged.includes(id))).toEqual(paged);
  });

  it('an administrator exports their own part', async () => {
    const someone = randomUUID();
    await read(`?lead=${someone}`);
    expect((await read(`/proofs?lead=${someone}&actor=${agency.ids.get('dpo')}`, 'admin')).items).toEqual([]);
  });

  it('the newest checkpoint, and a check of the chain now', async () => {
    const checkpoint = (await agency.ask('GET', `${AUDIT}/checkpoint`, { as: 'dpo' })).body;
    const answer = await agency.ask('POST', `${AUDIT}/verify`, { as: 'dpo' });
    expect(answer.body).toMatchObject({ whole: true, findings: [] });
    expect(answer.body.upTo).toBeGreaterThanOrEqual(checkpoint.size);
    await agency.database.sql(`update agency.audit_entry set canonical = canonical || ' '::bytea where n = 1`);
    expect((await agency.ask('POST', `${AUDIT}/verify`, { as: 'dpo' })).body).toMatchObject({ whole: false, upTo: 0 });
  });

  it('a chain found broken stays so for everybody who looks, until a check finds it whole; nobody can enter that it is', async () => {
    const lastCheck = async () => (await read('/chain', 'admin')).lastCheck;
    const found = { whole: false, upTo: 0, row: 0, problem: 'entry-changed' };
    expect(await lastCheck()).toMatchObject(found);
    await agency.database.sql(
      `insert into agency.audit_entry (at, instance, n, canonical, mac)
       select now() + interval '1 hour', gen_random_uuid(), 1, $1, sha256('forged')`,
      [Buffer.from('{"action":"audit.verified","at":"2100-01-01T00:00:00Z","by":{},"detail":{"whole":true,"upTo":9}}')],
    );
    expect(await lastCheck()).toMatchObject(found);
  });
});

test.each([
  ['GET', AUDIT],
  ['GET', `${AUDIT}/checkpoint`],
  ['GET', `${AUDIT}/proofs`],
  ['GET', `${AUDIT}/chain`],
  ['GET', `${AUDIT}/0195c7a0-0000-7000-8000-000000000001/proof`],
  ['POST', `${AUDIT}/verify`],
])('%s %s is not for others', async (method, path) => {
  expect((await agency.ask(method, path, { as: 'booker' })).status).toBe(403);
  expect((await agency.ask(method, path)).status).toBe(401);
});

test.each(['?limit=0', '?limit=201', '?after=x', '?lead=x', '?from=yesterday', '?act=A%20B', '?who=me'])(
  '%s is refused',
  async (query) => {
    expect((await agency.ask('GET', `${AUDIT}${query}`, { as: 'dpo' })).status).toBe(400);
  },
);
