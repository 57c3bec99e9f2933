import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { scopeOf } from '@avtala/database';
import { randomUUID } from 'node:crypto';
import { Bench, NOW, STATED } from '../../test/bench.js';
import { LEAD_STATUSES } from '../domain/lead-status.js';
import { claimNext } from '../storage/calling.js';
import { pageSql, type LeadFilter, type LeadSort } from '../storage/lead-list.js';
import { leadsByName } from '../storage/name-search.js';
import { Activities } from './activities.service.js';
import { Calling } from './calling.service.js';
import { Intake } from './intake.service.js';
import { LeadList, type ListQuery } from './lead-list.service.js';
import { Leads } from './leads.service.js';
import { Outcomes, type CallResult } from './outcomes.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());
afterEach(() => bench.clock.set(NOW));

const supervisor = (engagementId: string) => bench.caller('supervisor', engagementId);
const register = async (
  engagementId: string,
  raw: { name: string; email?: string; phone?: string; company?: string },
  stated = STATED,
) => (await bench.get(Intake).register(supervisor(engagementId), engagementId, bench.claim(), raw, stated)).id;
const record = (engagementId: string, id: string, result: Partial<CallResult>) =>
  bench.get(Outcomes).record(bench.caller('booker', engagementId), id, bench.claim(), { outcome: 'no-answer', informed: false, ...result }); // prettier-ignore
const page = (
  caller: ReturnType<typeof supervisor>,
  query: ListQuery = {},
  more: { sort?: LeadSort; limit?: number; after?: { id: string; at?: string } } = {},
) => bench.get(LeadList).page(caller, query, { sort: 'newest', limit: 50, after: null, ...more });
const audited = async (action: string) =>
  (await bench.sql<{ canonical: Buffer }>('select canonical from lead_intake.audit_entry'))
    .map(
      (a) =>
        JSON.parse(a.canonical.toString()) as { action: string; subject?: string; fields?: string[]; detail?: object },
    )
    .filter((a) => a.action === action);

/** One lead in each state there is, and who they are. */
async function everyState(): Promise<{ engagementId: string; booker: ReturnType<typeof supervisor> }> {
  const engagementId = await bench.engagement();
  const add = (n: number) =>
    register(engagementId, {
      name: `Person Nummer${n}`,
      email: `p${n}@${engagementId}.example`,
      company: `Bolag ${n} AB`,
    });
  bench.clock.set('2027-02-03T09:00:00Z');
  await add(0); // to be told by 3 March
  bench.clock.set(NOW);
  const ids: string[] = [];
  for (let n = 1; n <= 12; n++) ids.push(await add(n));
  const [booked, interested, closed, no, busy, tried, callback, restricted, erased] = ids;
  await record(engagementId, booked!, { outcome: 'booked' });
  await record(engagementId, interested!, { outcome: 'interested' });
  await record(engagementId, closed!, { outcome: 'not-a-fit' });
  await record(engagementId, no!, { outcome: 'objected' });
  await record(engagementId, tried!, { outcome: 'busy' });
  for (let n = 0; n < 6; n++) await record(engagementId, ids[9]!, {});
  bench.clock.set('2027-03-01T10:00:00Z');
  await record(engagementId, busy!, { outcome: 'busy' });
  await record(engagementId, callback!, { outcome: 'callback', callbackAt: '2027-03-01T12:00:00Z' });
  await bench.get(Leads).correct(bench.caller('dpo', engagementId), restricted!, { restricted: true });
  await bench.sql(`insert into lead_intake.tombstone (kind, id, engagement_id, order_id) values ('lead', $1, $2, $3)`, [erased, engagementId, randomUUID()]); // prettier-ignore
  const booker = bench.caller('booker', engagementId);
  await bench.get(Calling).next(booker, bench.claim(), engagementId);
  return { engagementId, booker };
}

