import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { InviteDelivered, RetryLater } from '@avtala/contracts';
import { catalogProblems } from '@avtala/database';
import { Outbox } from '@avtala/messaging';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import { contacted, ended, erasureAsked, objected, registered, Rig, staff, started } from '../../test/rig.js';
import { checkCertificate } from './certificate-check.js';
import { ClockViews } from './clock-view.service.js';

const BEGIN = '2027-01-10T09:00:00Z';
let rig: Rig;
beforeAll(async () => (rig = await Rig.start(BEGIN)));
afterAll(() => rig.stop());

const claim = () => ({
  principal: 'test',
  route: 'POST /privacy-requests',
  key: randomUUID(),
  bodyHmac: Buffer.alloc(32),
});
const order = async (engagementId: string, leadId: string, kind: 'erasure' | 'objection' = 'erasure') =>
  rig.erasures.request(staff(engagementId), { leadId, kind }, claim());
const rowsAbout = async (id: string) =>
  (
    await rig.database.sql<{ n: number }>(
      `select ((select count(*) from retention.lead_clock where lead_id::text = $1 or engagement_id::text = $1)
        + (select count(*) from retention.due where lead_id::text = $1 or engagement_id::text = $1)
        + (select count(*) from retention.idempotency where lead_id::text = $1 or engagement_id::text = $1))::int as n`,
      [id],
    )
  )[0]!.n;

/** An engagement with people who were told. */
async function engagement(leads = 3): Promise<{ id: string; leads: string[] }> {
  const id = randomUUID();
  const ids = Array.from({ length: leads }, () => randomUUID());
  await rig.send('agency', started(id));
  await rig.send('lead-intake', ...ids.map((l) => registered(id, l)), ...ids.map((l) => contacted(id, l)));
  await rig.quiet();
  return { id, leads: ids };
}

