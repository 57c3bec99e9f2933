import { afterEach, beforeEach, expect, it, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { FakeService } from '../clock/fake-service.js';
import { Rig } from '../rig.js';

const DAY = 86_400_000;
const inDays = (days: number) => new Date(Math.ceil(Date.now() / DAY) * DAY + days * DAY).toISOString();

let rig: Rig;
const services: FakeService[] = [];
beforeEach(async () => void (rig = await Rig.start({ stallMs: 400 })));
afterEach(async () => void (await Promise.all([rig.stop(), ...services.splice(0).map((s) => s.stop())])));

const get = async (path: string) => (await rig.control('GET', `/sandbox${path}`)).body;
const post = (path: string, body: object) => rig.control('POST', `/sandbox${path}`, body);
const until = async <T>(look: () => Promise<T>, good: (seen: T) => boolean): Promise<T> => {
  for (let tries = 0; tries < 400; tries++) {
    const seen = await look();
    if (good(seen)) return seen;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('It did not come to that');
};
async function joined(service: FakeService): Promise<void> {
  services.push(service);
  await rig.control('POST', '/participants', { name: 'fake', dueUrl: await service.start() });
}

it('moves the clock without making anybody wait, and says how far it has come', async () => {
  const fake = new FakeService([inDays(1), inDays(2), inDays(30)], 60);
  await joined(fake);
  const before = await get('/state');
  expect(before).toMatchObject({
    clock: { state: 'idle', steps: 0 },
    next: { at: inDays(1), of: 'fake', what: 'fake-work' },
  });
  const begun = await post('/clock', { to: inDays(10) });
  expect(begun).toMatchObject({ status: 202, body: { clock: { state: 'moving', target: inDays(10) } } });
  expect(await post('/clock', { by: 'hour' })).toMatchObject({ status: 409, body: { code: 'clock-moving' } });
  const between = await until(
    () => get('/state'),
    (s) => s.clock.steps === 1,
  );
  expect(between).toMatchObject({ clock: { state: 'moving', target: inDays(10) }, next: null });
  const after = await until(
    () => get('/state'),
    (s) => s.clock.state === 'idle',
  );
  expect(after).toMatchObject({ clock: { steps: 2, waitingFor: [] }, next: { at: inDays(30) } });
  expect(after.now >= inDays(10)).toBe(true);
  expect(fake.done.map((d) => d.dueAt)).toEqual([inDays(1), inDays(2)]);
});

it('goes to the next deadline and what is due with it, an hour, a day', async () => {
  const fake = new FakeService([inDays(3), inDays(90)]);
  await joined(fake);
  await post('/clock', { by: 'next' });
  await until(
    () => get('/state'),
    (s) => s.clock.state === 'idle',
  );
  expect(fake.done.map((d) => d.dueAt)).toEqual([inDays(3)]);
  for (const [by, ms] of [
    ['hour', 3_600_000],
    ['day', DAY],
  ] as const) {
    const from = Date.parse((await get('/state')).now);
    await post('/clock', { by });
    const now = Date.parse(
      (
        await until(
          () => get('/state'),
          (s) => s.clock.state === 'idle',
        )
      ).now,
    );
    expect(now - from).toBeGreaterThanOrEqual(ms);
    expect(now - from).toBeLessThan(ms + 10_000);
  }
});

it('names who makes no progress, and goes on when asked again', async () => {
  await joined(new FakeService([inDays(1)], Infinity));
  await post('/clock', { to: inDays(5) });
  const stalled = await until(
    () => get('/state'),
    (s) => s.clock.state === 'stalled',
  );
  expect(stalled.clock).toMatchObject({ waitingFor: ['fake'], steps: 1, target: inDays(5) });
  expect(await post('/clock', { to: inDays(5) })).toMatchObject({ status: 202, body: { clock: { state: 'moving' } } });
});

test.each([
  [{}],
  [{ by: 'week' }],
  [{ by: 'hour', to: inDays(1) }],
  [{ to: '2027-03-01T09:00' }],
  [{ to: '9999-01-01T00:00:00Z' }],
  [{ to: 17 }],
  [{ by: 'hour', more: 1 }],
])('refuses to move %j', async (order) => {
  expect(await post('/clock', order)).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
});

it('has no next deadline to go to when nothing is planned', async () => {
  expect(await post('/clock', { by: 'next' })).toMatchObject({ status: 409, body: { code: 'nothing-planned' } });
  expect((await post('/clock', { to: '2020-01-01T00:00:00Z' })).body.code).toBe('clock-backwards');
});

const send = (mail: SendMailOptions) =>
  createTransport({ url: rig.sandbox.urls.smtp, ignoreTLS: true } as never).sendMail(mail);
const INVITE = [
  ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT', 'UID:b1@avtala.example', 'SEQUENCE:2'],
  ...['DTSTAMP:20270301T090000Z', 'DTSTART:20270308T090000Z', 'DTEND:20270308T093000Z', 'SUMMARY:Möte'],
  ...[`ORGANIZER;CN="${'Ö'.repeat(60)}":mailto:moten@avtala.example`, 'ATTENDEE;RSVP=TRUE:mailto:lead@kund.example'],
  ...['END:VEVENT', 'END:VCALENDAR', ''],
].join('\r\n');
const invite: SendMailOptions = {
  ...{
    from: 'Avtala <moten@avtala.example>',
    to: 'Åsa Lead <lead@kund.example>',
    subject: 'Inbjudan',
    text: 'Välkommen',
  },
  ...{ messageId: '<b1.2@avtala.example>', icalEvent: { method: 'REQUEST', content: INVITE } },
};

it('shows every mail, the newest first, with its source, and no address in a URL', async () => {
  await send(invite);
  await send({ from: 'x@avtala.example', to: ['bo@kund.example', 'cy@kund.example'], subject: 'Hej', text: 'Hej' });
  const { items, total, mailboxes } = await get('/mail?limit=2');
  expect([total, items.length, mailboxes.length]).toEqual([3, 2, 3]);
  expect(items.map((m: { subject: string }) => m.subject)).toEqual(['Hej', 'Hej']);
  const more = await get(`/mail?limit=2&after=${items[1].id}`);
  expect(more).toMatchObject({
    next: null,
    items: [{ subject: 'Inbjudan', calendar: { method: 'REQUEST', sequence: 2 } }],
  });
  const one = await get(`/mail/${more.items[0].id}`);
  expect(one).toMatchObject({ text: 'Välkommen', address: 'lead@kund.example' });
  const raw = await fetch(`${rig.sandbox.urls.control}/sandbox/mail/${one.id}/raw`);
  expect([raw.headers.get('content-type'), (await raw.text()).includes('Message-ID: <b1.2@avtala.example>')]).toEqual(['text/plain; charset=utf-8', true]); // prettier-ignore
  const mine = await get(`/mail?mailbox=${one.mailbox}`);
  expect(mine.items.map((m: { id: string }) => m.id)).toEqual([one.id]);
  await rig.restart();
  expect((await get(`/mail/${one.id}`)).subject).toBe('Inbjudan');
  expect((await get('/state')).mail).toEqual({ messages: 3, mailboxes: 3 });
});

test.each(['accepted', 'declined', 'tentative'] as const)('answers as the lead: %s', async (calendar) => {
  await send(invite);
  const { items } = await get('/mail');
  const answer = await post(`/mail/${items[0].id}/answer`, { calendar, text: 'Vi ses' });
  expect(answer).toMatchObject({ status: 201, body: { to: 'moten@avtala.example' } });
  const raw = await (await fetch(`${rig.sandbox.urls.control}/sandbox/mail/${answer.body.id}/raw`)).text();
  const mail = await simpleParser(raw);
  expect(mail).toMatchObject({ inReplyTo: '<b1.2@avtala.example>', text: 'Vi ses' });
  expect(mail.from?.value).toEqual([{ address: 'lead@kund.example', name: 'Åsa Lead' }]);
  const part = mail.attachments.find((a) => a.contentType === 'text/calendar')!.content.toString('utf8');
  expect(Math.max(...part.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
  const lines = part.replace(/\r\n /g, '').split('\r\n');
  expect(lines).toEqual(expect.arrayContaining(['METHOD:REPLY', 'UID:b1@avtala.example', 'SEQUENCE:2']));
  expect(lines).toContain(`ATTENDEE;PARTSTAT=${calendar.toUpperCase()}:mailto:lead@kund.example`);
  expect(lines).toContain(`ORGANIZER;CN="${'Ö'.repeat(60)}":mailto:moten@avtala.example`);
});

it('answers plainly, and says what cannot be answered', async () => {
  await send({
    from: 'moten@avtala.example',
    replyTo: 'svar@avtala.example',
    to: 'lead@kund.example',
    subject: 'Hej',
    text: 'Hej',
  });
  const { items } = await get('/mail');
  const path = `/mail/${items[0].id}/answer`;
  expect((await post(path, { text: 'Nej tack' })).body).toMatchObject({
    to: 'svar@avtala.example',
    subject: 'Re: Hej',
  });
  expect(await post(path, { calendar: 'accepted' })).toMatchObject({ status: 409, body: { code: 'no-invitation' } });
  for (const wrong of [
    {},
    { text: 17 },
    { calendar: 'perhaps' },
    { calendar: 'toString' },
    { text: 'x'.repeat(10_001) },
    { a: 1 },
  ])
    expect((await post(path, wrong)).status).toBe(400);
  expect((await post('/mail/nothing/answer', { text: 'x' })).status).toBe(404);
  expect((await rig.control('GET', '/sandbox/mail?limit=0')).status).toBe(400);
  expect((await rig.control('GET', '/sandbox/mail?after=x')).status).toBe(404);
});

it('shows records and calendars as the vendors have them', async () => {
  await rig.control('POST', '/hubspot/seed', {
    portalId: 1001,
    contacts: [{ properties: { email: 'a@kund.example' } }],
  });
  await rig.control('POST', '/salesforce/seed', {
    org: 'kund',
    object: 'Lead',
    records: [{ LastName: 'Ek', Company: 'Kund' }],
  });
  await rig.control('POST', '/google/seed', {
    calendarId: 'host@kund.example',
    busy: [{ start: inDays(1), end: inDays(2) }],
  });
  const hubspot = await get('/crm/hubspot');
  expect(hubspot).toMatchObject({ total: 1, items: [{ account: '1001', object: 'contacts', state: 'live', fields: { email: 'a@kund.example' } }] }); // prettier-ignore
  expect(await get('/crm/salesforce')).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ object: 'Lead', account: 'kund', createdBy: 'user' })]) }); // prettier-ignore
  expect((await rig.control('GET', '/sandbox/crm/other')).status).toBe(404);
  const put = (body: object) => rig.control('PUT', '/sandbox/calendars', body);
  expect((await put({ id: 'host@kund.example', unreadable: true })).status).toBe(200);
  expect(await get('/calendars')).toMatchObject({
    items: [{ id: 'host@kund.example', unreadable: true, busy: [{ start: inDays(1) }] }],
  });
  expect([(await put({ id: 'who@kund.example', unreadable: true })).status, (await put({ id: 'x' })).status]).toEqual([
    404, 400,
  ]);
});

