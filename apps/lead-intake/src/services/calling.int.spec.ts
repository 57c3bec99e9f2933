import { InviteDelivered, MeetingBooked } from '@avtala/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { OnMeeting } from '../inbound/on-meeting.js';
import { Calling } from './calling.service.js';
import { Intake } from './intake.service.js';
import { Leads } from './leads.service.js';
import { Noes } from './no.service.js';
import { Outcomes } from './outcomes.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

let series = 0;
async function leads(engagementId: string, n: number): Promise<string[]> {
  const ids: string[] = [];
  series++;
  for (let i = 0; i < n; i++) {
    const raw = { name: `Lead ${String.fromCharCode(65 + i)}`, email: `lead${i}@bolag${series}.example` };
    const caller = bench.caller('supervisor', engagementId);
    ids.push((await bench.get(Intake).register(caller, engagementId, bench.claim(), raw, STATED)).id);
  }
  return ids;
}
const next = (engagementId: string, key?: string) =>
  bench.get(Calling).next(bench.caller('booker', engagementId), bench.claim(key), engagementId);
const record = (engagementId: string, id: string, result: object) =>
  bench.get(Outcomes).record(bench.caller('booker', engagementId), id, bench.claim(), {
    outcome: 'no-answer',
    informed: false,
    ...result,
  });
const read = (engagementId: string, id: string) => bench.get(Leads).read(bench.caller('dpo', engagementId), id);

describe('calling/next', () => {
  it('gives twenty bookers who ask at once twenty different leads', async () => {
    const engagementId = await bench.engagement();
    const ids = await leads(engagementId, 20);
    const given = await Promise.all(Array.from({ length: 20 }, () => next(engagementId)));
    expect(new Set(given.map((lead) => lead!.id))).toEqual(new Set(ids));
    expect(await next(engagementId)).toBeNull();
  });

  it('says who it is and what to tell the person (B8), and writes down that it was read (G3)', async () => {
    const engagementId = await bench.engagement({ controller: 'Kunden AB' });
    const [id] = await leads(engagementId, 1);
    const lead = await next(engagementId);
    expect(lead).toMatchObject({ id, engagementId, version: 1, name: 'Lead A', email: `lead0@bolag${series}.example` });
    expect(lead!.notice.text).toMatch(/Branschregistret.*Kunden AB.*berättigat intresse.*säga nej/);
    const audit = await bench.sql<{ canonical: Buffer }>(
      'select canonical from lead_intake.audit_entry where subject_ref = $1',
      [id],
    );
    expect(audit.map((a) => JSON.parse(a.canonical.toString()).action)).toContain('lead.handed-out');
  });

  it('answers a repeated request with the same lead', async () => {
    const engagementId = await bench.engagement();
    await leads(engagementId, 3);
    const booker = bench.caller('booker', engagementId);
    const repeat = (key: string) => bench.get(Calling).next(booker, bench.claim(key), engagementId);
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const { id } = (await repeat(a))!;
    expect((await repeat(a))!.id).toBe(id);
    const reads = await bench.sql<{ canonical: Buffer }>(
      'select canonical from lead_intake.audit_entry where subject_ref = $1',
      [id],
    );
    expect(reads.filter((r) => JSON.parse(r.canonical.toString()).action === 'lead.handed-out')).toHaveLength(2);

    // Not when somebody else has the lead by now, nor when it is to be forgotten.
    const other = (await repeat(b))!.id;
    await bench.sql(`update lead_intake.lead set claimed_by = $2 where id = $1`, [other, randomUUID()]);
    expect(await repeat(b)).toBeNull();
    const third = (await repeat(c))!.id;
    await bench.sql(
      `insert into lead_intake.tombstone (kind, id, engagement_id, order_id) values ('lead', $1, $2, $3)`,
      [third, engagementId, randomUUID()],
    );
    expect(await repeat(c)).toBeNull();
  });

  it('gives a lead again when its booker said nothing for half an hour', async () => {
    const engagementId = await bench.engagement();
    const [id] = await leads(engagementId, 1);
    await next(engagementId);
    expect(await next(engagementId)).toBeNull();
    await bench.sql(`update lead_intake.lead set claimed_until = now() - interval '1 second' where id = $1`, [id]);
    expect((await next(engagementId))!.id).toBe(id);
  });

  it('skips who said no elsewhere, who is restricted, who is to be called later, and engagements that ended', async () => {
    const engagementId = await bench.engagement();
    const [no, restricted, later, free] = await leads(engagementId, 4);
    await bench.get(Noes).add(bench.caller('dpo'), bench.claim(), { email: `LEAD0+x@bolag${series}.example` });
    await bench.get(Leads).correct(bench.caller('dpo', engagementId), restricted!, { restricted: true });
    await record(engagementId, later!, { outcome: 'callback', callbackAt: '2027-03-01T15:00:00Z' });
    expect((await next(engagementId))!.id).toBe(free);
    expect(await next(engagementId)).toBeNull();
    expect(await read(engagementId, no!)).toMatchObject({ state: 'objected' });
    bench.clock.set('2027-03-01T15:00:00Z');
    expect((await next(engagementId))!.id).toBe(later);
    await record(engagementId, later!, {});
    bench.clock.set('2027-03-02T15:00:00Z');
    await bench.sql('update lead_intake.engagement set ended_at = $2 where id = $1', [
      engagementId,
      bench.clock.nowDate(),
    ]);
    expect(await next(engagementId)).toBeNull();
    bench.clock.set('2027-03-01T09:00:00Z');
  });
});