describe('an engagement that ended', () => {
  it('E1: is ordered, cleared, read back and certified, though every receipt comes twice and out of order', async () => {
    const e = await engagement();
    await rig.send('agency', ended(e.id));
    await rig.quiet();
    expect(await rig.orders(e.id)).toEqual([]);

    await rig.advance('2027-04-24T21:59:00Z'); // a minute before 25 April in Stockholm, 37 days before 1 June
    expect(await rig.orders(e.id)).toEqual([]);
    await rig.advance('2027-04-24T22:00:00Z');
    const [given] = await rig.orders(e.id);
    expect(given).toMatchObject({
      scope: 'engagement',
      state: 'ordered',
      eraseBy: '2027-06-01',
      reason: 'engagement-ended',
    });

    await rig.receipts(given!, 'asked', ['crm-sync']);
    await rig.receipts(given!, 'stopped');
    await rig.receipts(given!, 'asked', ['crm-sync', 'scheduling']);
    await rig.quiet();
    expect((await rig.orders(e.id))[0]!.state).toBe('ordered');
    await rig.receipts(given!, 'asked', ['lead-intake']);
    await rig.receipts(given!, 'asked', ['lead-intake']);
    await rig.quiet();
    expect((await rig.orders(e.id))[0]!.state).toBe('cleared');

    await rig.receipts(given!, 'verified', ['crm-sync'], { counts: { left: 1 }, outstanding: ['hubspot'] });
    await rig.receipts(given!, 'verified', ['lead-intake', 'scheduling']);
    await rig.quiet();
    expect((await rig.orders(e.id))[0]).toMatchObject({ state: 'cleared', incomplete: ['crm-sync/hubspot'], leads: 3 });
    await rig.advance('2027-05-26T09:00:00Z');
    await rig.receipts(given!, 'verified', ['crm-sync']);
    await rig.receipts(given!, 'verified', ['crm-sync']);
    await rig.quiet();
    expect((await rig.orders(e.id))[0]).toMatchObject({ state: 'completed', incomplete: [], leads: 3 });
    expect(await rig.said(given!.id)).toEqual([
      'engagement.erasure-ordered.v1',
      'erasure.cleared.v1',
      'erasure.completed.v1',
    ]);

    const document = await rig.erasures.certificate(staff(e.id), given!.id);
    expect(checkCertificate(document)[0]).toMatch(/engagement, 3 people, completed/);
    await rig.advance('2027-06-02T09:00:00Z');
    expect(await rig.erasures.certificate(staff(e.id), given!.id)).toBe(document);
    expect(await rig.said(given!.id)).toHaveLength(3);
    expect([await rowsAbout(e.id), ...(await Promise.all(e.leads.map(rowsAbout)))]).toEqual([0, 0, 0, 0]);
  });

  it('follows X when X is changed after the end, and a late old snapshot changes nothing', async () => {
    const id = randomUUID();
    await rig.send('agency', started(id), ended(id, { endedAt: '2027-06-30T22:00:00Z' }));
    await rig.send('agency', ended(id, { endedAt: '2027-06-30T22:00:00Z', version: 3, retentionMonths: 6 }));
    await rig.send('agency', started(id, { retentionMonths: 2 }));
    await rig.quiet();
    expect(
      await rig.database.sql(
        `select erase_by::text, (select due_at from retention.due where key = $1) as due_at
        from retention.engagement_clock where engagement_id = $2`,
        [id, id],
      ),
    ).toEqual([{ erase_by: '2028-01-01', due_at: new Date('2027-11-24T23:00:00Z') }]);
  });

  it('its clock and its order are found by whoever may enter it, the youngest first, and by nobody else', async () => {
    const e = await engagement();
    const clocks = rig.service.app.get(ClockViews);
    expect(await clocks.get(staff(e.id), e.id)).toMatchObject({ endedAt: null, dates: undefined });
    await rig.send('agency', ended(e.id, { endedAt: '2027-12-31T22:59:59Z' }));
    await rig.quiet();
    const line = await clocks.get(staff(e.id), e.id);
    expect(line.dates!.eraseBy.toString()).toBe('2028-02-29');
    expect(await clocks.list(staff(e.id))).toHaveLength(1);
    await expect(clocks.get(staff(randomUUID()), e.id)).rejects.toThrow('No such engagement');
    const first = await order(e.id, e.leads[0]!);
    const second = await order(e.id, e.leads[1]!);
    const page = (more: object) => rig.erasures.list(staff(e.id), { limit: 10, ...more });
    expect((await page({ newest: true })).map((o) => o.id)).toEqual([second.id, first.id]);
    expect((await page({ newest: true, after: second.id })).map((o) => o.id)).toEqual([first.id]);
    expect((await page({ open: true, whole: false })).map((o) => o.id)).toEqual([first.id, second.id]);
    expect(await page({ open: false })).toEqual([]);
    expect(await page({ whole: true })).toEqual([]);
  });

  it.each(['when all have asked', 'when a day has passed'])(
    'B5: passes on what a person says until it is cleared, %s; from then on names the suppression list',
    async (when) => {
      const e = await engagement(2);
      await rig.send('agency', ended(e.id, { endedAt: '2027-03-01T09:00:00Z' }));
      await rig.quiet();
      const [given] = await rig.orders(e.id);
      const [lead] = e.leads as [string, string];
      expect((await order(e.id, lead, 'objection')).id).toBe(given!.id);
      await rig.quiet();
      expect(await rig.said(given!.id)).toEqual(['engagement.erasure-ordered.v1', 'lead.said-no.v1']);

      if (when === 'when all have asked') await rig.receipts(given!, 'asked');
      else await rig.advance(rig.clock.now().add({ hours: 24 }).toString());
      await rig.quiet();
      expect((await rig.orders(e.id))[0]!.state).toBe('cleared');
      expect(await Promise.all(e.leads.map(rowsAbout))).toEqual([0, 0]);
      await expect(order(e.id, lead)).rejects.toMatchObject({
        ...{ kind: 'missing', code: 'erased-already', facts: { instead: 'POST /api/v1/suppressions' } },
      });
      await rig.receipts(given!, 'verified');
      await rig.quiet();
      expect((await rig.orders(e.id))[0]!.state).toBe('completed');
    },
  );

  it('is not completed before retention has forgotten too', async () => {
    const e = await engagement(1);
    await rig.send('agency', ended(e.id, { endedAt: '2027-03-01T09:00:00Z' }));
    await rig.quiet();
    const [given] = await rig.orders(e.id);
    await rig.receipts(given!, 'verified');
    await eventually(async () => (await rig.orders(e.id))[0]!.state === 'completed');
    expect(await rowsAbout(e.leads[0]!)).toBe(0);
    expect(await rig.said(given!.id)).toEqual([
      'engagement.erasure-ordered.v1',
      'erasure.cleared.v1',
      'erasure.completed.v1',
    ]);
  });

  it('brings nobody back by a registration that comes late', async () => {
    const e = await engagement(1);
    await rig.send('agency', ended(e.id, { endedAt: '2027-03-01T09:00:00Z' }));
    await rig.quiet(); // long over on the business clock
    expect(await rig.orders(e.id)).toHaveLength(1);
    const late = randomUUID();
    await rig.send('lead-intake', registered(e.id, late), contacted(e.id, late), objected(e.id, late));
    await rig.quiet();
    expect(await rowsAbout(late)).toBe(0);
    expect(await rig.orders(e.id)).toHaveLength(1);
  });
});

