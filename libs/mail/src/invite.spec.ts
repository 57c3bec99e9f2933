import { describe, expect, it, test } from '@jest/globals';
import ICAL from 'ical.js';
import { simpleParser } from 'mailparser';
import { buildInvite, languageOf, type InviteFacts } from './invite.js';
import { MailFieldInvalid } from './mailbox.js';

const facts: InviteFacts = {
  method: 'REQUEST',
  bookingId: '019a0000-0000-7000-8000-0000000000b1',
  sequence: 0,
  decidedAt: Temporal.Instant.from('2027-02-20T12:00:00Z'),
  startsAt: Temporal.Instant.from('2027-03-01T09:00:00Z'),
  endsAt: Temporal.Instant.from('2027-03-01T09:30:00Z'),
  zone: 'Europe/Stockholm',
  language: 'sv',
  organizer: { name: 'Möten', address: 'moten@agency.example' },
  attendee: { name: 'Åsa Öberg', address: 'asa@lead.example' },
  hostName: 'Håkan Ek',
  title: 'Genomgång',
  location: 'Videosamtal',
  notice: {
    source: 'Bolagsregistret',
    ground: 'legitimate-interest',
    obtainedAt: '2027-02-01T10:00:00Z',
    controller: 'Kund AB',
  },
  privacyUrl: 'https://agency.example/privacy',
};

async function parsed(f: InviteFacts) {
  const mail = await simpleParser((await buildInvite(f)).raw);
  const part = mail.attachments.find((a) => a.contentType === 'text/calendar') ?? mail.attachments[0]!;
  const calendar = new ICAL.Component(ICAL.parse(part.content.toString('utf8')) as unknown[]);
  return { mail, calendar, event: calendar.getFirstSubcomponent('vevent')! };
}

describe('deterministic mail', () => {
  it('the same booking and SEQUENCE give the same bytes, at any time', async () => {
    const first = await buildInvite(facts);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // a Date or DTSTAMP of now would differ
    const second = await buildInvite({ ...facts });
    expect(second.raw.equals(first.raw)).toBe(true);
    expect(second.messageId).toBe(first.messageId);
  });

  it('a new SEQUENCE is a new message', async () => {
    const first = await buildInvite(facts);
    const moved = await buildInvite({
      ...facts,
      sequence: 1,
      decidedAt: Temporal.Instant.from('2027-02-21T12:00:00Z'),
    });
    expect(moved.messageId).not.toBe(first.messageId);
    expect(moved.raw.equals(first.raw)).toBe(false);
    expect(moved.messageId).toBe('<019a0000-0000-7000-8000-0000000000b1.1@agency.example>');
  });

  it('does not depend on the host zone', async () => {
    expect((await buildInvite(facts)).raw.toString()).toContain('Date: Sat, 20 Feb 2027 12:00:00 +0000');
  });
});

