import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import type { BulkAct } from '../domain/bulk.js';
import { Bulk } from './bulk.service.js';
import { Intake } from './intake.service.js';
import { LeadExport, type ExportField } from './lead-export.service.js';
import { Leads } from './leads.service.js';
import { Outcomes, type CallResult } from './outcomes.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

const supervisor = (engagementId: string) => bench.caller('supervisor', engagementId);
const register = async (e: string, n: number | string, more: object = {}) =>
  (await bench.get(Intake).register(supervisor(e), e, bench.claim(), { name: `Person ${n}`, email: `p${n}@${e}.example`, ...more } as never, STATED)).id; // prettier-ignore
const record = (e: string, id: string, result: Partial<CallResult>) =>
  bench.get(Outcomes).record(bench.caller('booker', e), id, bench.claim(), { outcome: 'no-answer', informed: false, ...result }); // prettier-ignore
const bury = (e: string, id: string) =>
  bench.sql(`insert into lead_intake.tombstone (kind, id, engagement_id, order_id) values ('lead', $1, $2, $3)`, [id, e, randomUUID()]); // prettier-ignore
const states = async (e: string) =>
  Object.fromEntries((await bench.sql<{ id: string; state: string }>('select id, state from lead_intake.lead where engagement_id = $1', [e])).map((l) => [l.id, l.state])); // prettier-ignore
const audited = async (action: string) =>
  (await bench.sql<{ canonical: Buffer }>('select canonical from lead_intake.audit_entry'))
    .map(
      (a) =>
        JSON.parse(a.canonical.toString()) as {
          action: string;
          subject?: string;
          fields?: string[];
          by: { id: string };
        },
    )
    .filter((a) => a.action === action);

/** open, open, closed, booked, in dispute, being erased, handed out, said no */
async function mixed(e: string): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < 8; n++) ids.push(await register(e, n));
  await bench.sql(`update lead_intake.lead set claimed_by = $2, claimed_until = now() + interval '1 minute' where id = $1`, [ids[0], randomUUID()]); // prettier-ignore
  await record(e, ids[2]!, { outcome: 'not-a-fit' });
  await record(e, ids[3]!, { outcome: 'booked' });
  await bench.get(Leads).correct(bench.caller('dpo', e), ids[4]!, { restricted: true });
  await bury(e, ids[5]!);
  await record(e, ids[7]!, { outcome: 'objected' });
  return ids;
}

