import {
  EngagementErasureOrdered,
  ErasureCleared,
  ErasureReceipt,
  LeadErasureOrdered,
  LeadSaidNo,
  type ErasureReason,
} from '@avtala/contracts';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Bench, pieces, STATED } from '../../test/bench.js';
import { OnErasure } from '../inbound/on-erasure.js';
import { Timers } from '../inbound/timers.js';
import { Calling } from './calling.service.js';
import { Outcomes } from './outcomes.service.js';
import { Contacts } from './contacts.service.js';
import { ImportRuns } from './import-run.service.js';
import { ImportUploads } from './import-upload.service.js';
import { Intake } from './intake.service.js';
import { Leads } from './leads.service.js';
import { Noes } from './no.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

let n = 0;
const person = () => ({ name: `Person ${++n}`, email: `person${n}@bolaget.example` });
async function lead(engagementId: string, raw: ReturnType<typeof person> & { phone?: string } = person()) {
  const { id } = await bench
    .get(Intake)
    .register(bench.caller('supervisor', engagementId), engagementId, bench.claim(), raw, STATED);
  await bench.get(Outcomes).record(bench.caller('booker', engagementId), id, bench.claim(), {
    outcome: 'interested',
    informed: true,
    note: 'x',
  });
  return { id, raw };
}

async function importRows(engagementId: string, rows: number, confirm = true): Promise<void> {
  const text = ['Namn;E-post', ...Array.from({ length: rows }, (_, i) => `Rad ${i};rad${i}@bolaget.example`)].join(
    '\n',
  );
  const caller = bench.caller('supervisor', engagementId);
  const { id, mapping } = await bench
    .get(ImportUploads)
    .receive(caller, engagementId, bench.claim(), pieces(text), undefined);
  if (confirm) await bench.get(ImportRuns).confirm(caller, id, bench.claim(), mapping, STATED);
}

async function order(engagementId: string, leadId?: string, reason: ErasureReason = 'request') {
  const orderId = randomUUID();
  const at = { orderedAt: bench.clock.now().toString() };
  if (leadId)
    await bench.deliver(OnErasure, 'lead', LeadErasureOrdered.of({ orderId, leadId, engagementId, reason, ...at }));
  else await bench.deliver(OnErasure, 'engagement', EngagementErasureOrdered.of({ orderId, engagementId, ...at }));
  return { orderId, engagementId, ...(leadId ? { leadId } : {}) };
}
async function clear(o: { orderId: string; engagementId: string; leadId?: string }) {
  await bench.deliver(OnErasure, 'cleared', ErasureCleared.of(o));
}
/** `seen`: what relay and consumers have carried away by then. */
async function receipts(orderId: string) {
  const events = (await bench.events('erasure.receipt.v1')) as unknown as ErasureReceipt[];
  return events.filter((e) => e.orderId === orderId).map((e) => [e.phase, e.action, e.counts]);
}
const hearOthers = () => bench.sql(`delete from lead_intake.outbox where type <> 'erasure.receipt.v1'`);

