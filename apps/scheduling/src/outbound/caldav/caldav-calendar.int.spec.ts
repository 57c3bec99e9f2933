import { RetryLater } from '@avtala/contracts';
import { UrlRefused } from '@avtala/http';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { busyOf } from '../../domain/calendar-entry.js';
import { calendarEventId } from '../../domain/event-id.js';
import { spanOf } from '../../domain/span.js';
import { CalendarRefused, EventChanged, type CalendarEvent } from '../host-calendar.js';
import { CaldavCalendar } from './caldav-calendar.js';
import { badServer, ics, Owner, personOfRun } from './caldav.fixture.js';
import { discover } from './discovery.js';
import { AnswerRefused } from './xml-guard.js';

const probe = await personOfRun();
const withServer = probe ? describe : describe.skip;

let access: NonNullable<typeof probe>;
let owner: Owner;
let calendar: CaldavCalendar;
const FROM = Temporal.Instant.from('2027-03-01T00:00Z');
const TO = Temporal.Instant.from('2027-04-10T00:00Z');

const busy = async (from = FROM, to = TO) =>
  (await calendar.busy(access, from, to, 5_000))
    .map((b) => `${b.from.toString().slice(5, 16)}–${b.to.toString().slice(5, 16)}`)
    .filter((text, i, all) => all.indexOf(text) === i)
    .sort();
const event = (bookingId = randomUUID(), more: Partial<CalendarEvent> = {}): CalendarEvent => ({
  id: calendarEventId(bookingId, 0),
  bookingId,
  sequence: 0,
  startsAt: Temporal.Instant.from('2027-03-02T09:00Z'),
  endsAt: Temporal.Instant.from('2027-03-02T09:30Z'),
  timeZone: 'Europe/Stockholm',
  title: 'Genomgång: Åsa Öberg',
  description: 'Öberg; Söner, AB\n070-174 06 05',
  location: 'Video',
  ...more,
});