it('switches a stand-in’s misbehaviour on for as long as it is on', async () => {
  const on = await post('/misbehave', { standIn: 'hubspot', kind: '503', times: null });
  expect([on.status, (await get('/state')).misbehaving]).toEqual([201, 1]);
  const ask = async () => (await fetch(`${rig.sandbox.urls.hubspot}/crm/objects/2026-09/contacts`)).status;
  for (let i = 0; i < 3; i++) expect(await ask()).toBe(503);
  const { items } = await get('/misbehave');
  expect(items.find((s: { standIn: string }) => s.standIn === 'hubspot')).toMatchObject({ kinds: expect.arrayContaining(['lies', 'slow', '503']), on: [{ kind: '503', times: null }] }); // prettier-ignore
  await rig.control('DELETE', '/sandbox/misbehave/hubspot/503');
  expect(await ask()).not.toBe(503);
  expect((await post('/misbehave', { standIn: 'google', kind: 'sings' })).status).toBe(400);
  expect((await post('/misbehave', { standIn: 'constructor', kind: 'slow' })).status).toBe(404);
  await post('/misbehave', { standIn: 'mail', kind: '451', times: 2 });
  await rig.control('DELETE', '/sandbox/misbehave/mail');
  expect((await get('/state')).misbehaving).toBe(0);
});
