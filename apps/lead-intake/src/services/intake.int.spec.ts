import { scopeOf } from '@avtala/database';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import type { RawLead } from '../domain/intake.js';
import { Calling } from './calling.service.js';
import { Outcomes } from './outcomes.service.js';
import { Intake } from './intake.service.js';
import { Leads } from './leads.service.js';
import { Noes } from './no.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

const ASA: RawLead = { name: 'Åsa Ek', email: 'asa.ek@bolaget.example', phone: '070-174 06 07' };

async function register(engagementId: string, raw: RawLead, stated: object = {}, key?: string) {
  const caller = bench.caller('supervisor', engagementId);
  return bench.get(Intake).register(caller, engagementId, bench.claim(key), raw, { ...STATED, ...stated });
}
const read = (engagementId: string, id: string) => bench.get(Leads).read(bench.caller('dpo', engagementId), id);

describe('single leads', () => {
  it('are stored sealed, told without a person, and audited', async () => {
    const engagementId = await bench.engagement();
    const { id, outcome } = await register(engagementId, ASA);
    expect(outcome).toBe('accepted');
    expect(await bench.events('lead.registered.v1')).toContainEqual({
      leadId: id,
      leadVersion: 1,
      engagementId,
      timeZone: 'Europe/Stockholm',
      ground: 'legitimate-interest',
      obtainedAt: '2027-03-01T09:00:00Z',
    });
    const [audit] = await bench.sql<{ canonical: Buffer }>(
      'select canonical from lead_intake.audit_entry where subject_ref = $1',
      [id],
    );
    expect(audit!.canonical.toString()).toContain('lead.accepted');
    expect(audit!.canonical.toString()).not.toMatch(/Åsa|bolaget/);
    expect(await read(engagementId, id)).toMatchObject({
      name: 'Åsa Ek',
      phone: '+46701740607',
      state: 'open',
      notice: { source: 'Branschregistret', controller: 'Bolaget AB' },
    });
  });

  it('with a number abroad are told with the zone of that number', async () => {
    const engagementId = await bench.engagement();
    const { id } = await register(engagementId, { ...ASA, phone: '+44 20 7946 0123' });
    expect(await bench.events('lead.registered.v1')).toContainEqual(
      expect.objectContaining({ leadId: id, timeZone: 'Europe/London' }),
    );
    await bench.get(Leads).correct(bench.caller('supervisor', engagementId), id, { phone: '070-174 06 07' });
    expect(await bench.events('lead.changed.v1')).toContainEqual(
      expect.objectContaining({ leadId: id, fields: ['phone'], timeZone: 'Europe/Stockholm' }),
    );
  });

  it('that gain a number are told with its zone', async () => {
    const engagementId = await bench.engagement();
    const { phone: _, ...known } = ASA;
    const { id } = await register(engagementId, known);
    await register(engagementId, { ...known, phone: '+44 20 7946 0123' });
    expect(await bench.events('lead.changed.v1')).toContainEqual(
      expect.objectContaining({ leadId: id, fields: ['phone'], timeZone: 'Europe/London' }),
    );
  });

  it('that are there already are joined, and gain what was empty', async () => {
    const engagementId = await bench.engagement();
    const first = await register(engagementId, ASA);
    const again = await register(engagementId, { ...ASA, email: 'ASA.EK+tagg@bolaget.example', title: 'VD' });
    expect(again).toEqual({ id: first.id, outcome: 'merged' });
    expect(await read(engagementId, first.id)).toMatchObject({ title: 'VD', email: ASA.email, version: 2 });
    expect(await bench.events('lead.changed.v1')).toContainEqual({
      engagementId,
      leadId: first.id,
      leadVersion: 2,
      fields: ['title'],
    });
    await expect(register(engagementId, { ...ASA, email: 'annan@bolaget.example' })).rejects.toMatchObject({
      code: 'ambiguous',
      kind: 'conflict',
    });
    const colleague = await register(engagementId, { ...ASA, name: 'Bo Lind', email: 'bo@bolaget.example' });
    expect(colleague.outcome).toBe('accepted'); // many leads may share a phone
  });

  it('sent by twenty at once become one', async () => {
    const engagementId = await bench.engagement();
    const all = await Promise.all(Array.from({ length: 20 }, () => register(engagementId, ASA)));
    expect(new Set(all.map((r) => r.id)).size).toBe(1);
    expect(all.filter((r) => r.outcome === 'accepted')).toHaveLength(1);
    expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(1);
  });

  it('repeated under one Idempotency-Key are answered the same', async () => {
    const engagementId = await bench.engagement();
    const key = randomUUID();
    const first = await register(engagementId, ASA, {}, key);
    expect(await register(engagementId, ASA, {}, key)).toEqual(first);
  });

  test.each([
    ['an identity number', { ...ASA, title: '900101-9802' }, {}, 'identity-number'],
    ['a minor', { ...ASA, age: '15' }, {}, 'minor'],
    ['consent without proof (B4)', ASA, { ground: 'consent' }, 'consent-unproven'],
    ['a source that names a person', ASA, { source: 'asa@bolaget.example' }, 'text-invalid'],
  ])('are refused for %s, and nothing is written', async (_, raw, stated, code) => {
    const engagementId = await bench.engagement();
    await expect(register(engagementId, raw, stated)).rejects.toMatchObject({ code });
    expect(await bench.count('lead_home', 'engagement_id = $1', [engagementId])).toBe(0);
    expect(await bench.count('provenance', 'engagement_id = $1', [engagementId])).toBe(0);
  });

  it('need an assessment on the ground of legitimate interest (B3)', async () => {
    const engagementId = await bench.engagement({ assessed: false });
    await expect(register(engagementId, ASA)).rejects.toMatchObject({ code: 'assessment-missing' });
    await expect(register(engagementId, ASA, { ground: 'contract' })).resolves.toMatchObject({ outcome: 'accepted' });
  });

  it('are not taken in before an engagement has started, nor after it ended', async () => {
    const unknown = randomUUID();
    await expect(register(unknown, ASA)).rejects.toMatchObject({ code: 'engagement-not-open' });
    const engagementId = await bench.engagement();
    await bench.sql('update lead_intake.engagement set ended_at = $2 where id = $1', [
      engagementId,
      bench.clock.nowDate(),
    ]);
    await expect(register(engagementId, ASA)).rejects.toMatchObject({ code: 'engagement-ended' });
  });
});

