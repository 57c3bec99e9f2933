import { scopeOf } from '@avtala/database';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { leadsByName } from '../storage/name-search.js';
import { Intake } from './intake.service.js';
import { LeadSearch } from './lead-search.service.js';
import { Leads } from './leads.service.js';
import { Outcomes } from './outcomes.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

const supervisor = (engagementId: string) => bench.caller('supervisor', engagementId);
const register = async (e: string, raw: { name: string; email?: string; phone?: string; company?: string }) =>
  (await bench.get(Intake).register(supervisor(e), e, bench.claim(), raw, STATED)).id;
const search = (e: string, wanted: object, caller = supervisor(e)) => bench.get(LeadSearch).search(caller, wanted, e);
const idsOf = async (e: string, wanted: object) => (await search(e, wanted)).items.map((l) => l.id);
const due = (kind: string, e: string) =>
  bench.sql(
    `insert into lead_intake.due (kind, key, engagement_id, due_at) values ($1, $2::text, $2::uuid, '2027-01-01')`,
    [kind, e],
  );
const audited = async (action: string) =>
  (await bench.sql<{ canonical: Buffer }>('select canonical from lead_intake.audit_entry'))
    .map((a) => JSON.parse(a.canonical.toString()) as { action: string; subject?: string; fields?: string[] })
    .filter((a) => a.action === action);

it('finds by the beginnings of words, by address in any spelling and by number; what it finds is masked', async () => {
  const e = await bench.engagement();
  const åsa = await register(e, {
    name: 'Åsa Nordström',
    email: 'asa@nordljus.example',
    company: 'Nordljus Bygg AB',
    phone: '070-174 06 53',
  });
  const anna = await register(e, { name: 'Anna Nordin', email: 'anna@kvarnlid.example', company: 'Kvarnlid AB' });
  expect(await idsOf(e, { name: 'åsa' })).toEqual([åsa]);
  expect((await idsOf(e, { name: 'nord' })).sort()).toEqual([åsa, anna].sort());
  expect(await idsOf(e, { name: 'Nordin, A' })).toEqual([anna]);
  expect(await idsOf(e, { name: 'nordljus ab' })).toEqual([åsa]);
  expect(await idsOf(e, { name: 'asa' })).toEqual([]); // å is a letter of its own
  expect(await idsOf(e, { email: 'ANNA@Kvarnlid.example' })).toEqual([anna]);
  expect(await idsOf(e, { email: 'anna+mässa@kvarnlid.example' })).toEqual([]);
  expect(await idsOf(e, { phone: '+46 70 174 06 53' })).toEqual([åsa]);
  expect((await search(e, { name: 'åsa' })).items[0]).toMatchObject({ name: 'Å••• N•••', masked: true });
  const entries = [...(await audited('leads.searched')), ...(await audited('lead.found'))];
  expect(JSON.stringify(entries)).not.toMatch(/åsa|nord|kvarnlid|174 06/i);
  expect((await audited('leads.searched')).at(-1)).toMatchObject({ fields: ['name'], detail: { found: 1 } });
  expect((await audited('lead.found')).at(-1)).toMatchObject({ subject: åsa });
});

it('leads that were there before there was a search are found once their tokens were computed', async () => {
  const e = await bench.engagement();
  const id = await register(e, { name: 'Gammal Rad', email: 'g@forut.example' });
  await bench.sql('update lead_intake.lead set name_tokens = null where engagement_id = $1', [e]);
  expect(await idsOf(e, { name: 'gammal' })).toEqual([]);
  await due('index-names', e);
  await bench.runDue();
  expect(await idsOf(e, { name: 'gammal' })).toEqual([id]);
});

it('a collision of tokens is found out by the words', async () => {
  const e = await bench.engagement();
  const anna = await register(e, { name: 'Anna Ek', email: 'a@krock.example' });
  const bo = await register(e, { name: 'Bo Lind', email: 'b@krock.example' });
  await bench.sql(
    'update lead_intake.lead set name_tokens = (select name_tokens from lead_intake.lead where id = $1) where id = $2',
    [anna, bo],
  );
  expect(await idsOf(e, { name: 'Anna' })).toEqual([anna]);
});