describe('an order about one person', () => {
  it('F3: is the same order, however often and by whomever it is asked for', async () => {
    const { id, leads } = await engagement(1);
    const key = claim();
    const person = staff(id);
    const first = await rig.erasures.request(person, { leadId: leads[0]!, kind: 'erasure' }, key);
    const again = await Promise.all([order(id, leads[0]!), order(id, leads[0]!, 'objection'), order(id, leads[0]!)]);
    expect(new Set([first, ...again].map((o) => o.id)).size).toBe(1);
    expect((await rig.erasures.request(person, { leadId: leads[0]!, kind: 'erasure' }, key)).id).toBe(first.id);
    await rig.quiet();
    expect(await rig.said(first.id)).toEqual(['lead.erasure-ordered.v1']);
  });

  it('B5: a no said while an order for another reason runs is passed on, once a word; and a repeat leaves no id behind', async () => {
    const e = await engagement(1);
    const untold = randomUUID();
    await rig.send('lead-intake', registered(e.id, untold, '2026-11-01T09:00:00Z'));
    await rig.quiet();
    const [first] = await rig.orders(e.id);
    expect(first).toMatchObject({ leadId: untold, reason: 'not-informed' });
    expect((await order(e.id, untold, 'objection')).id).toBe(first!.id);
    await rig.quiet();
    expect(await rig.said(first!.id)).toEqual(['lead.erasure-ordered.v1', 'lead.said-no.v1']);
    expect(await rowsAbout(untold)).toBe(0);
  });

  it('B5: a request after an objection is passed on, since the objection may have been towards one client', async () => {
    const { id, leads } = await engagement(1);
    await rig.send('lead-intake', objected(id, leads[0]!));
    await rig.quiet();
    const [first] = await rig.orders(id);
    expect((await order(id, leads[0]!, 'objection')).id).toBe(first!.id);
    expect((await order(id, leads[0]!)).id).toBe(first!.id);
    await rig.quiet();
    expect(await rig.said(first!.id)).toEqual(['lead.erasure-ordered.v1', 'lead.said-no.v1']);
  });

  it('B5: once it is cleared, a word that says more is refused by name, and one it was given for is not', async () => {
    const { id, leads } = await engagement(2);
    const [unneeded, asked] = leads as [string, string];
    await rig.send('lead-intake', erasureAsked(id, unneeded));
    await rig.quiet();
    await order(id, asked);
    for (const given of await rig.orders(id)) await rig.receipts(given, 'asked');
    await rig.quiet();
    await expect(order(id, unneeded)).rejects.toMatchObject({ kind: 'conflict', code: 'erased-already' });
    expect((await order(id, asked)).state).toBe('cleared');
    await rig.quiet();
    const [first] = (await rig.orders(id)).filter((o) => o.leadId === unneeded);
    expect(await rig.said(first!.id)).not.toContain('lead.said-no.v1');
  });

  it('is nobody’s to see or to ask for outside the engagement', async () => {
    const { id, leads } = await engagement(1);
    const given = await order(id, leads[0]!);
    const stranger = staff(randomUUID());
    await expect(rig.erasures.get(stranger, given.id)).rejects.toMatchObject({ kind: 'missing' });
    await expect(rig.erasures.certificate(stranger, given.id)).rejects.toMatchObject({ kind: 'missing' });
    await expect(rig.erasures.list(stranger, { engagementId: id, limit: 5 })).rejects.toMatchObject({
      kind: 'missing',
    });
    await expect(order(randomUUID(), leads[0]!)).rejects.toMatchObject({ kind: 'missing' });
    await expect(order(id, randomUUID())).rejects.toMatchObject({ kind: 'missing' });
    await expect(rig.erasures.certificate(staff(id), given.id)).rejects.toMatchObject({ code: 'certificate-not-yet' });
  });

  it('F5: follows from an objection, told twice', async () => {
    const { id, leads } = await engagement(2);
    await rig.send('lead-intake', objected(id, leads[0]!), objected(id, leads[0]!));
    await rig.quiet();
    expect(await rig.orders(id)).toMatchObject([{ leadId: leads[0], reason: 'objection', state: 'ordered', leads: 1 }]);
    expect(await rowsAbout(leads[0]!)).toBe(0);
    expect(await rowsAbout(leads[1]!)).toBeGreaterThan(0);
  });

  it('E3: follows from staff who need the person no longer, told twice; what the person says themselves goes before it', async () => {
    const { id, leads } = await engagement(2);
    const [unneeded, no] = [leads[0]!, leads[1]!];
    await rig.send('lead-intake', erasureAsked(id, unneeded), erasureAsked(id, unneeded));
    await rig.send('lead-intake', erasureAsked(id, no), objected(id, no));
    await rig.quiet();
    const orders = await rig.orders(id);
    expect(orders.filter((o) => o.leadId === unneeded)).toMatchObject([{ reason: 'not-needed', state: 'ordered' }]);
    // Either the objection came in time, or the order that was there is followed by the person's own word.
    const theirs = orders.find((o) => o.leadId === no)!;
    if (theirs.reason !== 'objection') expect(await rig.said(theirs.id)).toContain('lead.said-no.v1');
  });

  it('destroys keys after 24 hours though somebody has not asked, and ends incomplete by name', async () => {
    const { id, leads } = await engagement(1);
    const now = rig.clock.now();
    const given = await order(id, leads[0]!);
    await rig.receipts(given, 'asked', ['lead-intake', 'scheduling']);
    await rig.advance(now.add({ hours: 23 }).toString());
    expect((await rig.orders(id))[0]!.state).toBe('ordered');
    await rig.advance(now.add({ hours: 24 }).toString());
    expect((await rig.orders(id))[0]).toMatchObject({ state: 'cleared', incomplete: ['crm-sync'] });
    await rig.receipts(given, 'verified', ['lead-intake', 'scheduling']);
    await rig.receipts(given, 'asked', ['crm-sync'], { outstanding: ['hubspot'] });
    await rig.quiet();
    await rig.advance(now.add({ hours: 24 * 39 }).toString());
    await rig.advance(now.add({ hours: 24 * 39 + 1 }).toString());
    const [late] = await rig.orders(id);
    expect(late).toMatchObject({ state: 'incomplete', incomplete: ['crm-sync/hubspot'] });
    expect(checkCertificate(await rig.erasures.certificate(staff(id), given.id))).toContain(
      'not done: crm-sync/hubspot',
    );

    // Too late: seen, but the order has ended, once.
    await rig.receipts(given, 'verified', ['crm-sync']);
    await rig.quiet();
    expect((await rig.orders(id))[0]).toMatchObject({ state: 'incomplete', incomplete: ['crm-sync/hubspot'] });
    expect((await rig.orders(id))[0]!.receipts).toHaveLength(6);
    expect(await rig.said(given.id)).toEqual([
      'lead.erasure-ordered.v1',
      'erasure.cleared.v1',
      'erasure.incomplete.v1',
    ]);
    expect(await rowsAbout(leads[0]!)).toBe(0);
  });

  it('ends incomplete by the name of a message that was never sent, though everybody was read back', async () => {
    const { id, leads } = await engagement(1);
    const now = rig.clock.now();
    const given = await order(id, leads[0]!);
    await rig.receipts(given, 'asked', ['lead-intake', 'crm-sync']);
    await rig.receipts(given, 'asked', ['scheduling'], { outstanding: ['mail', 'google-calendar'] });
    await rig.receipts(given, 'verified');
    await rig.quiet();
    expect((await rig.orders(id))[0]).toMatchObject({ state: 'cleared', incomplete: ['scheduling/mail'] });
    await rig.advance(now.add({ hours: 24 * 39 }).toString());
    await rig.advance(now.add({ hours: 24 * 39 + 1 }).toString());
    expect((await rig.orders(id))[0]).toMatchObject({ state: 'incomplete', incomplete: ['scheduling/mail'] });
    expect(checkCertificate(await rig.erasures.certificate(staff(id), given.id))).toContain(
      'not done: scheduling/mail',
    );
  });

  it('is not called late for receipts that waited in the log while we were down', async () => {
    const { id, leads } = await engagement(1);
    const now = rig.clock.now();
    const given = await order(id, leads[0]!);
    await rig.receipts(given, 'asked');
    await rig.quiet();
    await rig.down();
    await rig.receipts(given, 'verified');
    rig.clock.set(now.add({ hours: 24 * 60 }).toString());
    await rig.up();
    await rig.quiet();
    expect((await rig.orders(id))[0]).toMatchObject({ state: 'completed', incomplete: [] });
  });

  it('gives the holders a day when both its timers ring at once, after we were down', async () => {
    const { id, leads } = await engagement(1);
    const now = rig.clock.now();
    const given = await order(id, leads[0]!);
    await rig.quiet();
    await rig.down();
    rig.clock.set(now.add({ hours: 24 * 60 }).toString());
    await rig.up();
    await rig.quiet();
    expect((await rig.orders(id))[0]!.state).toBe('cleared');
    await rig.receipts(given, 'verified');
    await rig.quiet();
    expect((await rig.orders(id))[0]!.state).toBe('completed');
  });
});