describe('the invite', () => {
  test.each(['REQUEST', 'CANCEL'] as const)('METHOD:%s stands in the MIME type and in the body', async (method) => {
    const raw = (await buildInvite({ ...facts, method })).raw.toString();
    expect(raw).toMatch(new RegExp(`Content-Type: text/calendar; charset=utf-8; method=${method}`, 'i'));
    const { calendar, event } = await parsed({ ...facts, method });
    expect(calendar.getFirstPropertyValue('method')).toBe(method);
    expect(event.getFirstPropertyValue('status')).toBe(method === 'CANCEL' ? 'CANCELLED' : 'CONFIRMED');
  });

  it('names organizer, attendee, UTC times, UID and SEQUENCE', async () => {
    const { event } = await parsed({ ...facts, sequence: 3 });
    const line = (name: string) => event.getFirstProperty(name)!.toICALString();
    expect(line('dtstart')).toBe('DTSTART:20270301T090000Z');
    expect(line('dtend')).toBe('DTEND:20270301T093000Z');
    expect(line('dtstamp')).toBe('DTSTAMP:20270220T120000Z');
    expect(line('uid')).toBe(`UID:${facts.bookingId}`);
    expect(line('sequence')).toBe('SEQUENCE:3');
    expect(line('organizer').replace(/\r\n /g, '')).toBe('ORGANIZER;CN=Håkan Ek:mailto:moten@agency.example');
    expect(line('attendee').replace(/\r\n /g, '')).toMatch(/RSVP=TRUE.*mailto:asa@lead.example/i);
  });

  test.each([
    ['Europe/Stockholm', 'sv', 'Tid: måndag 1 mars 2027, 10:00–10:30 (Europe/Stockholm, UTC+01:00)'],
    ['Asia/Kolkata', 'en', 'Time: Monday 1 March 2027, 14:30–15:00 (Asia/Kolkata, UTC+05:30)'],
    ['America/New_York', 'en', 'Time: Monday 1 March 2027, 04:00–04:30 (America/New_York, UTC-05:00)'],
    ['Australia/Lord_Howe', 'en', 'Time: Monday 1 March 2027, 20:00–20:30 (Australia/Lord_Howe, UTC+11:00)'],
  ] as const)('says the time in %s (%s)', async (zone, language, line) => {
    expect((await parsed({ ...facts, zone, language })).mail.text).toContain(line);
  });

  test.each([
    ['sv', ['Kund AB', 'Bolagsregistret', 'artikel 6.1 f', 'invända', 'Integritetsskyddsmyndigheten (IMY)']],
    ['en', ['Kund AB', 'Bolagsregistret', 'Article 6(1)(f)', 'object', '(IMY)']],
  ] as const)('B8: carries the notice of Art. 14 (%s)', async (language, words) => {
    const { mail } = await parsed({ ...facts, language });
    for (const word of [...words, facts.privacyUrl]) expect(mail.text).toContain(word);
  });

  it('a cancellation says what is cancelled and where to see one’s data', async () => {
    const { mail } = await parsed({ ...facts, method: 'CANCEL', sequence: 1, notice: undefined });
    expect(mail.subject).toBe('Inställt: Genomgång');
    expect(mail.text).toContain(facts.privacyUrl);
  });
});

describe('header injection is refused', () => {
  const evil = ['A\r\nBcc: x@evil.example', 'A\nX: 1', 'A\u0000', 'A\u2028B', '\u202eexe'];
  test.each(evil)('%j as a name, a title, a place or an address', async (value) => {
    const tries: Partial<InviteFacts>[] = [
      { attendee: { name: value, address: 'a@lead.example' } },
      { attendee: { name: 'A', address: `a@lead.example${value}` } },
      { title: value },
      { location: value },
      { hostName: value },
      { organizer: { name: value, address: 'a@agency.example' } },
    ];
    for (const change of tries) {
      await expect(buildInvite({ ...facts, ...change })).rejects.toBeInstanceOf(MailFieldInvalid);
    }
  });

  test.each(['a@b.example, c@d.example', 'A <a@b.example>', 'a b@c.example', 'a@b@c.example', '', '"a b"@c.example'])(
    '%j is not one address',
    async (address) => {
      await expect(buildInvite({ ...facts, attendee: { name: 'A', address } })).rejects.toBeInstanceOf(
        MailFieldInvalid,
      );
    },
  );

  it('names with quotes, commas and semicolons stay one parameter', async () => {
    const { mail, event } = await parsed({ ...facts, attendee: { name: 'Ek, "Å"; X', address: 'a@lead.example' } });
    expect(event.getAllProperties('attendee')).toHaveLength(1);
    expect(Array.isArray(mail.to) ? mail.to.length : mail.to!.value.length).toBe(1);
  });

  it('a notice of several lines stays one line', async () => {
    const notice = { ...facts.notice!, source: 'Listan\nPersonuppgiftsansvarig: Någon Annan' };
    expect((await parsed({ ...facts, notice })).mail.text).toContain('Listan Personuppgiftsansvarig: Någon Annan');
  });
});

test.each([
  ['Europe/Stockholm', 'sv'],
  ['Europe/Helsinki', 'sv'],
  ['Europe/Mariehamn', 'sv'],
  ['Europe/Oslo', 'en'],
  ['Europe/London', 'en'],
  ['Asia/Kolkata', 'en'],
])('mail to %s is written in %s', (zone, language) => expect(languageOf(zone)).toBe(language));