/** Rows anywhere that name one of these ids, but for what may stay: tombstones, receipts, audit. */
async function rowsNaming(...ids: string[]): Promise<string[]> {
  const tables = await bench.sql<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'lead_intake' and c.relkind = 'r' and c.relname not in ('tombstone', 'audit_entry')`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await bench.sql(`select 1 from lead_intake."${name}" t where t::text ~ $1`, [ids.join('|')]);
    const partition = ids.some((id) => name.includes(id.replaceAll('-', '')));
    if (rows.length || partition) found.push(name);
  }
  return found.filter((name) => name !== 'outbox');
}

describe('one person', () => {
  it('is blocked at the order, and gone when it is cleared: 0 rows, 0 keys', async () => {
    const engagementId = await bench.engagement();
    const { id } = await lead(engagementId);
    const kept = await lead(engagementId);
    const o = await order(engagementId, id);
    await expect(bench.get(Leads).read(bench.caller('dpo', engagementId), id)).rejects.toMatchObject({
      kind: 'missing',
    });
    expect((await bench.get(Contacts).read(bench.service('erasure'), [id], 'erasure'))[0]!.status).toBe('ok');
    await bench.runDue();
    expect(await receipts(o.orderId)).toEqual([
      ['stopped', 'blocked', { leads: 1 }],
      ['asked', 'settled', { leads: 1 }],
    ]);
    await hearOthers();
    await clear(o);
    await bench.runDue();
    expect((await receipts(o.orderId)).at(-1)).toEqual(['verified', 'read-back', { leads: 1, keys: 1, left: 0 }]);
    expect(await rowsNaming(id)).toEqual([]);
    expect(await bench.vault.remaining('lead', [id])).toBe(0);
    expect(
      (await bench.get(Contacts).read(bench.service('erasure'), [id, kept.id], 'erasure')).map((a) => a.status),
    ).toEqual(['erased', 'ok']);
  });

  test.each<[ErasureReason, boolean, boolean]>([
    ['request', true, true],
    ['objection', true, true],
    ['reply', true, false],
    ['not-informed', false, false],
  ])('erased for %s: suppressed at this client %s, at others %s', async (reason, here, elsewhere) => {
    const clientId = randomUUID();
    const engagementId = await bench.engagement({ clientId });
    const { id, raw } = await lead(engagementId);
    const o = await order(engagementId, id, reason);
    await bench.runDue();
    await hearOthers();
    await clear(o);
    await bench.runDue();
    const comesBack = async (to: string) =>
      bench
        .get(Intake)
        .register(bench.caller('admin', to), to, bench.claim(), raw, STATED)
        .then(
          () => false,
          (error: { code: string }) => error.code === 'suppressed',
        );
    expect(await comesBack(await bench.engagement({ clientId }))).toBe(here);
    expect(await comesBack(await bench.engagement())).toBe(elsewhere);
  });

  test.each<['client' | undefined, ErasureReason, boolean]>([
    ['client', 'objection', false],
    ['client', 'request', true],
    [undefined, 'objection', true],
  ])(
    'objected with scope %s, then erased for %s: suppressed at other clients %s (B5)',
    async (scope, reason, elsewhere) => {
      const clientId = randomUUID();
      const [engagementId, other] = [await bench.engagement({ clientId }), await bench.engagement()];
      const { id, raw } = await lead(engagementId);
      const theirs = await lead(other, raw);
      const no = { outcome: 'objected' as const, informed: true, ...(scope ? { scope } : {}) };
      await bench.get(Outcomes).record(bench.caller('booker', engagementId), id, bench.claim(), no);
      const o = await order(engagementId, id, reason);
      await bench.runDue();
      await hearOthers();
      await clear(o);
      await bench.runDue();
      const comesBack = (to: string) =>
        bench.get(Intake).register(bench.caller('admin', to), to, bench.claim(), raw, STATED);
      await expect(comesBack(await bench.engagement({ clientId }))).rejects.toMatchObject({ code: 'suppressed' });
      const there = await bench.get(Leads).read(bench.caller('dpo', other), theirs.id);
      expect(there.state === 'objected').toBe(elsewhere);
    },
  );

  it('found by a no said elsewhere, then erased: their other addresses are kept too, towards everybody', async () => {
    const [said, found] = [await bench.engagement(), await bench.engagement()];
    const phone = '+46701740688';
    const { id, raw } = await lead(found, { ...person(), phone });
    await bench.get(Noes).add(bench.caller('dpo', said), bench.claim(), { email: raw.email });
    await bench.runDue();
    const o = await order(found, id, 'objection');
    await bench.runDue();
    await hearOthers();
    await clear(o);
    await bench.runDue();
    const other = await bench.engagement();
    const byPhone = { name: raw.name, phone };
    await expect(
      bench.get(Intake).register(bench.caller('admin', other), other, bench.claim(), byPhone, STATED),
    ).rejects.toMatchObject({ code: 'suppressed' });
  });

  it('what they asked for is kept though a day passed before we could stop, and though we die in between (B5)', async () => {
    const engagementId = await bench.engagement();
    const { id, raw } = await lead(engagementId);
    const o = await order(engagementId, id, 'objection');
    await hearOthers();
    await clear(o);
    const killed = (await bench.claimDue('erasure-destroy'))!;
    const gone = bench.database.db();
    const asCount = gone.asCount;
    gone.asCount = () => Promise.reject(new Error('killed'));
    await expect(bench.get(Timers).destroy([killed])).rejects.toThrow('killed');
    gone.asCount = asCount;
    await bench.expireLeases();
    await bench.runDue();
    expect(await receipts(o.orderId)).toContainEqual(['verified', 'read-back', { leads: 1, keys: 1, left: 0 }]);
    await expect(
      bench.get(Intake).register(bench.caller('admin', engagementId), engagementId, bench.claim(), raw, STATED),
    ).rejects.toMatchObject({ code: 'suppressed' });
  });

  it('who says no while the engagement is being erased is suppressed all the same (B5)', async () => {
    const engagementId = await bench.engagement();
    const { id, raw } = await lead(engagementId);
    const o = await order(engagementId);
    await bench.runDue();
    const said = LeadSaidNo.of({ orderId: o.orderId, leadId: id, engagementId, reason: 'request' });
    await bench.deliver(OnErasure, 'saidNo', said);
    await bench.deliver(OnErasure, 'saidNo', said);
    await bench.runDue();
    await hearOthers();
    await clear(o);
    await bench.runDue();
    expect(await rowsNaming(id, engagementId)).toEqual([]);
    const other = await bench.engagement();
    await expect(
      bench.get(Intake).register(bench.caller('admin', other), other, bench.claim(), raw, STATED),
    ).rejects.toMatchObject({ code: 'suppressed' });
  });

  it('who says no in a call when the erasure is ordered already is suppressed all the same (B5)', async () => {
    const engagementId = await bench.engagement();
    const { id, raw } = await lead(engagementId);
    const o = await order(engagementId, id, 'not-informed');
    const claim = bench.claim();
    const booker = bench.caller('booker', engagementId);
    const record = (outcome: 'objected' | 'interested') =>
      bench
        .get(Outcomes)
        .record(booker, id, outcome === 'objected' ? claim : bench.claim(), { outcome, informed: true });
    await expect(record('interested')).rejects.toMatchObject({ kind: 'missing' });
    const heard = await record('objected');
    expect(await record('objected')).toEqual(heard);
    await bench.runDue();
    await hearOthers();
    await clear(o);
    await bench.runDue();
    expect(await rowsNaming(id)).toEqual([]);
    const other = await bench.engagement();
    await expect(
      bench.get(Intake).register(bench.caller('admin', other), other, bench.claim(), raw, STATED),
    ).rejects.toMatchObject({ code: 'suppressed' });
  });

  test.each(['a person', 'an engagement'])(
    'a no that waits when %s is destroyed is kept before the keys go (B5)',
    async (of) => {
      const engagementId = await bench.engagement();
      const { id, raw } = await lead(engagementId);
      const o = await order(engagementId, of === 'a person' ? id : undefined, 'not-informed');
      await bench.runDue();
      await hearOthers();
      await bench.deliver(OnErasure, 'saidNo', LeadSaidNo.of({ ...o, leadId: id, reason: 'request' }));
      await clear(o);
      await bench.get(Timers).destroy([(await bench.claimDue('erasure-destroy'))!]);
      expect(await bench.vault.remaining('lead', [id])).toBe(0);
      await bench.runDue();
      const other = await bench.engagement();
      await expect(
        bench.get(Intake).register(bench.caller('admin', other), other, bench.claim(), raw, STATED),
      ).rejects.toMatchObject({ code: 'suppressed' });
    },
  );

  it.each([true, false])(
    'is not cleared before the order itself is here, which says what they asked for; of a person: %s',
    async (own) => {
      const engagementId = await bench.engagement();
      const { id } = await lead(engagementId);
      if (own) await order(engagementId); // the engagement's order is another one
      const early = { orderId: randomUUID(), engagementId, ...(own ? { leadId: id } : {}) };
      await expect(clear(early)).rejects.toMatchObject({ name: 'NotYet', code: 'not-yet:erasure-order' });
      const o = await order(engagementId, own ? id : undefined);
      await bench.runDue();
      await hearOthers();
      await clear(o);
      await bench.runDue();
      expect((await receipts(o.orderId)).at(-1)).toEqual(['verified', 'read-back', { leads: 1, keys: 1, left: 0 }]);
    },
  );

  it('is not joined by a second record, which would be lost with them: refused until they are gone, then taken in', async () => {
    const engagementId = await bench.engagement();
    const { id, raw } = await lead(engagementId);
    const o = await order(engagementId, id, 'not-informed');
    await bench.runDue();
    const again = () =>
      bench.get(Intake).register(bench.caller('admin', engagementId), engagementId, bench.claim(), raw, STATED);
    await expect(again()).rejects.toMatchObject({ code: 'being-erased', kind: 'conflict' });
    await hearOthers();
    await clear(o);
    await bench.runDue();
    const anew = await again();
    expect(anew.outcome).toBe('accepted');
    expect(anew.id).not.toBe(id);
  });

  it('whom nobody knows is counted as nobody', async () => {
    const engagementId = await bench.engagement();
    const o = await order(engagementId, randomUUID());
    await bench.runDue();
    await clear(o);
    await bench.runDue();
    expect((await receipts(o.orderId)).map(([, , counts]) => counts)).toEqual([
      { leads: 0 },
      { leads: 0 },
      { leads: 0, keys: 0, left: 0 },
    ]);
  });

  it('with an order of their own is not counted by the engagement’s again', async () => {
    const engagementId = await bench.engagement();
    const { id } = await lead(engagementId);
    await lead(engagementId);
    const [own, all] = [await order(engagementId, id), await order(engagementId)];
    await bench.runDue();
    await hearOthers();
    await clear(all);
    await bench.runDue();
    await clear(own);
    await bench.runDue();
    const counted = async (o: { orderId: string }) =>
      Math.max(...(await receipts(o.orderId)).map(([, , counts]) => (counts as { leads: number }).leads));
    expect([await counted(own), await counted(all)]).toEqual([1, 1]);
  });

  it('a pepper does not change under a no that is on its way', async () => {
    const [engagementId, other] = [await bench.engagement(), await bench.engagement()];
    const { id, raw } = await lead(engagementId);
    await bench.get(Noes).add(bench.caller('dpo', other), bench.claim(), { email: raw.email });
    await bench.sql(
      `insert into lead_intake.due (kind, key, engagement_id, due_at) values ('rotate-pepper', $1::text, $1::uuid, $2)`,
      [engagementId, bench.clock.now().toString()],
    );
    const rotation = (await bench.claimDue('rotate-pepper'))!;
    await expect(bench.get(Timers).rotatePepper([rotation])).rejects.toMatchObject({ code: 'no-under-way' });
    await bench.expireLeases();
    await bench.runDue();
    expect(await bench.get(Leads).read(bench.caller('dpo', engagementId), id)).toMatchObject({ state: 'objected' });
    const [row] = await bench.sql(`select pepper_version from lead_intake.engagement where id = $1`, [engagementId]);
    expect(row).toEqual({ pepper_version: 2 });
  });

  it('leaves the engagement a new pepper within the key epoch, and the same person is still recognised', async () => {
    const engagementId = await bench.engagement();
    const [{ id }, kept] = [await lead(engagementId), await lead(engagementId)];
    const o = await order(engagementId, id);
    await bench.runDue();
    await hearOthers();
    await clear(o);
    await bench.runDue();
    bench.clock.set('2027-03-08T09:00:01Z');
    await bench.runDue();
    bench.clock.set('2027-03-01T09:00:00Z');
    const [engagement] = await bench.sql('select pepper_version from lead_intake.engagement where id = $1', [
      engagementId,
    ]);
    expect(engagement).toEqual({ pepper_version: 2 });
    await expect(bench.vault.pepper(engagementId, 1)).rejects.toThrow();
    const again = await bench
      .get(Intake)
      .register(bench.caller('admin', engagementId), engagementId, bench.claim(), kept.raw, STATED);
    expect(again).toEqual({ id: kept.id, outcome: 'merged' });
  });
});

describe('an engagement', () => {
  it('loses its keys, partitions, uploads and peppers: 0 of everything, and nobody is suppressed', async () => {
    const engagementId = await bench.engagement();
    const { id, raw } = await lead(engagementId);
    await importRows(engagementId, 1200);
    await bench.runDue();
    await importRows(engagementId, 10, false); // an upload that waits
    const o = await order(engagementId);
    await expect(lead(engagementId)).rejects.toMatchObject({ code: 'engagement-ended' });
    expect(await bench.get(Calling).next(bench.caller('booker', engagementId), bench.claim(), engagementId)).toBeNull();
    await bench.runDue();
    expect(await receipts(o.orderId)).toHaveLength(2);
    expect(await readdir(bench.uploads)).toEqual([]);
    await hearOthers();
    await clear(o);
    await bench.runDue();
    expect((await receipts(o.orderId)).at(-1)).toEqual(['verified', 'read-back', { leads: 1201, keys: 1201, left: 0 }]);
    expect(await rowsNaming(engagementId, id)).toEqual([]);
    expect(await bench.vault.remaining('lead', [id])).toBe(0);
    expect(await bench.vault.remainingOfEngagement(engagementId)).toBe(0);
    await expect(lead(await bench.engagement(), raw)).resolves.toBeDefined();
  });

  it('is gone once, however often it is cleared or killed on the way', async () => {
    const engagementId = await bench.engagement();
    await importRows(engagementId, 30);
    await bench.runDue();
    const o = await order(engagementId);
    await bench.runDue();
    await hearOthers();
    await clear(o);
    // Killed after keys, partitions and rows are gone, before the receipt: the outbox refuses once.
    await bench.sql(
      `create function lead_intake.refuse() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$`,
    );
    await bench.sql(
      'create trigger refuse before insert on lead_intake.outbox for each row execute function lead_intake.refuse()',
    );
    await expect(bench.runDue()).rejects.toThrow('killed');
    await bench.sql('drop function lead_intake.refuse() cascade');
    await bench.expireLeases();
    await bench.runDue();
    expect((await receipts(o.orderId)).filter(([phase]) => phase === 'verified')).toEqual([
      ['verified', 'read-back', { leads: 30, keys: 30, left: 0 }],
    ]);
  });

  it('is not called gone while a consumer has not heard everything', async () => {
    const engagementId = await bench.engagement();
    await lead(engagementId);
    const o = await order(engagementId);
    await bench.runDue();
    await clear(o);
    await expect(bench.runDue()).rejects.toMatchObject({ code: 'rows-left' });
    await hearOthers();
    await bench.expireLeases();
    await bench.runDue();
    expect((await receipts(o.orderId)).at(-1)![0]).toBe('verified');
  });

  it('waits with "stopped" for work that is under way', async () => {
    const engagementId = await bench.engagement();
    await importRows(engagementId, 10);
    const working = (await bench.claimDue('import-run'))!;
    const o = await order(engagementId);
    await expect(bench.runDue()).rejects.toMatchObject({ code: 'work-under-way' });
    await bench.get(ImportRuns).run(working);
    await bench.expireLeases();
    await bench.runDue();
    expect(await receipts(o.orderId)).toHaveLength(2);
    expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(0);
  });
});