describe('the list', () => {
  it('has each lead under one word, and its filters agree with it; counts agree with both', async () => {
    const { engagementId } = await everyState();
    const all = await page(supervisor(engagementId));
    expect(all).toHaveLength(13);
    expect([...new Set(all.map((l) => l.status))].sort()).toEqual(
      LEAD_STATUSES.filter((s) => s !== 'not-informed').sort(),
    );
    for (const state of LEAD_STATUSES) {
      const expected = all.filter((l) => l.status === state).map((l) => l.id);
      const found = await page(supervisor(engagementId), { engagementId, state });
      expect([state, found.map((l) => l.id)]).toEqual([state, expected]);
      expect(await bench.get(LeadList).count(supervisor(engagementId), { state })).toEqual({
        count: expected.length,
        more: false,
      });
    }
    const callable = await page(supervisor(engagementId), { callable: true });
    expect(callable.map((l) => l.status).sort()).toEqual(['callable', 'new', 'new']);
    expect(await page(supervisor(engagementId), { callable: false })).toHaveLength(10);
    const urgent = await page(supervisor(engagementId), { noticeBefore: '2027-03-04T00:00:00Z' });
    expect(urgent.map((l) => [l.noticeBy, l.informed])).toEqual([['2027-03-03T09:00:00Z', false]]);
  });

  it('shows masks to all but the booker who has the lead in hand, writes down who was looked at, and hides from bookers who may not be called', async () => {
    const { engagementId, booker } = await everyState();
    const mine = await page(booker);
    expect(mine.map((l) => l.status)).not.toEqual(expect.arrayContaining(['suppressed']));
    expect(mine.filter((l) => ['suppressed', 'restricted', 'being-erased'].includes(l.status))).toEqual([]);
    expect(mine.filter((l) => !l.masked).map((l) => [l.status, l.name])).toEqual([['handed-out', 'Person Nummer0']]);
    expect((await page(booker, { ownerOnly: true })).map((l) => l.name)).toEqual(['Person Nummer0']);
    for (const line of await page(supervisor(engagementId)))
      expect(line).toMatchObject({ name: 'P••• N•••', masked: true });
    const entries = (await audited('leads.listed')).filter((a) => a.subject === mine.find((l) => l.masked)!.id);
    expect(entries).toHaveLength(2);
    expect(entries[0]!.fields).toEqual(['company', 'title', 'name-masked']);
  });

  it('goes on page by page in each order, and sees nothing of other engagements', async () => {
    const { engagementId } = await everyState();
    const other = await bench.engagement();
    await register(other, { name: 'Annan Person', email: 'annan@stater.example' });
    const both = bench.caller('supervisor', engagementId, other);
    for (const sort of ['newest', 'oldest', 'notice'] as const) {
      const seen: string[] = [];
      let after: { id: string; at: string } | undefined;
      for (;;) {
        const lines = await page(both, {}, { sort, limit: 4, ...(after ? { after } : {}) });
        seen.push(...lines.map((l) => l.id));
        if (lines.length < 4) break;
        after = { id: lines.at(-1)!.id, at: lines.at(-1)!.obtainedAt };
      }
      const whole = (await page(both, {}, { sort })).map((l) => l.id);
      const told = sort === 'notice' ? whole : [...whole].sort((a, b) => (a < b === (sort === 'oldest') ? -1 : 1));
      expect(whole).toEqual(told);
      expect(seen).toEqual(whole);
      expect(seen).toHaveLength(14);
    }
    await expect(page(supervisor(other), { engagementId })).rejects.toMatchObject({ kind: 'missing' });
    expect(await page(supervisor(other))).toHaveLength(1);
  });

  it('by source and ground', async () => {
    const e = await bench.engagement();
    await register(e, { name: 'Ur Register', email: 'ur@kalla.example' });
    const wording = { version: '1', wording: 'Ja', how: 'webb', givenAt: '2027-02-01T00:00:00Z', proof: 'logg' };
    const said = await register(e, { name: 'Sade Ja', email: 'ja@kalla.example' }, { source: 'Mässan', ground: 'consent', consentWording: wording } as never); // prettier-ignore
    expect((await page(supervisor(e), { source: 'Mässan' })).map((l) => [l.id, l.source, l.ground])).toEqual([[said, 'Mässan', 'consent']]); // prettier-ignore
    expect((await page(supervisor(e), { ground: 'consent' })).map((l) => l.id)).toEqual([said]);
    expect(await page(supervisor(e), { source: 'Mässan', ground: 'contract' })).toEqual([]);
  });
});

