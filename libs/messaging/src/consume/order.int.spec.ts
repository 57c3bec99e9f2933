import { noEngagement, scopeOf } from '@avtala/database';
import { LeadChanged, RetryLater } from '@avtala/contracts';
import { expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { onBothTransports, soon } from '../../test/both-transports.js';
import { changed, ENGAGEMENT, newLead, registered } from '../../test/events.js';
import { record } from '../../test/recorder.js';

/** A promise, and how to keep it. */
function gateOf(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((r) => (resolve = r));
  return { promise, resolve };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

onBothTransports('events reach a consumer', (rig) => {
  it('in the order of their lead, each once, each in the scope of its engagement', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const leads = upTo(20).map(newLead);
    for (const n of upTo(10)) await rig().append(intake, 'lead-intake', ...leads.map((lead) => changed(lead, n)));

    await soon(async () => expect(await rig().effects()).toHaveLength(200));
    for (const lead of leads) expect(await rig().done(lead)).toEqual(upTo(10));
    expect(new Set((await rig().effects()).map((e) => e.scope))).toEqual(new Set([`{${ENGAGEMENT}}`]));
    expect(await rig().held()).toEqual([]);
  });

  it('in order when one transaction holds two events of a lead', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const leads = upTo(30).map(newLead);
    for (const lead of leads) await rig().append(intake, 'lead-intake', changed(lead, 1), changed(lead, 2));

    await soon(async () => expect(await rig().effects()).toHaveLength(60));
    for (const lead of leads) expect(await rig().done(lead)).toEqual([1, 2]);
  });

  it('in order when the older of two transactions appends later', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const lead = newLead();
    await rig()
      .db('lead-intake')
      .withScope(scopeOf(ENGAGEMENT), async (older) => {
        await older.query('SELECT pg_current_xact_id()'); // its number is the smaller one
        await rig().append(intake, 'lead-intake', changed(lead, 1));
        await soon(async () => expect(await rig().done(lead)).toEqual([1]));
        await intake.outbox.append(older, changed(lead, 2));
      });

    await soon(async () => expect(await rig().done(lead)).toEqual([1, 2]));
  });

  it('while another transaction of the same database stays open', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const waiting = newLead();
    const lead = newLead();
    await rig()
      .db('lead-intake')
      .withScope(scopeOf(ENGAGEMENT), async (open) => {
        await intake.outbox.append(open, changed(waiting, 1));
        await rig().append(intake, 'lead-intake', changed(lead, 1));
        await soon(async () => expect(await rig().done(lead)).toEqual([1]));
        expect(await rig().done(waiting)).toEqual([]);
      });
    await soon(async () => expect(await rig().done(waiting)).toEqual([1]));
  });

  it('with one effect when they are delivered twice', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const lead = newLead();
    await rig().append(intake, 'lead-intake', changed(lead, 1));
    await soon(async () => expect(await rig().done(lead)).toEqual([1]));

    const [first] = await rig().effects();
    await rig().database.sql(
      `INSERT INTO lead_intake.outbox (event_id, key, type, payload, engagement_id, lead_id, at) VALUES ($1, $2, $3, $4, $5, $6, now())`,
      [first!.eventId, lead, 'lead.changed.v1', JSON.stringify(changed(lead, 1)), ENGAGEMENT, lead],
    );
    await rig().append(intake, 'lead-intake', changed(lead, 2));

    await soon(async () => expect(await rig().done(lead)).toContain(2));
    expect(await rig().done(lead)).toEqual([1, 2]);
  });

  it('one for each item of a chunk, with ids that make a repeated chunk harmless', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const items = upTo(300).map((n) => ({ leadId: newLead(), leadVersion: n }));
    const common = { engagementId: ENGAGEMENT, fields: ['title'] };
    await rig()
      .db('lead-intake')
      .withScope(scopeOf(ENGAGEMENT), (tx) => intake.outbox.appendChunk(tx, LeadChanged, common, items));
    await soon(async () => expect(await rig().effects()).toHaveLength(300));

    const chunkId = '6f2ad9b2-6e8f-4f0a-9a39-0d6f0c1b2a01';
    for (let twice = 0; twice < 2; twice++)
      await rig().database.sql(
        `INSERT INTO lead_intake.outbox (event_id, key, type, payload, engagement_id, at, items) VALUES ($1, '', 'lead.changed.v1', $2, $3, now(), 300)`,
        [chunkId, JSON.stringify({ common, items }), ENGAGEMENT],
      );
    const last = newLead();
    await rig().append(intake, 'lead-intake', changed(last, 1));
    await soon(async () => expect(await rig().effects()).toHaveLength(601));
    await soon(async () => expect((await rig().done(last)).length).toBe(1));
    const ids = (await rig().effects()).map((e) => e.eventId);
    expect(new Set(ids).size).toBe(601);
    expect(ids.filter((id) => id.startsWith('6f2ad9b2-6e8f-8'))).toHaveLength(300); // of the repeated chunk, each once
  });

  it('none while another relay holds the lock of the sender', async () => {
    const lead = newLead();
    await rig()
      .db('lead-intake')
      .asWorker(async (other) => {
        await other.query(`SELECT pg_advisory_xact_lock(4711, hashtext('lead_intake'))`);
        const intake = await rig().start('lead-intake');
        await rig().start('crm-sync');
        await rig().append(intake, 'lead-intake', changed(lead, 1));
        await delay(1000);
        expect(await rig().done(lead)).toEqual([]);
        expect(await rig().database.sql('SELECT FROM lead_intake.outbox')).toHaveLength(1);
      });
    await soon(async () => expect(await rig().done(lead)).toEqual([1]));
  });

  it('once when two processes share the lanes', async () => {
    const intake = await rig().start('lead-intake');
    await Promise.all([rig().start('crm-sync'), rig().start('crm-sync')]);
    const leads = upTo(40).map(newLead);
    for (const n of upTo(10)) await rig().append(intake, 'lead-intake', ...leads.map((lead) => changed(lead, n)));

    await soon(async () => expect((await rig().effects()).length).toBeGreaterThanOrEqual(400));
    for (const lead of leads) expect(await rig().done(lead)).toEqual(upTo(10));
  });

  it('never ahead of one that is about to be held, since a lane has one worker at a time', async () => {
    const intake = await rig().start('lead-intake');
    const lead = newLead();
    const entered = gateOf();
    const gate = gateOf();
    let tries = 0;
    rig().script.handle = async (event, tx, received) => {
      if ((event as LeadChanged).leadVersion === 1 && ++tries <= 2) {
        if (tries === 2) {
          entered.resolve();
          await gate.promise; // about to be held, not yet committed
        }
        throw new RetryLater('not-now');
      }
      await record(event, tx, received);
    };
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(lead, 1));
    await entered.promise;
    await rig().append(intake, 'lead-intake', changed(lead, 2));
    await rig().start('crm-sync'); // finds the lane behind, and must leave it alone
    await delay(1000);
    gate.resolve();

    await soon(async () => expect(await rig().done(lead)).toHaveLength(2));
    expect(await rig().done(lead)).toEqual([1, 2]);
  });

  it('of several classes, and not those it does not consume', async () => {
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const lead = newLead();
    await rig().append(intake, 'lead-intake', registered(lead, 1), changed(lead, 2));
    await soon(async () => expect(await rig().done(lead)).toEqual([1, 2]));
    expect(
      await rig()
        .db('crm-sync')
        .withScope(noEngagement, (tx) => tx.query('SELECT * FROM inbox')),
    ).toHaveLength(2);
  });
});
