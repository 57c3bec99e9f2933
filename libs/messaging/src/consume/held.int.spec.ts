import { LeadChanged, LeadRegistered, MeetingBooked, RetryLater } from '@avtala/contracts';
import { noEngagement } from '@avtala/database';
import { expect, it } from '@jest/globals';
import { onBothTransports, soon, type Rig } from '../../test/both-transports.js';
import { booked, changed, newLead, objected, registered } from '../../test/events.js';
import { record } from '../../test/recorder.js';
import { listParked, replayParked, skipParked } from '../parked.js';
import { NotYet } from './not-yet.js';

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const parked = async (rig: Rig) => (await rig.held()).filter((h) => h.due === 'infinity');
/** Waits are real time: tests set the row's clock back instead of sleeping. */
const dueNow = (rig: Rig) =>
  rig.database.sql(`UPDATE crm_sync.held SET due_at = '-infinity' WHERE due_at < 'infinity'`);

onBothTransports('an event that cannot be handled', (rig) => {
  it('is parked with what follows it, while other leads flow, and goes on in order after a replay', async () => {
    const [sick, well] = [newLead(), newLead()];
    let cured = false;
    rig().script.handle = async (event, tx, received) => {
      const { leadId, leadVersion } = event as LeadChanged;
      if (!cured && leadId === sick && leadVersion === 3) throw new TypeError('a bug, with a name in its message');
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    for (const n of upTo(10)) await rig().append(intake, 'lead-intake', changed(sick, n), changed(well, n));

    await soon(async () => expect(await rig().held()).toHaveLength(8));
    await soon(async () => expect(await rig().done(well)).toEqual(upTo(10)));
    expect(await rig().done(sick)).toEqual([1, 2]);
    expect(await parked(rig())).toMatchObject([{ key: sick, error: 'error:TypeError', attempts: 1 }]);

    cured = true;
    const db = rig().db('crm-sync');
    const [listed, ...more] = await db.withScope(noEngagement, (tx) => listParked(tx, { limit: 10 }));
    expect(more).toEqual([]);
    expect(listed).toMatchObject({ source: 'event', type: 'lead.changed.v1', leadId: sick, waiting: 7 });
    expect(await db.withScope(noEngagement, (tx) => replayParked(tx, listed!.id))).toBe(true);

    await soon(async () => expect(await rig().done(sick)).toEqual(upTo(10)));
    expect(await rig().held()).toEqual([]);
  });

  it('and is skipped lets the next of its lead be tried', async () => {
    const lead = newLead();
    rig().script.handle = async (event, tx, received) => {
      if ((event as LeadChanged).leadVersion === 1) throw new TypeError('a bug');
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(lead, 1), changed(lead, 2));
    await soon(async () => expect(await rig().held()).toHaveLength(2));

    const db = rig().db('crm-sync');
    const [listed] = await db.withScope(noEngagement, (tx) => listParked(tx, { limit: 10 }));
    expect(await db.withScope(noEngagement, (tx) => skipParked(tx, listed!.id, [newLead()]))).toBeUndefined();
    expect(await db.withScope(noEngagement, (tx) => skipParked(tx, listed!.id))).toMatchObject({ key: lead });

    await soon(async () => expect(await rig().done(lead)).toEqual([2]));
    expect(await rig().held()).toEqual([]);
  });

  it('now is tried again later, in order, and counts its tries', async () => {
    const lead = newLead();
    let tries = 0;
    rig().script.handle = async (event, tx, received) => {
      if ((event as LeadChanged).leadVersion === 2 && ++tries <= 4) throw new RetryLater('vendor-away');
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', ...upTo(5).map((n) => changed(lead, n)));

    await soon(async () => expect(await rig().done(lead)).toEqual(upTo(5)));
    expect(await rig().held()).toEqual([]);
  });

  it('after twelve tries is parked', async () => {
    const lead = newLead();
    rig().script.handle = async () => {
      throw new RetryLater('vendor-away');
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(lead, 1));
    await soon(async () => {
      await dueNow(rig());
      expect(await parked(rig())).toMatchObject([{ key: lead, attempts: 12, error: 'vendor-away' }]);
    });
  });

  it('because something is missing goes on as soon as that is committed', async () => {
    const lead = newLead();
    rig().script.handle = async (event, tx, received) => {
      if (event instanceof MeetingBooked) {
        const [known] = await tx.query(`SELECT FROM effect WHERE key = $1`, [event.leadId]);
        if (!known) throw new NotYet('lead');
      }
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    const scheduling = await rig().start('scheduling');
    await rig().start('crm-sync');
    await rig().append(scheduling, 'scheduling', booked(lead));
    await soon(async () => expect(await rig().held()).toMatchObject([{ error: 'not-yet:lead', attempts: 0 }]));
    await rig().database.sql(`UPDATE crm_sync.held SET due_at = now() + interval '1 hour'`); // only the nudge can wake it

    await rig().append(intake, 'lead-intake', registered(lead));
    await soon(async () =>
      expect((await rig().effects()).map((e) => e.type)).toEqual([LeadRegistered.name, MeetingBooked.name]),
    );
    expect(await rig().held()).toEqual([]);
  });

  it('because something is missing is parked fifteen minutes after its first try', async () => {
    rig().script.handle = async () => {
      throw new NotYet('lead');
    };
    const scheduling = await rig().start('scheduling');
    await rig().start('crm-sync');
    await rig().append(scheduling, 'scheduling', booked(newLead()));
    await soon(async () => expect(await rig().held()).toHaveLength(1));
    await rig().database.sql(
      `UPDATE crm_sync.held SET first_at = now() - interval '15 minutes 1 second', due_at = '-infinity'`,
    );
    await soon(async () => expect(await parked(rig())).toHaveLength(1));
  });

  it('does not keep an objection of its lead waiting (F5)', async () => {
    const lead = newLead();
    rig().script.handle = async (event, tx, received) => {
      if (event instanceof LeadRegistered) throw new TypeError('a bug');
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', registered(lead, 1), changed(lead, 2), objected(lead, 3));
    await soon(async () => expect(await rig().done(lead)).toEqual([3]));
    expect(await rig().held()).toHaveLength(2);
  });

  it('and overtakes is tried again although its lead is parked', async () => {
    const lead = newLead();
    let tries = 0;
    rig().script.handle = async (event, tx, received) => {
      if (event instanceof LeadRegistered) throw new TypeError('a bug');
      if (++tries <= 3) throw new RetryLater('not-now');
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', registered(lead, 1), objected(lead, 2));
    await soon(async () => expect(await rig().done(lead)).toEqual([2]));
    expect(await rig().held()).toMatchObject([{ type: 'lead.registered.v1' }]);
  });

  it('because the database went away is run again without counting', async () => {
    const lead = newLead();
    let tries = 0;
    rig().script.handle = async (event, tx, received) => {
      if (++tries === 1) {
        const [{ pid }] = await tx.query('SELECT pg_backend_pid() AS pid');
        await rig().database.sql('SELECT pg_terminate_backend($1)', [pid]);
        await tx.query('SELECT 1');
      }
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(lead, 1), changed(lead, 2));
    await soon(async () => expect(await rig().done(lead)).toEqual([1, 2]));
    expect(await rig().held()).toEqual([]);
  });

  it('since its handler swallowed an SQL error is parked, and nothing of it is kept', async () => {
    const [sick, well] = [newLead(), newLead()];
    rig().script.handle = async (event, tx, received) => {
      await record(event, tx, received);
      if ((event as LeadChanged).leadId === sick) await tx.query('SELECT 1/0').catch(() => undefined);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(sick, 1), changed(well, 1));
    await soon(async () => expect(await parked(rig())).toMatchObject([{ key: sick }]));
    await soon(async () => expect(await rig().done(well)).toEqual([1]));
    expect(await rig().done(sick)).toEqual([]);
  });

  it('because it is not what it claims to be is parked with the names of its fields', async () => {
    const lead = newLead();
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().database.sql(
      `INSERT INTO lead_intake.outbox (event_id, key, type, payload, engagement_id, lead_id, at)
       VALUES (gen_random_uuid(), $1, 'lead.changed.v1', $2, $3, $4, now())`,
      [lead, JSON.stringify({ ...changed(lead, 1), fields: 'Ada' }), changed(lead, 1).engagementId, lead],
    );
    intake.outbox.ring();
    await soon(async () => expect(await parked(rig())).toMatchObject([{ key: lead, error: 'invalid:fields' }]));
  });
});