it('in another engagement the same name is another value; nobody searches outside their own', async () => {
  const [e, other] = [await bench.engagement(), await bench.engagement()];
  const id = await register(e, { name: 'Karin Sundberg', email: 'k@en.example' });
  const twin = await register(other, { name: 'Karin Sundberg', email: 'k@en.example' });
  const [mine, theirs] = await bench.sql<{ t: number[] }>(
    'select name_tokens as t from lead_intake.lead where id = any($1)',
    [[id, twin]],
  );
  expect(mine!.t).toHaveLength(4);
  expect(mine!.t.filter((t) => theirs!.t.includes(t))).toEqual([]);
  expect(await idsOf(e, { name: 'karin' })).toEqual([id]);
  const both = bench.caller('supervisor', e, other);
  const all = await bench.get(LeadSearch).search(both, { name: 'karin' }, undefined);
  expect(all.items.map((l) => l.id).sort()).toEqual([id, twin].sort());
  await expect(search(e, { name: 'karin' }, supervisor(other))).rejects.toMatchObject({ kind: 'missing' });
  // The function behind it reads beside the policy, and says itself what the policy would (docs/adr/0016).
  const peek = bench.database.db().withScope(scopeOf(other), (tx) => leadsByName(tx, e, [[1]], [1], 10));
  await expect(peek).rejects.toThrow(/outside the scope/);
});

it('a new pepper carries the tokens with it; a changed name is found by the new one; the erased by none', async () => {
  const e = await bench.engagement();
  const id = await register(e, { name: 'Karin Sundberg', email: 'k@byte.example' });
  const gone = await register(e, { name: 'Karin Glömd', email: 'g@byte.example' });
  await bench.get(Leads).correct(bench.caller('dpo', e), id, { name: 'Karin Bergsund' });
  expect(await idsOf(e, { name: 'bergsund' })).toEqual([id]);
  expect(await idsOf(e, { name: 'sundberg' })).toEqual([]);
  const tokens = () => bench.sql('select name_tokens from lead_intake.lead where id = $1', [id]);
  const before = await tokens();
  await due('rotate-pepper', e);
  await bench.runDue();
  expect(await tokens()).not.toEqual(before);
  expect(await idsOf(e, { name: 'bergsund' })).toEqual([id]);
  await bench.vault.destroy('lead', [gone], randomUUID());
  expect(await idsOf(e, { name: 'karin' })).toEqual([id]);
});

it('bookers do not find who may not be called; nobody finds without saying enough, or without end', async () => {
  const e = await bench.engagement();
  const no = await register(e, { name: 'Nina Nej', email: 'n@nej.example' });
  const booker = bench.caller('booker', e);
  await bench.get(Outcomes).record(booker, no, bench.claim(), { outcome: 'objected', informed: true });
  expect((await search(e, { name: 'nina' }, booker)).items).toEqual([]);
  expect((await search(e, { email: 'n@nej.example' }, booker)).items).toEqual([]);
  expect(await idsOf(e, { name: 'nina' })).toEqual([no]);
  await expect(search(e, { name: 'n' })).rejects.toMatchObject({ code: 'search-too-short' });
  await expect(search(e, { name: '!!' })).rejects.toMatchObject({ code: 'search-too-short' });
  await expect(search(e, {})).rejects.toMatchObject({ code: 'search-one-of' });
  await expect(search(e, { name: null })).rejects.toMatchObject({ code: 'search-one-of' });
  await expect(search(e, { name: 'nina', email: 'x@y.example' })).rejects.toMatchObject({ code: 'search-one-of' });
  await expect(search(e, { email: 'ingen' })).rejects.toMatchObject({ code: 'email-invalid' });
  const busy = supervisor(e);
  for (let n = 0; n < 60; n++) await search(e, { phone: '070-174 06 54' }, busy);
  await expect(search(e, { name: 'nina' }, busy)).rejects.toMatchObject({ code: 'too-many-requests' });
});