describe('B5: who said no is not taken in, by any spelling', () => {
  const said = async (who: { email?: string; phone?: string }) =>
    bench.get(Noes).add(bench.caller('dpo'), bench.claim(), who);

  test.each([
    ['Nej.Tack@Bolaget.EXAMPLE', undefined],
    ['nej.tack+annat@bolaget.example', undefined],
    [' nej.tack@bolaget.example. ', undefined],
    ['ｎej.tack@bolaget.example', undefined],
    [undefined, '08-465 004 77'],
    [undefined, '+46 (0)8 465 00 477'],
    [undefined, '004684650 0477'],
    ['annan@bolaget.example', '084650 0477'],
  ])('%s %s', async (email, phone) => {
    const engagementId = await bench.engagement();
    await said({ email: 'nej.tack+ursprung@bolaget.example', phone: '+4684650 0477' });
    const raw = { name: 'Någon Annan', ...(email ? { email } : {}), ...(phone ? { phone } : {}) };
    await expect(register(engagementId, raw)).rejects.toMatchObject({ code: 'suppressed' });
  });

  it('Gmail’s dots are one mailbox', async () => {
    const engagementId = await bench.engagement();
    await said({ email: 'nej.tack.nu@gmail.com' });
    await expect(register(engagementId, { name: 'Nej', email: 'nejtack.nu@googlemail.com' })).rejects.toMatchObject({
      code: 'suppressed',
    });
  });

  it('is carried to every engagement that runs: the lead there is objected', async () => {
    const [here, there] = [await bench.engagement(), await bench.engagement()];
    const raw = { name: 'Cia Nej', email: 'cia.nej@bolaget.example' };
    const [a, b] = [await register(here, raw), await register(there, raw)];
    await bench
      .get(Outcomes)
      .record(bench.caller('booker', here), a.id, bench.claim(), { outcome: 'objected', informed: true });
    await bench.runDue();
    const objected = await bench.events('lead.objected.v1');
    expect(objected.filter((e) => e.leadId === a.id)).toHaveLength(1);
    expect(objected.filter((e) => e.leadId === b.id)).toHaveLength(1);
    expect(await read(there, b.id)).toMatchObject({ state: 'objected', version: 2 });
    await expect(register(await bench.engagement(), raw)).rejects.toMatchObject({ code: 'suppressed' });
  });

  it('one person’s no does not silence the colleagues at the same number', async () => {
    const engagementId = await bench.engagement();
    const phone = '031-390 06 55';
    const dag = await register(engagementId, { name: 'Dag Växel', email: 'dag@bolaget.example', phone });
    await register(engagementId, { name: 'Eva Växel', email: 'eva@bolaget.example', phone });
    await bench
      .get(Outcomes)
      .record(bench.caller('booker', engagementId), dag.id, bench.claim(), { outcome: 'objected', informed: false });
    const other = await bench.engagement();
    await expect(register(other, { name: 'Eva Växel', phone })).resolves.toMatchObject({ outcome: 'accepted' });
    await expect(register(other, { name: 'VÄXEL, Dag', phone })).rejects.toMatchObject({ code: 'suppressed' });
  });
});