withServer('CalDAV on a real server', () => {
  beforeEach(async () => {
    access = (await personOfRun())!;
    owner = new Owner(access);
    calendar = new CaldavCalendar({ allowedHosts: [access.host], organizer: 'meetings@agency.example' });
  });

  it('finds a person’s calendars from their server’s address', async () => {
    const { serverUrl, username, password } = access;
    expect(await discover({ serverUrl, username, password }, [access.host])).toEqual([
      { url: access.calendarUrl, name: 'work' },
    ]);
    await expect(discover({ serverUrl, username, password: 'wrong' }, [access.host])).rejects.toThrow(CalendarRefused);
    await expect(discover({ serverUrl, username, password }, [])).rejects.toThrow(UrlRefused);
  });

  describe('when the owner is busy', () => {
    test.each<[string, string[], string[]]>([
      [
        'in a named zone',
        ['DTSTART;TZID=Europe/Stockholm:20270302T100000', 'DTEND;TZID=Europe/Stockholm:20270302T103000'],
        ['03-02T09:00–03-02T09:30'],
      ],
      [
        'by Windows’ name of the zone',
        ['DTSTART;TZID=W. Europe Standard Time:20270302T100000', 'DURATION:PT30M'],
        ['03-02T09:00–03-02T09:30'],
      ],
      ['in UTC', ['DTSTART:20270302T100000Z', 'DTEND:20270302T103000Z'], ['03-02T10:00–03-02T10:30']],
      ['cancelled: not', ['DTSTART:20270302T100000Z', 'DTEND:20270302T103000Z', 'STATUS:CANCELLED'], []],
      ['transparent: not', ['DTSTART:20270302T100000Z', 'DTEND:20270302T103000Z', 'TRANSP:TRANSPARENT'], []],
    ])('%s', async (_, lines, expected) => {
      expect(await owner.put('one', lines)).toBe(201);
      const found = await busy();
      for (const e of expected) expect(found).toContain(e);
      if (!expected.length) expect(found).toEqual([]);
    });

    it('without a zone: in the host’s, whatever the server takes it for', async () => {
      await owner.put('floating', ['DTSTART:20270302T100000', 'DTEND:20270302T103000']);
      await owner.put('day', ['DTSTART;VALUE=DATE:20270310', 'DTEND;VALUE=DATE:20270311']);
      const found = await busy();
      expect(found).toContain('03-02T09:00–03-02T09:30');
      expect(found).toContain('03-09T23:00–03-10T23:00');
    });

    it('in a series over the change of clocks, less what was taken out, and where one of it was moved', async () => {
      const zone = 'TZID=Europe/Stockholm';
      const series = ics('series@client.example', [
        `DTSTART;${zone}:20270322T090000`,
        `DTEND;${zone}:20270322T100000`,
        'RRULE:FREQ=DAILY;COUNT=9',
        `EXDATE;${zone}:20270324T090000,20270329T090000`,
      ]);
      const moved = [
        'BEGIN:VEVENT',
        'UID:series@client.example',
        'DTSTAMP:20270101T000000Z',
        `RECURRENCE-ID;${zone}:20270330T090000`,
        `DTSTART;${zone}:20270330T140000`,
        `DTEND;${zone}:20270330T150000`,
        'END:VEVENT',
        'END:VCALENDAR',
      ].join('\r\n');
      expect(await owner.putText('series', series.replace('END:VCALENDAR', moved))).toBe(201);
      const changes = await calendar.changes(access, null, FROM, 5_000);
      const counted = busyOf(
        changes.items.flatMap((i) => i.entries ?? []),
        spanOf(FROM, TO),
      ).map((s) =>
        Temporal.Instant.fromEpochMilliseconds(s.from * 60_000)
          .toString()
          .slice(5, 16),
      );
      expect(counted).toEqual([
        '03-22T08:00',
        '03-23T08:00',
        '03-25T08:00',
        '03-26T08:00',
        '03-27T08:00',
        '03-28T07:00', // summer time from here on
        '03-30T12:00',
      ]);
    });

    test.each([
      [
        'an unknown zone',
        ['DTSTART;TZID=Client/Headquarters:20270302T100000', 'DTEND;TZID=Client/Headquarters:20270302T103000'],
      ],
      ['a series of every minute', ['DTSTART:20270302T100000Z', 'DTEND:20270302T103000Z', 'RRULE:FREQ=MINUTELY']],
    ])('%s makes the calendar unreadable, not free', async (_, lines) => {
      await owner.put('odd', lines);
      await expect(busy()).rejects.toThrow();
    });
  });

  describe('writing', () => {
    it('creates once: of 20 at once one wrote, and the others found it', async () => {
      const e = event();
      const tries = await Promise.all(Array.from({ length: 20 }, () => calendar.insert(access, e)));
      expect(tries.filter((t) => t === 'written')).toHaveLength(1);
      expect(await calendar.read(access, e.id)).toMatchObject({ cancelled: false, sequence: 0, blank: false });
      const text = (await owner.text(e.id))!;
      expect(text).toContain('ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:meetings@agency.example');
      expect(text).toContain(`UID:${e.bookingId}`);
      expect(text).not.toContain('ATTENDEE');
      expect(text).toContain('Öberg\\; Söner\\, AB\\n070-174 06 05');
    });

    it('changes what is there, and leaves what the owner added', async () => {
      const e = event();
      await calendar.insert(access, e);
      const alarm = 'BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:snart\r\nEND:VALARM\r\nEND:VEVENT';
      await owner.putText(e.id, (await owner.text(e.id))!.replace('END:VEVENT', `X-COLOUR:blue\r\n${alarm}`));
      const moved = { ...e, sequence: 1, startsAt: e.startsAt.add({ hours: 1 }), endsAt: e.endsAt.add({ hours: 1 }) };
      await calendar.patch(access, moved);
      expect(await calendar.read(access, e.id)).toMatchObject({ sequence: 1, startsAt: moved.startsAt });
      const text = (await owner.text(e.id))!;
      expect(text).toContain('X-COLOUR:blue');
      expect(text).toContain('TRIGGER:-PT10M');
      expect(await busy()).toEqual(['03-02T10:00–03-02T10:30']);
    });

    it('does not write over what was changed after it read: a stale etag is told', async () => {
      const e = event();
      await calendar.insert(access, e);
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => calendar.patch(access, { ...e, sequence: i + 1 })),
      );
      expect(results.some((r) => r.status === 'fulfilled')).toBe(true);
      for (const r of results) if (r.status === 'rejected') expect(r.reason).toBeInstanceOf(EventChanged);
      await owner.remove(e.id);
      await expect(calendar.patch(access, e)).rejects.toThrow(EventChanged);
    });

    it('blanks before it deletes, and deletes twice as well as once', async () => {
      const e = event();
      await calendar.insert(access, e);
      await calendar.blank(access, e.id);
      expect(await calendar.read(access, e.id)).toMatchObject({ blank: true, startsAt: e.startsAt });
      expect(await owner.text(e.id)).not.toMatch(/Öberg|070-174|Video|Genomg/);
      for (let i = 0; i < 2; i++) await calendar.remove(access, e.id);
      expect(await calendar.read(access, e.id)).toBeNull();
      await calendar.blank(access, e.id);
    });
  });

  describe('what changed', () => {
    it('only that, deletions too; and everything when the token is known no more', async () => {
      await owner.put('a', ['DTSTART:20270302T100000Z', 'DTEND:20270302T103000Z']);
      const all = await calendar.changes(access, null, FROM, 5_000);
      expect(all).toMatchObject({ full: true, items: [{ entries: [{ minutes: 30 }] }] });
      await owner.put('b', ['DTSTART:20270303T100000Z', 'DTEND:20270303T110000Z']);
      await owner.remove('a');
      const delta = await calendar.changes(access, all.token, FROM, 5_000);
      expect(delta.full).toBe(false);
      expect(delta.items).toHaveLength(2);
      expect(delta.items.find((i) => i.id === all.items[0]!.id)!.entries).toBeNull();
      const nothing = await calendar.changes(access, delta.token, FROM, 5_000);
      expect(nothing).toMatchObject({ full: false, items: [] });
      const again = await calendar.changes(access, 'http://radicale.org/ns/sync/gone', FROM, 5_000);
      expect(again).toMatchObject({ full: true, items: [{ entries: [{ minutes: 60 }] }] });
    });

    it('an event of ours keeps its name, the owner’s have none', async () => {
      const e = event();
      await calendar.insert(access, e);
      await owner.put('tandlakare-anna', ['DTSTART:20270302T100000Z', 'DTEND:20270302T103000Z']);
      const { items } = await calendar.changes(access, null, FROM, 5_000);
      expect(items.map((i) => i.id)).toContain(e.id);
      expect(JSON.stringify(items)).not.toContain('anna');
    });
  });

  it('says when the credentials are not taken any more, in the middle of it', async () => {
    const e = event();
    await calendar.insert(access, e);
    const withdrawn = { ...access, password: 'changed' };
    await expect(calendar.read(withdrawn, e.id)).rejects.toMatchObject({ code: 'caldav-access-withdrawn' });
    await expect(calendar.busy(withdrawn, FROM, TO, 5_000)).rejects.toThrow(CalendarRefused);
  });
});