describe('one lead', () => {
  it('is masked for a supervisor, and shown with a reason, which is written down', async () => {
    const e = await bench.engagement();
    const id = await register(e, { name: 'Karin Sundberg', email: 'karin@bolaget.example', phone: '070-174 06 52' });
    const leads = bench.get(Leads);
    const seen = await leads.read(supervisor(e), id);
    expect(seen).toMatchObject({ name: 'K••• S•••', masked: true });
    expect(JSON.stringify(seen)).not.toMatch(/Karin|Sundberg|karin@|1740652/);
    expect(await leads.unmask(supervisor(e), id, 'Hon ringde växeln')).toMatchObject({
      name: 'Karin Sundberg',
      masked: false,
    });
    expect((await audited('lead.unmasked')).at(-1)).toMatchObject({
      subject: id,
      detail: { reason: 'Hon ringde växeln' },
    });
    await expect(leads.unmask(supervisor(e), id, 'pnr 900101-9802')).rejects.toMatchObject({ code: 'identity-number' });
    await expect(leads.unmask(supervisor(await bench.engagement()), id, 'x y')).rejects.toMatchObject({
      kind: 'missing',
    });
    const nosy = supervisor(e);
    for (let n = 0; n < 30; n++) await leads.unmask(nosy, id, 'igen');
    await expect(leads.unmask(nosy, id, 'igen')).rejects.toMatchObject({ code: 'too-many-requests', kind: 'too-many' });
  });

  it('its log tells who did what; notes are for who has the lead in hand', async () => {
    const e = await bench.engagement();
    const id = await register(e, { name: 'Karin Sundberg', email: 'karin2@bolaget.example' });
    const anna = bench.caller('booker', e);
    await bench.get(Calling).next(anna, bench.claim(), e);
    const first = await bench.get(Outcomes).record(anna, id, bench.claim(), { outcome: 'busy', informed: false, note: 'Ring efter lunch' }); // prettier-ignore
    await bench.get(Outcomes).undo(anna, first.id, bench.claim());
    await record(e, id, { outcome: 'callback', callbackAt: '2027-03-02T10:00:00Z' });
    const activities = bench.get(Activities);
    const log = await activities.page(bench.caller('dpo', e), id, { limit: 10 });
    expect(log).toMatchObject([
      { outcome: 'callback', callbackAt: '2027-03-02T10:00:00.000Z', undoneAt: null, hasNote: false },
      { outcome: 'busy', userId: anna.userId, undoneAt: '2027-03-01T09:00:00.000Z', note: 'Ring efter lunch' },
    ]);
    expect((await activities.page(bench.caller('dpo', e), id, { limit: 10, after: log[0]!.id })).map((a) => a.id)).toEqual([first.id]); // prettier-ignore
    expect((await activities.page(supervisor(e), id, { limit: 10 })).map((a) => [a.hasNote, a.note])).toEqual([[false, null], [true, null]]); // prettier-ignore
    await expect(activities.page(supervisor(await bench.engagement()), id, { limit: 1 })).rejects.toMatchObject({ kind: 'missing' }); // prettier-ignore
  });
});