describe('corrections (F2) and restrictions (F4)', () => {
  it('obey the same rules, and tell names of fields', async () => {
    const engagementId = await bench.engagement();
    const { id } = await register(engagementId, ASA);
    const other = await register(engagementId, { name: 'Bo Lind', email: 'bo@bolaget.example' });
    const correct = (patch: object, target = id) =>
      bench.get(Leads).correct(bench.caller('supervisor', engagementId), target, patch);
    expect(await correct({ title: 'VD', phone: null, version: 1 })).toEqual({ id, version: 2 });
    expect(await read(engagementId, id)).toMatchObject({ title: 'VD', version: 2 });
    expect(await read(engagementId, id)).not.toHaveProperty('phone');
    await expect(correct({ version: 1, title: 'x' })).rejects.toMatchObject({ code: 'version-conflict' });
    await expect(correct({ title: '900101-9802' })).rejects.toMatchObject({ code: 'identity-number' });
    await expect(correct({ email: 'ASA.EK+x@bolaget.example' }, other.id)).rejects.toMatchObject({ code: 'ambiguous' });
    await correct({ restricted: true });
    await expect(bench.get(Leads).read(bench.caller('booker', engagementId), id)).rejects.toMatchObject({
      code: 'restricted',
    });
    const other2 = { ...ASA, social: 'https://social.example/asa' };
    await register(engagementId, other2);
    expect((await bench.get(Leads).read(bench.caller('dpo', engagementId), id)).version).toBe(3); // F4: what a file brings is not written
    await correct({ restricted: false });
    const types = (
      await bench.sql<{ type: string }>('select type from lead_intake.outbox where lead_id = $1 order by id', [id])
    ).map((r) => r.type);
    expect(types).toEqual(['lead.changed.v1', 'lead.restricted.v1', 'lead.released.v1']);
  });

  it('F2: whoever objected is written correctly all the same', async () => {
    const engagementId = await bench.engagement();
    const { id } = await register(engagementId, { name: 'Cia Fel', email: 'cia@bolaget.example' });
    await bench.get(Outcomes).record(bench.caller('booker', engagementId), id, bench.claim(), {
      outcome: 'objected',
      informed: true,
    });
    await bench.get(Leads).correct(bench.caller('dpo', engagementId), id, { name: 'Cia Rätt' });
    expect(await bench.get(Leads).read(bench.caller('dpo', engagementId), id)).toMatchObject({
      ...{ name: 'Cia Rätt', state: 'objected' },
    });
  });
});

describe('isolation', () => {
  it('another engagement’s lead is not there, whatever is asked', async () => {
    const [mine, other] = [await bench.engagement(), await bench.engagement()];
    const { id } = await register(mine, ASA);
    const stranger = bench.caller('booker', other);
    await expect(bench.get(Leads).read(stranger, id)).rejects.toMatchObject({ kind: 'missing' });
    await expect(bench.get(Leads).correct(stranger, id, { title: 'x' })).rejects.toMatchObject({ kind: 'missing' });
    await expect(
      bench.get(Outcomes).record(stranger, id, bench.claim(), { outcome: 'interested', informed: true }),
    ).rejects.toMatchObject({ kind: 'missing' });
    await expect(bench.get(Calling).next(stranger, bench.claim(), mine)).rejects.toMatchObject({ kind: 'missing' });
  });

  it('scope: in the scope of one engagement no row of another is seen, on the parent or on its partition', async () => {
    const [mine, other] = [await bench.engagement(), await bench.engagement()];
    await register(mine, ASA);
    const db = bench.database.db();
    const seen = (scope: string) =>
      db.withScope(scopeOf(scope), (tx) => tx.query('select id from lead where engagement_id = $1', [mine]));
    expect(await seen(mine)).toHaveLength(1);
    expect(await seen(other)).toHaveLength(0);
    await expect(
      db.withScope(scopeOf(other), (tx) => tx.query(`update lead set engagement_id = $1 where true`, [mine])),
    ).resolves.toBeDefined(); // there is nothing to move
    await expect(
      db.withScope(scopeOf(mine), (tx) => tx.query(`select * from lead_${mine.replaceAll('-', '')}`)),
    ).rejects.toThrow(/permission denied/);
    await expect(db.withScope(scopeOf(mine), (tx) => tx.query('select * from lead_home'))).rejects.toThrow(
      /permission denied/,
    );
  });

  it('lead lock: twenty at once about one lead are told in the order in which they happened', async () => {
    const engagementId = await bench.engagement();
    const { id } = await register(engagementId, ASA);
    const record = () =>
      bench
        .get(Outcomes)
        .record(bench.caller('booker', engagementId), id, bench.claim(), { outcome: 'no-answer', informed: false });
    await Promise.all(Array.from({ length: 20 }, record));
    bench.clock.set('2027-03-01T09:00:10Z'); // the last one can no longer be taken back
    await bench.runDue();
    bench.clock.set('2027-03-01T09:00:00Z');
    const told = (await bench.events('lead.contacted.v1')).filter((e) => e.leadId === id).map((e) => e.leadVersion);
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    expect(await read(engagementId, id)).toMatchObject({ version: 21 });
  });
});