describe('an act on many', () => {
  const wish = (engagementId: string, act: BulkAct, more: object) => ({ engagementId, act, reason: 'Listan är gammal', ...more }); // prettier-ignore

  it('says beforehand, and again afterwards, whom it leaves alone and why', async () => {
    const e = await bench.engagement();
    const ids = await mixed(e);
    const elsewhere = await register(await bench.engagement(), 'x');
    const bulk = bench.get(Bulk);
    const close = wish(e, 'close', { ids: [...ids, elsewhere] });
    const untouched = [
      { cause: 'already-closed', count: 1 },
      { cause: 'being-erased', count: 1 },
      { cause: 'booked', count: 1 },
      { cause: 'handed-out', count: 1 },
      { cause: 'not-found', count: 1 },
      { cause: 'restricted', count: 1 },
      { cause: 'suppressed', count: 1 },
    ];
    const before = await states(e);
    const preview = await bulk.preview(supervisor(e), close);
    expect(preview).toEqual({ id: null, act: 'close', state: 'preview', acting: 2, done: 0, untouched });
    expect(await states(e)).toEqual(before);
    const asker = supervisor(e);
    const claim = bench.claim();
    const started = await bulk.start(asker, claim, close);
    expect(started).toMatchObject({ state: 'running', acting: 2, done: 0, untouched });
    expect((await bulk.start(asker, claim, close)).id).toBe(started.id);
    await bench.runDue();
    expect(await bulk.read(asker, started.id!)).toMatchObject({ state: 'done', acting: 2, done: 2 });
    expect(await states(e)).toEqual({ ...before, [ids[1]!]: 'closed', [ids[6]!]: 'closed' });
    const entries = await audited('lead.bulk-close');
    expect(entries.map((a) => [a.subject, a.by.id]).sort()).toEqual([[ids[1], asker.userId], [ids[6], asker.userId]].sort()); // prettier-ignore
    await expect(bulk.read(supervisor(await bench.engagement()), started.id!)).rejects.toMatchObject({ kind: 'missing' }); // prettier-ignore
    await expect(bulk.preview(supervisor(await bench.engagement()), close)).rejects.toMatchObject({ kind: 'missing' });
  });

  it('by filter: suppresses, also who is in dispute; their no is told, and kept for every client', async () => {
    const e = await bench.engagement();
    const ids = await mixed(e);
    const done = await bench.get(Bulk).start(supervisor(e), bench.claim(), wish(e, 'suppress', { filter: {} }));
    expect(done).toMatchObject({ acting: 6, untouched: [{ cause: 'being-erased', count: 1 }, { cause: 'suppressed', count: 1 }] }); // prettier-ignore
    await bench.runDue();
    expect(Object.values(await states(e)).filter((s) => s === 'objected')).toHaveLength(7);
    const told = (await bench.events('lead.objected.v1')).map((x) => x.leadId).filter((id) => ids.includes(id as string)); // prettier-ignore
    expect(told).toHaveLength(7);
    const other = await bench.engagement();
    await expect(
      bench.get(Intake).register(supervisor(other), other, bench.claim(), { name: 'Person 1', email: `p1@${e}.example` }, STATED), // prettier-ignore
    ).rejects.toMatchObject({ code: 'suppressed' });
  });

  it('erases through retention, which orders it; reopens who was closed', async () => {
    const e = await bench.engagement();
    const [gone, back] = [await register(e, 1), await register(e, 2)];
    await record(e, back, { outcome: 'wrong-number' });
    await bench.get(Bulk).start(supervisor(e), bench.claim(), wish(e, 'erase', { ids: [gone] }));
    await bench.get(Bulk).start(supervisor(e), bench.claim(), wish(e, 'reopen', { ids: [back, gone] }));
    await bench.runDue();
    const asked = (await bench.events('lead.erasure-asked.v1')).filter((x) => x.leadId === gone);
    expect(asked).toMatchObject([{ engagementId: e, reason: 'not-needed' }]);
    expect(await states(e)).toEqual({ [gone]: 'open', [back]: 'open' });
  });

  it('survives a kill: what was done is not done again, and the rest is done', async () => {
    const e = await bench.engagement();
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) ids.push(await register(e, n));
    const bulk = bench.get(Bulk);
    const started = await bulk.start(supervisor(e), bench.claim(), wish(e, 'close', { ids }));
    // Two done and committed, then the process dies; meanwhile somebody books the third.
    await bench.sql(`update lead_intake.bulk_item set state = 'done' where bulk_id = $1 and lead_id = any($2)`, [started.id, ids.slice(0, 2)]); // prettier-ignore
    await record(e, ids[2]!, { outcome: 'booked' });
    await bench.claimDue('bulk-act');
    await bench.expireLeases();
    await bench.runDue();
    expect(await states(e)).toEqual({ [ids[0]!]: 'open', [ids[1]!]: 'open', [ids[2]!]: 'booked', [ids[3]!]: 'closed' });
    expect(await bulk.read(supervisor(e), started.id!)).toMatchObject({ state: 'done', done: 3, untouched: [{ cause: 'booked', count: 1 }] }); // prettier-ignore
  });

  it('asks which leads are meant, and for a reason that is about nobody', async () => {
    const e = await bench.engagement();
    const bulk = bench.get(Bulk);
    await expect(bulk.preview(supervisor(e), wish(e, 'close', {}))).rejects.toMatchObject({ code: 'leads-unnamed' });
    await expect(bulk.preview(supervisor(e), wish(e, 'close', { ids: null }))).rejects.toMatchObject({
      code: 'leads-unnamed',
    });
    await expect(bulk.preview(supervisor(e), wish(e, 'close', { ids: [randomUUID()], filter: {} }))).rejects.toMatchObject({ code: 'leads-unnamed' }); // prettier-ignore
    const named = wish(e, 'close', { filter: {}, reason: 'karin@bolaget.example bad om det' });
    await expect(bulk.start(supervisor(e), bench.claim(), named)).rejects.toMatchObject({ code: 'text-invalid' });
  });
});