describe('CalDAV on servers with bad manners', () => {
  const stops: (() => void)[] = [];
  afterEach(() => stops.splice(0).forEach((stop) => stop()));
  const serve = async (answer: Parameters<typeof badServer>[0]) => {
    const server = await badServer(answer);
    stops.push(server.stop);
    return server;
  };
  const at = (url: string) => ({
    kind: 'caldav' as const,
    ...{ connectionId: 'c', zone: 'UTC', calendarUrl: `${url}cal/`, username: 'u', password: 'p' },
  });
  const xml = (body: string) => `<?xml version="1.0"?><multistatus xmlns="DAV:">${body}</multistatus>`;

  it('a redirect to loopback is not followed, nor an address the server names there', async () => {
    let reached = 0;
    const inside = await serve((_, response) => {
      reached++;
      response.end('secret');
    });
    const outside = await serve((request, response) => {
      if (request.url!.startsWith('/.well-known')) return response.writeHead(302, { location: inside.url }).end();
      response.writeHead(301, { location: `${inside.url}x` }).end();
    });
    const server = { serverUrl: outside.url, username: 'u', password: 'p' };
    await expect(discover(server, [outside.host])).rejects.toThrow(UrlRefused);
    const calendar = new CaldavCalendar({ allowedHosts: [outside.host], organizer: 'm@agency.example' });
    await expect(calendar.busy(at(outside.url), FROM, TO, 2_000)).rejects.toThrow(UrlRefused);
    const naming = await serve((request, response) => {
      if (request.url!.startsWith('/.well-known')) return response.writeHead(404).end();
      response.writeHead(207, { 'content-type': 'application/xml' });
      const prop = `<current-user-principal><href>${inside.url}principal/</href></current-user-principal>`;
      response.end(
        xml(
          `<response><href>/</href><propstat><prop>${prop}</prop><status>HTTP/1.1 200 OK</status></propstat></response>`,
        ),
      );
    });
    await expect(discover({ ...server, serverUrl: naming.url }, [naming.host])).rejects.toThrow(UrlRefused);
    expect(reached).toBe(0);
  });

  it('an answer that never ends, and one that never begins, end at the deadline', async () => {
    const endless = await serve((_, response) => {
      response.writeHead(207, { 'content-type': 'application/xml' });
      response.write('<?xml version="1.0"?><multistatus xmlns="DAV:">');
      const more = setInterval(() => response.write('<response><href>/cal/x</href></response>'), 20);
      response.on('close', () => clearInterval(more));
    });
    const silent = await serve(() => undefined);
    for (const { url, host } of [endless, silent]) {
      const calendar = new CaldavCalendar({ allowedHosts: [host], organizer: 'm@agency.example' });
      const began = Date.now();
      await expect(calendar.busy(at(url), FROM, TO, 300)).rejects.toThrow(RetryLater);
      expect(Date.now() - began).toBeLessThan(3_000);
    }
  });

  test.each([
    ['entities', `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${xml('&b;').slice(21)}`, AnswerRefused],
    [
      'a file of ours',
      `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><multistatus>&a;</multistatus>`,
      AnswerRefused,
    ],
    ['nine megabytes', xml(`<response>${' '.repeat(9_000_000)}</response>`), UrlRefused],
    ['no calendar', 'It works!', AnswerRefused],
  ])('XML with %s', async (_, body, error) => {
    const { url, host } = await serve((_request, response) => {
      response.writeHead(207, { 'content-type': 'application/xml' }).end(body);
    });
    const calendar = new CaldavCalendar({ allowedHosts: [host], organizer: 'm@agency.example' });
    await expect(calendar.busy(at(url), FROM, TO, 5_000)).rejects.toThrow(error);
  });

  test.each([
    [
      'another resource has the UID',
      'application/xml',
      '<error xmlns="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"/></error>',
      true,
    ],
    ['the calendar is gone', 'text/plain', 'Conflict', false],
    ['the calendar is gone, in XML', 'application/xml', '<error xmlns="DAV:"/>', false],
  ])('a 409 on writing, since %s', async (_, type, body, exists) => {
    const { url, host } = await serve((_request, response) => {
      response.writeHead(409, { 'content-type': type }).end(body);
    });
    const calendar = new CaldavCalendar({ allowedHosts: [host], organizer: 'm@agency.example' });
    const writing = calendar.insert(at(url), event());
    if (exists) await expect(writing).resolves.toBe('exists');
    else await expect(writing).rejects.toMatchObject({ code: 'caldav-409' });
  });

  it.each([
    [503, RetryLater],
    [429, RetryLater],
    [403, CalendarRefused],
  ])('a %i', async (status, error) => {
    const { url, host } = await serve((_, response) => void response.writeHead(status).end('anna@lead.example'));
    const calendar = new CaldavCalendar({ allowedHosts: [host], organizer: 'm@agency.example' });
    await expect(calendar.insert(at(url), event())).rejects.toThrow(error);
    await expect(calendar.busy(at(url), FROM, TO, 2_000)).rejects.toThrow(error);
  });
});