describe('B8: a person nobody told', () => {
  it('is erased when the month is over; who was told by voice or message is not, in whatever order we hear of it', async () => {
    const id = randomUUID();
    const [called, invited, early, notTold, silent] = Array.from({ length: 5 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const obtained = rig.clock.now();
    const invite = InviteDelivered.of({
      ...{ bookingId: randomUUID(), leadId: invited, engagementId: id, sequence: 0, deliveredAt: obtained.toString() },
    });
    await rig.send('lead-intake', contacted(id, early)); // before its registration
    await rig.send('scheduling', invite, invite);
    await rig.quiet();
    await rig.send(
      'lead-intake',
      ...[called, invited, early, notTold, silent].map((l) => registered(id, l, obtained.toString())),
      contacted(id, called),
      contacted(id, notTold, false),
    );
    await rig.quiet();
    const month = obtained.toZonedDateTimeISO('Europe/Stockholm').add({ months: 1 }).toInstant();
    await rig.advance(month.subtract({ seconds: 1 }).toString());
    expect(await rig.orders(id)).toEqual([]);
    await rig.advance(month.toString());
    const orders = await rig.orders(id);
    expect(new Set(orders.map((o) => o.leadId))).toEqual(new Set([notTold, silent]));
    expect(orders.every((o) => o.reason === 'not-informed' && o.state === 'ordered')).toBe(true);
  });

  it('a registration with an older date makes the timer earlier', async () => {
    const id = randomUUID();
    const [young, old] = [randomUUID(), randomUUID()];
    const now = rig.clock.now();
    await rig.send('lead-intake', registered(id, young, now.toString()));
    await rig.quiet();
    await rig.send('lead-intake', registered(id, old, now.subtract({ hours: 24 * 40 }).toString()));
    await rig.quiet();
    expect(await rig.orders(id)).toMatchObject([{ leadId: old, reason: 'not-informed' }]);
    expect(await rowsAbout(young)).toBeGreaterThan(0);
  });

  it('more than fit one step are ordered in several steps, each once', async () => {
    const id = randomUUID();
    const now = rig.clock.now();
    const old = now.subtract({ hours: 24 * 40 }).toString();
    const people = Array.from({ length: 120 }, () => randomUUID());
    await rig.send('lead-intake', ...people.map((l) => registered(id, l, old)));
    await rig.quiet();
    const orders = await rig.orders(id);
    expect(new Set(orders.map((o) => o.leadId))).toEqual(new Set(people));
    expect(orders).toHaveLength(120);
  });
});

test.each(['erasure.cleared.v1', 'erasure.completed.v1'])(
  'a step that dies in the middle happens later, once and whole: %s',
  async (type) => {
    const { id, leads } = await engagement(1);
    const given = await order(id, leads[0]!);
    await rig.quiet();
    const outbox = rig.service.app.get(Outbox);
    const append = outbox.append.bind(outbox);
    let deaths = 0;
    const spy = jest.spyOn(outbox, 'append').mockImplementation(async (tx, event, opts) => {
      await append(tx, event, opts);
      const dies =
        type === (event.constructor.name === 'ErasureCleared' ? 'erasure.cleared.v1' : 'erasure.completed.v1');
      if (dies && deaths++ < 2) throw new RetryLater('died');
    });
    await rig.receipts(given, 'asked');
    await rig.receipts(given, 'verified');
    await eventually(async () => (await rig.orders(id))[0]!.state === 'completed');
    await rig.quiet();
    spy.mockRestore();
    expect(deaths).toBeGreaterThanOrEqual(2);
    expect(await rig.said(given.id)).toEqual(['lead.erasure-ordered.v1', 'erasure.cleared.v1', 'erasure.completed.v1']);
    expect(checkCertificate(await rig.erasures.certificate(staff(id), given.id))[0]).toMatch(/1 person, completed/);
  },
);

test('no table of an engagement is without row-level security', async () => {
  expect(await catalogProblems(rig.database.adminUrl, 'retention')).toEqual([]);
});

test('nobody is let in without signing in', async () => {
  const server = rig.service.express.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  for (const path of ['erasures', `erasures/${randomUUID()}`, `erasures/${randomUUID()}/certificate`])
    expect((await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).status).toBe(401);
  server.close();
});