describe('fifty thousand leads', () => {
  let big: string;
  const small: string[] = [];
  beforeAll(async () => {
    big = await bench.engagement();
    for (let n = 0; n < 3; n++) small.push(await bench.engagement());
    await bench.sql(`insert into lead_intake.provenance (engagement_id, id, source, ground, obtained_at)
      select $1::uuid, md5($1::uuid::text || n)::uuid, 'källa ' || n, case when n = 7 then 'consent' else 'legitimate-interest' end, '2027-02-20' from generate_series(0, 9) n`, [big]); // prettier-ignore
    await bench.sql(`insert into lead_intake.lead (engagement_id, id, sealed, state, provenance_id, obtained_at, callable_at, queue, informed_at, name_tokens)
      select $1::uuid, uuidv7(), decode(repeat('ab', 256), 'hex'), case when n % 500 = 0 then 'booked' else 'open' end, md5($1::uuid::text || case when n % 100 = 3 then 7 else 1 end)::uuid,
        '2027-02-20'::timestamptz + n * interval '1 second', '2027-02-21'::timestamptz + n * interval '1 second', case when n % 10 = 0 then 2 else 1 end,
        case when n % 3 = 0 then '2027-02-22'::timestamptz end, array[n % 5000, 100000 + n % 300] from generate_series(1, 50000) n`, [big]); // prettier-ignore
    await bench.sql('analyze lead_intake.lead');
  }, 120_000);

  const explain = (sql: string, parameters: unknown[]) =>
    bench.database.db().withScope(scopeOf(big, ...small), async (tx) => {
      const [answer] = (await tx.query(`explain (analyze, buffers, format json) ${sql}`, parameters)) as { 'QUERY PLAN': [{ Plan: Plan }] }[]; // prettier-ignore
      return answer!['QUERY PLAN'][0].Plan;
    });
  interface Plan {
    'Node Type': string;
    'Relation Name'?: string;
    'Shared Hit Blocks': number;
    'Shared Read Blocks': number;
    Plans?: Plan[];
  }
  const scans = (plan: Plan): string[] => [
    ...(plan['Relation Name'] === `lead_${big.replaceAll('-', '')}` ? [plan['Node Type']] : []),
    ...(plan.Plans ?? []).flatMap(scans),
  ];
  const blocks = (plan: Plan) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  const times = { now: NOW, realNow: new Date(), warnFrom: '2027-02-08T00:00:00Z' };

  it.each<[string, Partial<LeadFilter>, LeadSort, number]>([
    ['all, newest first', {}, 'newest', 1500],
    ['all, by notice', {}, 'notice', 1500],
    ['booked', { status: 'booked' }, 'newest', 1500],
    ['closed, of which there are none', { status: 'closed' }, 'oldest', 1500],
    ['callbacks, of which there are none', { status: 'callback' }, 'newest', 1500],
    ['new', { status: 'new' }, 'newest', 1500],
    ['mine', { bookerId: randomUUID() }, 'newest', 1500],
    ['notice due', { obtainedBefore: '2027-02-20T01:00:00Z' }, 'notice', 1500],
    ['a source', { source: 'källa 7' }, 'newest', 2500],
  ])('a page of %s reads an index, never the table', async (_, filter, sort, most) => {
    const { sql, parameters } = pageSql({ engagementIds: [big, ...small], ...filter }, times, { sort, limit: 50, after: null }); // prettier-ignore
    const plan = await explain(sql, parameters);
    expect(scans(plan)).not.toContain('Seq Scan');
    expect(blocks(plan)).toBeLessThan(most); // of 7,000
  });

  it('the next lead costs a few pages, as it does among a hundred', async () => {
    const cost = (engagementId: string) =>
      bench.database.db().withScope(scopeOf(engagementId), async (tx) => {
        const read = async () => {
          const sql = `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables where relname like 'lead\\_%'`;
          return ((await tx.query(sql)) as { n: number }[])[0]!.n;
        };
        const before = await read();
        for (let n = 0; n < 20; n++) {
          const realNow = new Date();
          const ids = [engagementId];
          const claimedUntil = new Date(realNow.getTime() + 60_000);
          await claimNext(tx, { bookerId: randomUUID(), openIds: ids, runningIds: ids, now: NOW, promisedSince: NOW, realNow, claimedUntil, reserve: false }); // prettier-ignore
        }
        return (await read()) - before;
      });
    expect(await cost(big)).toBeLessThan(1_000); // rows read for 20 claims, with the 20 passed over each time
  });

  it('a name is looked up in the index of tokens', async () => {
    const found = await bench.database.db().withScope(scopeOf(big), (tx) => leadsByName(tx, big, [[42], [100042]], [42, 100042], 300)); // prettier-ignore
    expect(found).toHaveLength(4);
    const [plan] = await bench.sql<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (analyze, buffers, format json) select id from lead_intake.lead l where engagement_id = any(array[$1::uuid]) and name_tokens && array[42] and name_tokens && array[100042]`,
      [big],
    );
    expect(scans(plan!['QUERY PLAN'][0].Plan)).toEqual(['Bitmap Heap Scan']);
  });
});
