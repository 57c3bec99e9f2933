import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { AccessOptions } from '@avtala/access';
import { EngagementEnded, LeadErasureOrdered, LeadObjected, LeadRestricted } from '@avtala/contracts';
import { eventually } from '@avtala/test-kit';
import ICAL from 'ical.js';
import { randomUUID } from 'node:crypto';
import { LinkTokens } from './link-tokens.js';
import { NOW, World, type Answer } from './world.fixture.js';

/** Tuesday 10:00 in Stockholm. */
const AT = '2027-03-02T09:00:00Z';
const LATER = '2027-03-02T10:00:00Z';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 150_000);
afterAll(async () => world?.close());

let typeId: string;
let hostId: string;
let leadId: string;
beforeEach(async () => {
  world.pass(86_400); // what earlier tests left due goes first
  await world.quiet();
  world.clock.set(NOW);
  world.door.clear();
  world.reads.length = 0;
  world.mails.length = 0;
  await world.sql('truncate scheduling.link_use');
  world.engagementId = await world.engagement();
  leadId = await world.lead();
  ({ typeId, hostId } = await world.hostAndType());
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read field by field
type Body = any;
const bodyOf = (answer: Answer): Body => answer.body;
const open = (method: string, path: string, body?: object) =>
  world.call(method, `/public/meetings/${path}`, body, { key: null });
const view = (token: string) => open('GET', token);
const page = async (token: string): Promise<string> => bodyOf(await view(token)).page;
const press = async (token: string, act: string, more: object = {}, from?: string) =>
  open('POST', `${token}/${act}`, { page: from ?? (await page(token)), ...more });

const sendLink = (more: object = {}) =>
  world.call('POST', '/booking-links', { meetingTypeId: typeId, leadId, askedByLead: true, ...more });
const mailed = async (): Promise<void> => {
  world.pass(10);
  await world.quiet();
};
const linksIn = (text: string | undefined) =>
  [...(text ?? '').matchAll(/http:\/\/localhost:7070\/p\/([A-Za-z0-9_-]+)/g)].map((m) => m[1]!);
/** The token in the mail that a lead who asked for a link got. */
async function pickToken(more: object = {}): Promise<string> {
  expect((await sendLink(more)).status).toBe(201);
  await mailed();
  return linksIn(world.mails.at(-1)!.parsed.text)[0]!;
}
/** A booked meeting, and the tokens in its invite. */
async function invited(startsAt = AT): Promise<{ id: string; move: string; cancel: string }> {
  const booked = await world.call('POST', '/bookings', { meetingTypeId: typeId, leadId, startsAt });
  await mailed();
  const [move, cancel] = linksIn(world.mails.at(-1)!.parsed.text);
  return { id: booked.body.id, move: move!, cancel: cancel! };
}
const bookings = () =>
  world.sql<{ id: string; state: string; sequence: number; starts_at: Date }>(
    'select * from scheduling.booking where lead_id = $1',
    [leadId],
  );

describe('a link that the lead asked for', () => {
  it('leaves after ten seconds, with the notice, in text and in HTML, and says nothing but the link', async () => {
    const made = await sendLink();
    expect([made.status, bodyOf(made).mail]).toEqual([201, 'due']);
    await world.quiet();
    expect(world.mails).toHaveLength(0);
    await mailed();
    const { parsed } = world.mails[0]!;
    const [token] = linksIn(parsed.text);
    expect(parsed.text).toContain('länken du bad om');
    expect(parsed.text).toContain('Bolagsregistret');
    expect(parsed.html).toContain(`<a href="http://localhost:7070/p/${token}">`);
    expect(bodyOf(await world.call('GET', `/booking-links/${made.body.id}`)).mail).toBe('sent');
  });

  it('is refused without the booker saying that the lead asked (B10), and written into the trail with it', async () => {
    const refused = await sendLink({ askedByLead: false });
    expect([refused.status, refused.body.code]).toEqual([422, 'link-not-asked-for']);
    await sendLink();
    const entries = await world.sql<{ canonical: Buffer }>('select canonical from scheduling.audit_entry where subject_ref = $1', [leadId]); // prettier-ignore
    expect(entries.map((e) => JSON.parse(e.canonical.toString()))).toEqual([
      expect.objectContaining({ action: 'booking-link.sent', detail: expect.objectContaining({ askedByLead: true }) }),
    ]);
  });

  it('taken back within ten seconds no mail leaves; a newer one takes its place', async () => {
    const made = await sendLink();
    expect((await world.call('DELETE', `/booking-links/${made.body.id}`)).status).toBe(204);
    await mailed();
    expect(world.mails).toHaveLength(0);
    const first = await pickToken();
    const second = await pickToken();
    expect([(await view(first)).body.code, (await view(second)).status]).toEqual(['link-over', 200]);
  });

  test.each([
    ['objected', 'lead-objected'],
    ['restricted', 'lead-restricted'],
    ['erased', 'lead-erased'],
  ] as const)('is not sent to a lead who is %s', async (status, code) => {
    world.door.set(leadId, status);
    expect((await sendLink()).body.code).toBe(code);
  });

  it('shows what is needed to pick, and of the person a masked address; each look is read at the door', async () => {
    const token = await pickToken();
    world.people.set(leadId, { name: 'Åsa Öberg', email: 'karin.sand@bruksvik.example' });
    const shown = bodyOf(await view(token));
    expect(shown).toMatchObject({
      purpose: 'pick',
      state: 'open',
      title: 'Genomgång',
      hostName: 'Håkan Ek',
      invitationTo: 'k•••@bruksvik.example',
      notice: { source: 'Bolagsregistret', controller: 'Kund AB' },
    });
    expect(JSON.stringify(shown)).not.toMatch(/karin|Åsa|Öberg/);
    const free = bodyOf(await open('GET', `${token}/slots?from=2027-03-02T00:00&to=2027-03-03T00:00&timeZone=Europe/Stockholm`)); // prettier-ignore
    expect(free.slots).toHaveLength(20);
  });

  it('books under the rules, sends the invite, and opens the receipt from then on', async () => {
    const token = await pickToken();
    const done = await press(token, 'book', { startsAt: AT });
    expect(done.status).toBe(200);
    expect(await bookings()).toMatchObject([{ state: 'booked', sequence: 0 }]);
    const receipt = bodyOf(await view(bodyOf(done).receipt));
    expect(receipt).toMatchObject({ purpose: 'receipt', state: 'booked', startsAt: AT });
    expect(bodyOf(await view(token))).toMatchObject({ state: 'booked', receiptToken: bodyOf(done).receipt });
    await mailed();
    expect(world.mails.at(-1)!.parsed.subject).toBe('Inbjudan: Genomgång');
    expect((await press(token, 'book', { startsAt: LATER })).body.code).toBe('link-replaced');
    expect(await bookings()).toHaveLength(1);
  });

  it('pressed twice, and both at once, it books once and answers alike; other words under that page are refused', async () => {
    const token = await pickToken();
    const one = await page(token);
    const both = await Promise.all([1, 2].map(() => press(token, 'book', { startsAt: AT }, one)));
    const again = await press(token, 'book', { startsAt: AT }, one);
    expect(new Set([...both, again].map((a) => `${a.status} ${bodyOf(a).receipt}`)).size).toBe(1);
    expect(again.status).toBe(200);
    expect(await bookings()).toHaveLength(1);
    expect((await press(token, 'book', { startsAt: LATER }, one)).body.code).toBe('idempotency-key-reused');
  });

  it('two pages of the same link race for two times: one meeting', async () => {
    const token = await pickToken();
    const both = await Promise.all([AT, LATER].map((startsAt) => press(token, 'book', { startsAt })));
    expect(both.map((a) => a.status).sort()).toEqual([200, 404]);
    expect(await bookings()).toHaveLength(1);
  });

  it('ten links race for one time: one gets it, the others hear that it is taken and may try again', async () => {
    const tokens = [];
    for (let n = 0; n < 10; n++) {
      leadId = await world.lead();
      tokens.push(await pickToken());
    }
    const all = await Promise.all(tokens.map((t) => press(t, 'book', { startsAt: AT })));
    expect(all.filter((a) => a.status === 200)).toHaveLength(1);
    expect(new Set(all.map((a) => a.body.code))).toEqual(new Set([undefined, 'slot-taken']));
    const loser = all.findIndex((a) => a.body.code === 'slot-taken');
    expect(all.filter((a) => a.body.code === 'slot-taken')).toHaveLength(9);
    expect((await press(tokens[loser]!, 'book', { startsAt: LATER })).status).toBe(200);
  });

  test.each([
    ['2027-03-01T07:00:00Z', 'start-in-past'],
    ['2027-03-02T20:00:00Z', 'outside-hours'],
    ['2027-03-02T09:07:00Z', 'not-on-grid'],
    ['2028-03-02T09:00:00Z', 'beyond-horizon'],
  ])('%s is refused as it would be a booker: %s', async (startsAt, code) => {
    expect((await press(await pickToken(), 'book', { startsAt })).body.code).toBe(code);
  });

  it('a slot kept for the lead is free to them, and to nobody else', async () => {
    await world.call('POST', '/slots/keep', { meetingTypeId: typeId, hostId, leadId, startsAt: AT });
    const mine = await pickToken();
    const slots = async (token: string) =>
      bodyOf(await open('GET', `${token}/slots?from=${AT}&to=2027-03-02T09:30:00Z&timeZone=UTC`)).slots;
    expect(await slots(mine)).toEqual([{ startsAt: AT }]);
    leadId = await world.lead();
    expect(await slots(await pickToken())).toEqual([]);
    expect((await press(mine, 'book', { startsAt: AT })).status).toBe(200);
  });

  it('no thanks ends it and is told once; the other times it is said again', async () => {
    const token = await pickToken();
    const one = await page(token);
    for (let n = 0; n < 2; n++) expect((await press(token, 'decline', {}, one)).status).toBe(200);
    expect(bodyOf(await view(token)).state).toBe('declined');
    expect(await world.told('booking-link.answered.v1', leadId)).toMatchObject([{ answer: 'declined' }]);
    expect((await press(token, 'book', { startsAt: AT })).body.code).toBe('link-over');
  });

  it('another time can be asked for, once, and the link still books', async () => {
    const token = await pickToken();
    await press(token, 'want-time');
    await press(token, 'want-time');
    expect(bodyOf(await view(token)).timeWanted).toBe(true);
    expect(await world.told('booking-link.answered.v1', leadId)).toMatchObject([{ answer: 'time-wanted' }]);
    expect((await press(token, 'book', { startsAt: AT })).status).toBe(200);
  });

  it('ends after its days, and when the engagement does', async () => {
    const token = await pickToken({ validDays: 1 });
    const one = await page(token);
    await world.publish(EngagementEnded, {
      engagementId: world.engagementId,
      clientId: randomUUID(),
      version: 2,
      endedAt: world.clock.now().toString(),
      retentionMonths: 2,
    });
    await eventually(async () => {
      const [copy] = await world.sql<{ ended_at: Date | null }>('select ended_at from scheduling.engagement where engagement_id = $1', [world.engagementId]); // prettier-ignore
      return copy?.ended_at !== null;
    });
    expect((await press(token, 'book', { startsAt: AT })).body.code).toBe('engagement-ended');
    world.pass(86_400);
    expect((await view(token)).body.code).toBe('link-expired');
    expect((await press(token, 'book', { startsAt: AT }, one)).body.code).toBe('link-expired');
  });

  it('reading changes nothing', async () => {
    const token = await pickToken();
    const { move, cancel } = await invited();
    await world.quiet();
    const everything = async () => {
      const rows = [];
      for (const table of [
        'booking',
        'booking_link',
        'host_slot',
        'kept_slot',
        'invite',
        'due',
        'outbox',
        'log',
        'idempotency',
        'audit_entry',
        'lead_case',
      ])
        // prettier-ignore
        rows.push(await world.sql(`select * from scheduling.${table} order by 1, 2`));
      return JSON.stringify(rows);
    };
    const before = await everything();
    for (const t of [token, move, cancel])
      for (const method of ['GET', 'HEAD'])
        for (const path of [t, `${t}/slots?from=${AT}&to=${LATER}&timeZone=UTC`, `${t}/book`, `${t}/cancel`])
          await world.call(method, `/public/meetings/${path}`, undefined, { key: null });
    expect(await everything()).toBe(before);
  });
});

describe('links in invites', () => {
  it('stand in text, HTML and calendar of every invite and update, and in no cancellation', async () => {
    const { id, move, cancel } = await invited();
    const { parsed } = world.mails.at(-1)!;
    for (const token of [move, cancel]) expect(parsed.html).toContain(`<a href="http://localhost:7070/p/${token}">`);
    const calendar = parsed.attachments.find((a) => a.contentType === 'text/calendar') ?? parsed.attachments[0]!;
    const event = new ICAL.Component(ICAL.parse(calendar.content.toString()) as unknown[]).getFirstSubcomponent('vevent')!; // prettier-ignore
    expect(event.getFirstPropertyValue('url')).toBe(`http://localhost:7070/p/${move}`);
    expect(event.getFirstPropertyValue('description')).toContain(`/p/${cancel}`);
    await world.call('POST', `/bookings/${id}/move`, { startsAt: LATER });
    await mailed();
    expect(linksIn(world.mails.at(-1)!.parsed.text)).toHaveLength(2);
    expect(linksIn(world.mails.at(-1)!.parsed.text)).not.toContain(move);
    await world.call('POST', `/bookings/${id}/cancel`, {});
    await mailed();
    expect(world.mails.at(-1)!.parsed.subject).toBe('Inställt: Genomgång');
    expect(linksIn(world.mails.at(-1)!.raw)).toEqual([]);
  });

  it('moves: SEQUENCE up, the update sent, the old links void, the receipt has new ones', async () => {
    const { move, cancel } = await invited();
    const one = await page(move);
    const done = await press(move, 'move', { startsAt: LATER }, one);
    expect(done.status).toBe(200);
    expect(await bookings()).toMatchObject([{ state: 'booked', sequence: 1, starts_at: new Date(LATER) }]);
    expect(await world.told('meeting.moved.v1', leadId)).toMatchObject([{ sequence: 1, startsAt: LATER }]);
    for (const old of [move, cancel]) expect((await view(old)).body.code).toBe('link-replaced');
    // The same page once more: the first answer.
    expect(await press(move, 'move', { startsAt: LATER }, one)).toEqual(done);
    await mailed();
    expect(world.mails.at(-1)!.parsed.subject).toBe('Ny tid: Genomgång');
    const receipt = bodyOf(await view(bodyOf(done).receipt));
    expect((await press(receipt.cancelToken, 'cancel')).status).toBe(200);
    expect(await bookings()).toMatchObject([{ state: 'cancelled', sequence: 2 }]);
  });

  it('cancels in one press; the words go to lead-intake first, and are nowhere here', async () => {
    const { cancel } = await invited();
    const done = await press(cancel, 'cancel', { said: '  Vi har redan en lösning, tack.  ' });
    expect(done.status).toBe(200);
    expect(world.said).toEqual([{ leadId, words: 'Vi har redan en lösning, tack.' }]);
    expect(await bookings()).toMatchObject([{ state: 'cancelled', sequence: 1 }]);
    await mailed();
    expect(world.mails.at(-1)!.parsed.subject).toBe('Inställt: Genomgång');
    expect((await view(cancel)).body.code).toBe('link-cancelled');
    const file = await fetch(`${world.url}/api/v1/public/meetings/${bodyOf(done).receipt}/calendar`);
    expect(file.headers.get('content-type')).toContain('text/calendar');
    const text = await file.text();
    for (const line of ['METHOD:PUBLISH', 'STATUS:CANCELLED', 'SEQUENCE:1']) expect(text).toContain(line);
    expect(text).not.toMatch(/ATTENDEE|lead\.example/);
  });

  it('words that may not be kept are refused, and nothing is cancelled', async () => {
    const { cancel } = await invited();
    world.saidRefusal = 'identity-number';
    const refused = await press(cancel, 'cancel', { said: 'jag heter 19800101-0000' });
    world.saidRefusal = undefined;
    expect([refused.status, refused.body.code]).toEqual([422, 'identity-number']);
    expect(await bookings()).toMatchObject([{ state: 'booked' }]);
  });

  it('moved or cancelled by the booker meanwhile, the page that is open does nothing', async () => {
    const { id, move, cancel } = await invited();
    const [toMove, toCancel] = [await page(move), await page(cancel)];
    await world.call('POST', `/bookings/${id}/move`, { startsAt: LATER });
    expect((await press(move, 'move', { startsAt: '2027-03-03T09:00:00Z' }, toMove)).body.code).toBe('link-replaced');
    expect((await press(cancel, 'cancel', {}, toCancel)).body.code).toBe('link-replaced');
    expect(await bookings()).toMatchObject([{ state: 'booked', sequence: 1, starts_at: new Date(LATER) }]);
  });

  it('lead and booker change it at the same moment: one of them does', async () => {
    const { id, move } = await invited();
    const one = await page(move);
    const both = await Promise.all([
      press(move, 'move', { startsAt: LATER }, one),
      world.call('POST', `/bookings/${id}/cancel`, {}),
    ]);
    const [booking] = await bookings();
    const states = both.map((a) => a.status);
    if (states[0] === 200)
      expect([booking!.sequence, states[1]]).toEqual([booking!.state === 'cancelled' ? 2 : 1, 200]);
    else expect([booking!.state, booking!.sequence]).toEqual(['cancelled', 1]);
  });

  it('a time that is gone leaves the meeting where it was', async () => {
    const { move } = await invited();
    const other = await world.lead();
    await world.call('POST', '/bookings', { meetingTypeId: typeId, leadId: other, startsAt: LATER });
    expect((await press(move, 'move', { startsAt: LATER })).body.code).toBe('slot-taken');
    expect(await bookings()).toMatchObject([{ state: 'booked', sequence: 0, starts_at: new Date(AT) }]);
  });

  it('a lead in dispute may cancel and not move (F4); one who objected or is erased has no link', async () => {
    const { move, cancel } = await invited();
    await world.publish(LeadRestricted, { leadId, engagementId: world.engagementId, leadVersion: 2 });
    world.door.set(leadId, 'restricted');
    await eventually(async () => (await view(move)).body.code === 'lead-restricted');
    expect(bodyOf(await view(cancel))).toMatchObject({ purpose: 'cancel', invitationTo: null, notice: null });
    expect((await press(cancel, 'cancel')).status).toBe(200);
    leadId = await world.lead();
    const second = await invited();
    await world.publish(LeadObjected, { leadId, engagementId: world.engagementId, leadVersion: 2, objectedAt: NOW });
    await eventually(async () => (await view(second.move)).body.code === 'link-over');
    leadId = await world.lead();
    const third = await invited(LATER);
    expect((await view(third.cancel)).body).toMatchObject({ purpose: 'cancel' });
    const one = await page(third.cancel);
    world.door.set(leadId, 'erased');
    await world.publish(LeadErasureOrdered, {
      ...{ orderId: randomUUID(), engagementId: world.engagementId, leadId },
      ...{ reason: 'objection', orderedAt: world.clock.now().toString(), dueOn: '2027-04-01' },
    } as never);
    await eventually(async () => (await bookings())[0]?.state !== 'booked'); // the order cancels what lies ahead
    expect((await view(third.cancel)).body.code).toMatch(/link-(over|cancelled)/);
    expect((await press(third.cancel, 'cancel', {}, one)).status).toBe(404);
  });

  it('sixty presses an hour from one network', async () => {
    const { cancel } = await invited();
    await world.sql('update scheduling.link_use set n = 0');
    const codes = [];
    for (let n = 0; n < 32; n++) codes.push((await press(cancel, 'nothing-such', {}, 'x')).status);
    expect(new Set(codes)).toEqual(new Set([404])); // no such press: not counted
    for (let n = 0; n < 31; n++) codes.push((await press(cancel, 'cancel', {}, 'x')).status);
    expect(codes.slice(-2)).toEqual([422, 429]);
  });
});

describe('tokens', () => {
  const tokens = () =>
    new LinkTokens(world.service.app.get(AccessOptions), { origin: 'http://localhost:7070' } as never);

  it('tampered with in any byte, cut, lengthened, of another installation: not valid, each in the same words', async () => {
    const { cancel } = await invited();
    const bytes = Buffer.from(cancel, 'base64url');
    const tried = [];
    for (let at = 0; at < bytes.length; at += 7) {
      const other = Buffer.from(bytes);
      other[at]! ^= 1;
      tried.push(other.toString('base64url'));
    }
    const foreign = new LinkTokens({ authSecret: 'another' } as never, { origin: 'http://x' } as never);
    const scope = tokens().read(cancel, ['cancel'], world.clock.now());
    tried.push(cancel.slice(0, -1), `${cancel}A`, foreign.make(scope), 'x', '..%2f', 'å', ' ');
    const answers = await Promise.all(tried.map((t) => view(encodeURIComponent(t))));
    expect(new Set(answers.map((a) => JSON.stringify(a)))).toHaveProperty('size', 1);
    expect([answers[0]!.status, answers[0]!.body.code]).toEqual([404, 'link-invalid']);
    // One that is signed and leads to nobody is over, and says no more.
    const nobody = tokens().make({ ...scope, subjectId: randomUUID() });
    expect((await view(nobody)).body.code).toBe('link-over');
    const nowhere = tokens().make({ ...scope, engagementId: randomUUID() });
    expect((await view(nowhere)).body.code).toBe('link-over');
  });

  test.each([
    ['cancel', 'move', { startsAt: LATER }],
    ['cancel', 'book', { startsAt: LATER }],
    ['move', 'cancel', {}],
    ['move', 'decline', {}],
  ] as const)('a link to %s does not %s', async (has, act, more) => {
    const links = await invited();
    expect((await press(links[has], act, more)).body.code).toMatch(/link-invalid|page-invalid/);
    expect(await bookings()).toMatchObject([{ state: 'booked', sequence: 0 }]);
  });

  it('a page is good for its own link only, and a receipt shows and does nothing', async () => {
    const { move, cancel } = await invited();
    expect((await press(cancel, 'cancel', {}, await page(move))).body.code).toBe('page-invalid');
    const receipt = bodyOf(await view(move)).receiptToken;
    expect((await press(receipt, 'cancel')).body.code).toBe('link-invalid');
    expect((await open('GET', `${cancel}/calendar`)).body.code).toBe('link-invalid');
  });

  it('moving is over when the meeting begins, cancelling when it ends', async () => {
    const { move, cancel } = await invited();
    world.clock.set(AT);
    expect((await view(move)).body.code).toBe('link-expired');
    expect((await view(cancel)).status).toBe(200);
    world.clock.set('2027-03-02T09:30:00Z');
    expect((await view(cancel)).body.code).toBe('link-expired');
  });
});