describe('what came of a call', () => {
  it('is kept with its note under the lead’s key, and told', async () => {
    const engagementId = await bench.engagement();
    const [id] = await leads(engagementId, 1);
    await next(engagementId);
    await record(engagementId, id!, { outcome: 'interested', informed: true, note: 'Vill höra mer i mars' });
    expect(await read(engagementId, id!)).toMatchObject({
      state: 'interested',
      informedAt: '2027-03-01T09:00:00.000Z',
      activities: [{ outcome: 'interested', note: 'Vill höra mer i mars' }],
    });
    bench.clock.set('2027-03-01T09:00:10Z'); // the outcome can no longer be taken back
    await bench.runDue();
    bench.clock.set('2027-03-01T09:00:00Z');
    const [event] = (await bench.events('lead.contacted.v1')).filter((e) => e.leadId === id);
    expect(event).toMatchObject({ leadVersion: 2, outcome: 'interested', informed: true });
    expect(await bench.count('activity', `sealed::text like '%6d617273%'`)).toBe(0); // "mars" in hex
    await expect(record(engagementId, id!, { note: 'pnr 900101-9802' })).rejects.toMatchObject({
      code: 'identity-number',
    });
    await expect(record(engagementId, id!, { outcome: 'callback' })).rejects.toMatchObject({
      code: 'callback-missing',
    });
  });

  it('a no is final: LeadContacted, then LeadObjected, and nothing after', async () => {
    const engagementId = await bench.engagement();
    const [id] = await leads(engagementId, 1);
    await record(engagementId, id!, { outcome: 'objected', informed: true });
    const told = await bench.sql<{ type: string; payload: { leadVersion: number } }>(
      'select type, payload from lead_intake.outbox where lead_id = $1 order by id',
      [id],
    );
    expect(told.map((e) => [e.type, e.payload.leadVersion])).toEqual([
      ['lead.contacted.v1', 2],
      ['lead.objected.v1', 3],
    ]);
    await expect(record(engagementId, id!, { outcome: 'interested' })).rejects.toMatchObject({
      code: 'already-objected',
    });
  });

  it('a delivered invite informs, once; a booked meeting takes the lead off the list; both may come twice', async () => {
    const engagementId = await bench.engagement();
    const [id] = await leads(engagementId, 1);
    const about = { bookingId: randomUUID(), leadId: id!, engagementId, sequence: 0 };
    const booked = MeetingBooked.of({
      ...about,
      hostId: randomUUID(),
      meetingTypeId: randomUUID(),
      startsAt: '2027-03-10T09:00:00Z',
      endsAt: '2027-03-10T09:30:00Z',
      timeZone: 'Europe/Stockholm',
      decidedAt: '2027-03-01T09:00:00Z',
    });
    for (const deliveredAt of ['2027-03-01T10:00:00Z', '2027-03-02T10:00:00Z']) {
      await bench.deliver(OnMeeting, 'informed', InviteDelivered.of({ ...about, deliveredAt }));
      await bench.deliver(OnMeeting, 'booked', booked);
    }
    expect(await read(engagementId, id!)).toMatchObject({ state: 'booked', informedAt: '2027-03-01T10:00:00.000Z' });
    expect(await next(engagementId)).toBeNull();
  });
});