describe('an export', () => {
  const ask = (e: string, caller: ReturnType<typeof supervisor>, fields: ExportField[], filter: object = {}) =>
    bench.get(LeadExport).ask(caller, bench.claim(), { engagementId: e, filter, fields, reason: 'Kundens begäran' });
  const fetched = async (caller: ReturnType<typeof supervisor>, id: string) => {
    let text = '';
    for await (const piece of await bench.get(LeadExport).file(caller, id)) text += piece;
    return text;
  };

  it('leaves out who said no, is in dispute or is being erased, and says how many', async () => {
    const e = await bench.engagement();
    const ids = await mixed(e);
    const caller = supervisor(e);
    const made = await ask(e, caller, ['name', 'email', 'status']);
    expect(made).toMatchObject({
      count: 5,
      more: false,
      excluded: [
        { status: 'being-erased', count: 1 },
        { status: 'suppressed', count: 1 },
        { status: 'restricted', count: 1 },
      ],
    });
    await bury(e, ids[6]!); // ordered between asking and fetching
    const text = await fetched(caller, made.id);
    const [header, ...lines] = text.trimEnd().split('\r\n');
    expect(header).toBe('\uFEFFname,email,status');
    expect(lines.sort()).toEqual(
      ['handed-out', 'new', 'closed', 'booked'].map((status, n) => `Person ${n},p${n}@${e}.example,${status}`),
    );
    const entries = (await audited('lead.exported')).filter((a) => ids.includes(a.subject!));
    expect(entries.map((a) => a.subject).sort()).toEqual(ids.slice(0, 4).sort());
    expect(entries[0]!.fields).toEqual(['name', 'email', 'status']);
  });

  it('writes nothing that a spreadsheet would run', async () => {
    const e = await bench.engagement();
    await register(e, 1, { company: '=HYPERLINK("http://evil.example","Bolag")', phone: '070-174 06 55' });
    const caller = supervisor(e);
    const text = await fetched(caller, (await ask(e, caller, ['company', 'phone'])).id);
    expect(text.split('\r\n')[1]).toBe(`"'=HYPERLINK(""http://evil.example"",""Bolag"")","'+46701740655"`);
  });

  it('is for who asked for it, for a quarter of an hour, ten times an hour; no file is kept', async () => {
    const e = await bench.engagement();
    await register(e, 'Hemlig');
    const caller = supervisor(e);
    const made = await ask(e, caller, ['name']);
    await expect(fetched(supervisor(e), made.id)).rejects.toMatchObject({ kind: 'missing' });
    await expect(fetched(bench.caller('supervisor', await bench.engagement()), made.id)).rejects.toMatchObject({ kind: 'missing' }); // prettier-ignore
    expect(await bench.count('lead_export', `lead_export::text like '%Hemlig%'`)).toBe(0);
    await bench.sql(`update lead_intake.lead_export set expires_at = now() - interval '1 second' where id = $1`, [made.id]); // prettier-ignore
    await expect(fetched(caller, made.id)).rejects.toMatchObject({ kind: 'missing' });
    for (let n = 0; n < 9; n++) await ask(e, caller, ['id']);
    await expect(ask(e, caller, ['id'])).rejects.toMatchObject({ code: 'too-many-requests' });
    await expect(ask(await bench.engagement(), caller, ['id'])).rejects.toMatchObject({ kind: 'missing' });
  });
});
