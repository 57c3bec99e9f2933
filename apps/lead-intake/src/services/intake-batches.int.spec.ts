import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AuditTrail } from '@avtala/access';
import { Db } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Bench, STATED } from '../../test/bench.js';
import { Intake } from './intake.service.js';
import { TakeIn } from './take-in.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench?.close());

const raw = (n: number) => ({ name: `Person ${n}`, email: `person.${n}@bolaget.example` });

/** Requests that arrive in one turn: they share a transaction. */
async function together(
  engagementId: string,
  requests: { raw: object; key?: string; body?: string; stated?: object }[],
): Promise<({ id: string; outcome: string } | { code: string })[]> {
  const caller = bench.caller('supervisor', engagementId);
  const settled = await Promise.allSettled(
    requests.map((r) =>
      bench
        .get(Intake)
        .register(caller, engagementId, bench.claim(r.key, r.body), r.raw, { ...STATED, ...(r.stated ?? {}) } as never),
    ),
  );
  return settled.map((s) => (s.status === 'fulfilled' ? s.value : { code: (s.reason as { code: string }).code }));
}
const commits = async () =>
  Number((await bench.sql<{ n: string }>('select count(distinct xmin::text) as n from lead_intake.lead'))[0]!.n);

it('requests that come together share a commit, and each has its own lead, event, audit entry, provenance and answer', async () => {
  const engagementId = await bench.engagement();
  const before = await commits();
  const answers = await together(
    engagementId,
    Array.from({ length: 40 }, (_, n) => ({
      raw: raw(n),
      stated: n % 2 ? { source: 'Mässan', ground: 'contract' } : {},
    })),
  );
  expect(answers.every((a) => 'outcome' in a && a.outcome === 'accepted')).toBe(true);
  const ids = answers.map((a) => ('id' in a ? a.id : ''));
  expect(new Set(ids).size).toBe(40);
  expect((await commits()) - before).toBeLessThan(5);
  const told = (await bench.events('lead.registered.v1')).filter((e) => e.engagementId === engagementId);
  expect(told.map((e) => e.leadId).sort()).toEqual([...ids].sort());
  const contracts = told.filter((e) => e.ground === 'contract').map((e) => e.leadId);
  expect(contracts.sort()).toEqual(ids.filter((_, n) => n % 2).sort());
  for (const id of ids) expect(await bench.count('audit_entry', 'subject_ref = $1', [id])).toBe(1);
  const sources = await bench.sql<{ source: string; n: string }>(
    `select p.source, count(*) as n from lead_intake.lead l join lead_intake.provenance p on p.id = l.provenance_id
     where l.engagement_id = $1 group by 1 order by 1`,
    [engagementId],
  );
  expect(sources.map((s) => [s.source, Number(s.n)])).toEqual([
    ['Branschregistret', 20],
    ['Mässan', 20],
  ]);
  expect(await bench.count('idempotency', 'engagement_id = $1 and status = 201', [engagementId])).toBe(40);
});

it('one that is refused harms no neighbour, and its key may be used again', async () => {
  const engagementId = await bench.engagement({ assessed: false });
  const contract = { ground: 'contract' };
  const answers = await together(engagementId, [
    { raw: raw(1), stated: contract },
    { raw: raw(2), key: 'unassessed' }, // legitimate interest without an assessment (B3)
    { raw: { name: 'Person 3' }, stated: contract },
    { raw: { name: 'Person 4', phone: '070-174 06 07', email: 'a@bolaget.example' }, stated: contract },
    // The name and phone of the one before with another address: nobody can know.
    {
      raw: { name: 'Person 4', phone: '070-174 06 07', email: 'b@bolaget.example' },
      stated: contract,
      key: 'doubtful',
    },
    { raw: raw(5), stated: contract },
  ]);
  expect(answers.map((a) => ('code' in a ? a.code : a.outcome))).toEqual([
    'accepted',
    'assessment-missing',
    'contact-missing',
    'accepted',
    'ambiguous',
    'accepted',
  ]);
  expect(await bench.count('idempotency', `key in ('unassessed', 'doubtful')`)).toBe(0);
  expect(await bench.count('provenance', 'engagement_id = $1', [engagementId])).toBe(1); // the three say the same, at once
  const again = await together(engagementId, [{ raw: raw(6), stated: contract, key: 'doubtful', body: 'corrected' }]);
  expect(again).toEqual([expect.objectContaining({ outcome: 'accepted' })]);
});

it('one person twice in a batch has one winner; the other joins it and brings what was missing', async () => {
  const engagementId = await bench.engagement();
  const answers = await together(engagementId, [
    { raw: raw(1) },
    { raw: { ...raw(1), company: 'Bolaget AB' } },
    { raw: raw(2) },
  ]);
  expect(answers.map((a) => ('outcome' in a ? a.outcome : a.code))).toEqual(['accepted', 'merged', 'accepted']);
  expect((answers[0] as { id: string }).id).toBe((answers[1] as { id: string }).id);
  expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(2);
});

it('one key twice in a batch is one request; with another body the second is refused', async () => {
  const engagementId = await bench.engagement();
  const answers = await together(engagementId, [
    { raw: raw(1), key: 'k1', body: 'x' },
    { raw: raw(1), key: 'k1', body: 'x' },
    { raw: raw(2), key: 'k1', body: 'y' },
    { raw: raw(3), key: 'k2', body: 'x' },
  ]);
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ outcome: 'accepted' });
  expect(answers[2]).toEqual({ code: 'idempotency-key-reused' });
  expect(answers[3]).toMatchObject({ outcome: 'accepted' });
  expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(2);
});

it('one that the database refuses fails alone: the others are stored without it', async () => {
  const engagementId = await bench.engagement();
  await bench.sql(`create function lead_intake.no_fair() returns trigger language plpgsql as
    $$ begin if new.source = 'Kapsejst' then raise exception 'no'; end if; return new; end $$`);
  await bench.sql(
    'create trigger no_fair before insert on lead_intake.provenance for each row execute function lead_intake.no_fair()',
  );
  try {
    const answers = await together(engagementId, [
      { raw: raw(1) },
      { raw: raw(2), stated: { source: 'Kapsejst' } },
      { raw: raw(3) },
    ]);
    expect(answers.map((a) => ('outcome' in a ? a.outcome : 'failed'))).toEqual(['accepted', 'failed', 'accepted']);
  } finally {
    await bench.sql('drop function lead_intake.no_fair() cascade');
  }
  expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(2);
  expect(await bench.count('provenance', 'engagement_id = $1', [engagementId])).toBe(2);
});

it('of two processes with one person one wins: the unique constraint decides, and the other joins', async () => {
  const engagementId = await bench.engagement();
  const { app } = bench;
  // What another process would have: batches of its own.
  const other = new Intake(app.get(Db), app.get(Clock), app.get(TakeIn), app.get(AuditTrail));
  const caller = bench.caller('supervisor', engagementId);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      [bench.get(Intake), other].map((intake) => intake.register(caller, engagementId, bench.claim(), raw(n), STATED)),
    ).flat(),
  );
  for (let n = 0; n < 30; n++) {
    const [a, b] = [answers[2 * n]!, answers[2 * n + 1]!];
    expect(a.id).toBe(b.id);
    expect([a.outcome, b.outcome].sort()).toEqual(['accepted', 'merged']);
  }
  expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(30);
});
