import { ErasureCleared, LeadErasureOrdered } from '@avtala/contracts';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { calendarEventId } from '../domain/event-id.js';
import { badServer, Owner, personOfRun } from '../outbound/caldav/caldav.fixture.js';
import { NOW, World } from './world.fixture.js';

const probe = await personOfRun();
const withServer = probe ? describe : describe.skip;

let world: World;
let slow: Awaited<ReturnType<typeof badServer>>;
beforeAll(async () => {
  slow = await badServer(() => undefined);
  world = await World.create([...(probe ? [probe.host] : []), slow.host]);
});
afterAll(async () => {
  await world.close();
  slow.stop();
});
beforeEach(async () => {
  world.clock.set(NOW);
  world.google.fault = 'none';
  world.google.busy = [];
  world.google.events.clear();
  world.engagementId = await world.engagement();
});

const at = (hhmm: string, day = '2027-03-02') => `${day}T${hhmm}:00+01:00`;
const minute = (text: string) => Temporal.Instant.from(text).toString();
interface Shown {
  calendar: { state: string; code: string | null; hostChange: string | null; hostStartsAt: string | null } | null;
}
const shown = async (id: string) => (await world.call('GET', `/bookings/${id}`)).body as unknown as Shown;
const starts = async (typeId: string, query = 'from=2027-03-02T00:00&to=2027-03-03T00:00') => {
  const answer = await world.call('GET', `/meeting-types/${typeId}/slots?${query}&timeZone=Europe/Stockholm`);
  const body = answer.body as unknown as {
    slots: { local: string }[];
    unreadable: string[];
    calendars: { readAt: string }[];
    days: { day: string; reason: string }[];
  };
  return { ...body, local: body.slots.map((s) => s.local.slice(11, 16)) };
};
const health = async (id: string) =>
  (await world.call('GET', `/calendar-connections/${id}/health`)).body as unknown as {
    state: string;
    code: string | null;
    lastReadAt: string | null;
    lastWriteAt: string | null;
  };
const book = async (typeId: string, startsAt: string, leadId?: string) => {
  const answer = await world.call('POST', '/bookings', {
    meetingTypeId: typeId,
    leadId: leadId ?? (await world.lead()),
    startsAt,
  });
  expect(answer.status).toBe(201);
  return answer.body.id;
};
/** Past the undo window, and until calendars and invites say what is decided. */
const settled = async () => {
  world.pass(11);
  await world.quiet();
};
const connectionOf = async (hostId: string) => {
  const [row] = await world.sql<{ id: string }>('select id from scheduling.calendar_connection where host_id = $1', [
    hostId,
  ]);
  return row!.id;
};
const readAgain = async () => {
  world.pass(121);
  await world.quiet();
};

withServer('a CalDAV calendar, through the service', () => {
  let access: NonNullable<typeof probe>;
  let owner: Owner;
  let hostId = '';
  let typeId = '';
  let connectionId = '';
  const connect = async (host: string, more: object = {}) => {
    const { serverUrl, username, password } = access;
    const body = { hostId: host, kind: 'caldav', serverUrl, username, password, ...more };
    return world.call('POST', '/calendar-connections', body);
  };
  beforeEach(async () => {
    access = (await personOfRun())!;
    owner = new Owner(access);
    ({ hostId, typeId } = await world.hostAndType());
    const answer = await connect(hostId);
    expect(answer.status).toBe(201);
    connectionId = answer.body.id;
    await world.quiet();
  });

  it('is found, read, and shown with its health; its password is nowhere in the clear', async () => {
    const { serverUrl, username, password } = access;
    const found = await world.call('POST', '/calendar-connections/discover', { hostId, serverUrl, username, password });
    expect(found).toMatchObject({ status: 200, body: { calendars: [{ url: access.calendarUrl, name: 'work' }] } });
    expect(await health(connectionId)).toMatchObject({ state: 'connected', code: null, lastReadAt: NOW });
    const list = await world.call('GET', `/calendar-connections?engagementId=${world.engagementId}`);
    expect(list.body).toMatchObject({ items: [{ id: connectionId, hostId, kind: 'caldav', state: 'connected' }] });
    const all = await world.call('GET', '/calendar-connections');
    expect(all.body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ id: connectionId })]) });
    const elsewhere = { engagements: [await world.engagement()] };
    expect((await world.call('GET', '/calendar-connections', undefined, elsewhere)).body).toEqual({ items: [] });
    const [row] = await world.sql<{ access: Buffer }>(
      'select access from scheduling.calendar_connection where id = $1',
      [connectionId],
    );
    expect(row!.access.toString('latin1')).not.toContain(password);
    expect(
      (
        await world.call('GET', `/calendar-connections/${connectionId}/health`, undefined, {
          engagements: [await world.engagement()],
        })
      ).status,
    ).toBe(404);
  });

  it('refuses a wrong password, a calendar that is not theirs, an address inside, and a server that never answers', async () => {
    const other = await world.hostAndType();
    const tries: [object, number, string][] = [
      [{ password: 'wrong' }, 422, 'caldav-access-withdrawn'],
      [{ calendarUrl: `${access.serverUrl}somebody/else/` }, 422, 'caldav-no-such-calendar'],
      [{ serverUrl: 'https://127.0.0.1/' }, 400, 'url-address'],
      [{ serverUrl: 'http://cal.client.example/' }, 400, 'url-scheme'],
      [{ serverUrl: 'ftp://cal.client.example/' }, 400, 'request-invalid'],
      [{ username: 'a:b' }, 400, 'request-invalid'],
      [{ username: undefined }, 400, 'request-invalid'],
    ];
    for (const [more, status, code] of tries)
      expect(await connect(other.hostId, more)).toMatchObject({ status, body: { code } });
  });

  it('is in the way of slots and bookings, series and changes of clocks included', async () => {
    const zone = 'TZID=Europe/Stockholm';
    await owner.put('weekly', [
      `DTSTART;${zone}:20270302T100000`,
      `DTEND;${zone}:20270302T110000`,
      'RRULE:FREQ=WEEKLY',
    ]);
    await readAgain();
    expect((await starts(typeId)).local).toEqual(expect.not.arrayContaining(['10:00', '10:30']));
    const summer = await starts(typeId, 'from=2027-03-30T00:00&to=2027-03-31T00:00');
    expect(summer.local).toEqual(expect.not.arrayContaining(['10:00', '10:30']));
    expect(summer.local).toEqual(expect.arrayContaining(['09:30', '11:00']));
    for (const startsAt of [at('10:00'), '2027-03-30T10:30:00+02:00']) {
      const leadId = await world.lead();
      const answer = await world.call('POST', '/bookings', { meetingTypeId: typeId, leadId, startsAt });
      expect(answer).toMatchObject({ status: 409, body: { code: 'slot-taken' } });
    }
  });

  it('gets the meeting, its move and its end', async () => {
    const id = await book(typeId, at('10:00'));
    await settled();
    const name = calendarEventId(id, 0);
    expect(await owner.text(name)).toContain('DTSTART:20270302T090000Z');
    expect(await shown(id)).toMatchObject({ calendar: { state: 'written', code: null } });
    expect((await health(connectionId)).lastWriteAt).not.toBeNull();
    await world.call('POST', `/bookings/${id}/move`, { startsAt: at('13:00') });
    await settled();
    expect(await owner.text(name)).toContain('DTSTART:20270302T120000Z');
    await world.call('POST', `/bookings/${id}/cancel`, {});
    await settled();
    expect(await owner.text(name)).toBeUndefined();
  });

  it('shows that the host moved or deleted the event; the meeting stands until somebody decides', async () => {
    const leadId = await world.lead();
    const id = await book(typeId, at('10:00'), leadId);
    await settled();
    const name = calendarEventId(id, 0);
    const text = (await owner.text(name))!;
    await owner.putText(
      name,
      text
        .replace('DTSTART:20270302T090000Z', 'DTSTART:20270302T130000Z')
        .replace('DTEND:20270302T093000Z', 'DTEND:20270302T133000Z'),
    );
    await readAgain();
    expect(await shown(id)).toMatchObject({
      state: 'booked',
      startsAt: minute(at('10:00')),
      calendar: { state: 'written', hostChange: 'moved', hostStartsAt: minute(at('14:00')) },
    });
    expect((await starts(typeId)).local).toEqual(expect.not.arrayContaining(['10:00', '14:00']));
    await owner.putText(name, text);
    await readAgain();
    expect(await shown(id)).toMatchObject({ calendar: { hostChange: null, hostStartsAt: null } });
    await owner.remove(name);
    await readAgain();
    expect(await shown(id)).toMatchObject({ state: 'booked', calendar: { hostChange: 'deleted' } });
    expect(await world.told('meeting.moved.v1', leadId)).toEqual([]);
    expect((await world.call('POST', `/bookings/${id}/write-again`)).status).toBe(200);
    await settled();
    await readAgain();
    expect(await owner.text(name)).toContain('DTSTART:20270302T090000Z');
    expect(await shown(id)).toMatchObject({ calendar: { state: 'written', hostChange: null } });
  });

  it('of a lead who is erased nothing is left in it', async () => {
    const leadId = await world.lead();
    const id = await book(typeId, at('10:00'), leadId);
    await settled();
    const name = calendarEventId(id, 0);
    expect(await owner.text(name)).toContain('Öberg');
    const orderId = randomUUID();
    const { engagementId } = world;
    world.door.set(leadId, 'erased');
    await world.publish(LeadErasureOrdered, { orderId, leadId, engagementId, reason: 'request', orderedAt: NOW });
    await eventually(async () => expect(await owner.text(name)).toBeUndefined());
    await world.publish(ErasureCleared, { orderId, engagementId, leadId } as ErasureCleared);
    await eventually(async () => {
      const told = (await world.told('erasure.receipt.v1')) as unknown as { orderId: string }[];
      expect(told.filter((r) => r.orderId === orderId).at(-1)).toMatchObject({ phase: 'verified', outstanding: [] });
    });
  });

  it('whose owner changed the password is revoked: no slots, no booking, and an erasure names it', async () => {
    const leadId = await world.lead();
    await book(typeId, at('10:00'), leadId);
    await settled();
    // What stands there no longer opens the calendar: another person's.
    const stranger = (await personOfRun())!;
    const before = await world.sql<{ access: Buffer }>(
      'select access from scheduling.calendar_connection where id = $1',
      [connectionId],
    );
    expect(before).toHaveLength(1);
    await withdraw(access.username, stranger.password);
    world.pass(301);
    expect(await starts(typeId)).toMatchObject({ slots: [], unreadable: [hostId] });
    expect((await starts(typeId)).days[0]).toEqual({ day: '2027-03-02', reason: 'calendar-unreadable' });
    expect(await health(connectionId)).toMatchObject({ state: 'revoked', code: 'caldav-access-withdrawn' });
    const again = await world.call('POST', '/bookings', {
      meetingTypeId: typeId,
      leadId: await world.lead(),
      startsAt: at('12:00', '2027-03-04'), // bookers who press within a second share an answer
    });
    expect(again).toMatchObject({ status: 409, body: { code: 'calendar-unreadable' } });
  });

  it('that was revoked is connected again by its owner: the same connection, read from the start', async () => {
    const id = await book(typeId, at('10:00'));
    await settled();
    await withdraw(access.username, (await personOfRun())!.password);
    await readAgain();
    expect(await health(connectionId)).toMatchObject({ state: 'revoked' });
    const answer = await connect(hostId);
    expect(answer).toMatchObject({ status: 201, body: { id: connectionId } });
    await world.quiet();
    expect(await health(connectionId)).toMatchObject({ state: 'connected', code: null });
    expect(await world.call('POST', `/bookings/${id}/move`, { startsAt: at('13:00') })).toMatchObject({ status: 200 });
    await settled();
    expect(await owner.text(calendarEventId(id, 0))).toContain('DTSTART:20270302T120000Z');
  });

  it('is not exchanged for another one', async () => {
    const other = (await personOfRun())!;
    const { serverUrl, username, password } = other;
    const refused = { status: 409, body: { code: 'calendar-already-connected' } };
    expect(await connect(hostId, { serverUrl, username, password })).toMatchObject(refused);
    const google = { hostId, kind: 'google', calendarId: 'primary', refreshToken: 'r' };
    expect(await world.call('POST', '/calendar-connections', google)).toMatchObject(refused);
    expect(await health(connectionId)).toMatchObject({ state: 'connected' });
  });

  /** Seals another password into the connection: to the server it is the same as the owner changing theirs. */
  const withdraw = async (username: string, password: string) => {
    const { seal, Vault } = await import('@avtala/vault');
    const { connectionAad } = await import('./calendars.js');
    const key = (await world.service.app.get(Vault).open('connection', [connectionId], 'calendar')).get(connectionId)!;
    const sealed = seal(key, connectionAad(connectionId), { calendarUrl: access.calendarUrl, username, password });
    await world.sql('update scheduling.calendar_connection set access = $2 where id = $1', [connectionId, sealed]);
  };
});

describe('Google, read by what changed', () => {
  let hostId = '';
  let typeId = '';
  beforeEach(async () => {
    ({ hostId, typeId } = await world.hostAndType({}, true));
    await world.quiet();
  });
  const reads = () => world.google.calls.filter((c) => c === 'GET events').length;

  it('slots come from what was read, with its age; the booking asks the calendar again', async () => {
    await readAgain();
    const before = reads();
    const first = await starts(typeId);
    expect(first.local).toContain('10:00');
    expect(first.calendars).toMatchObject([{ hostId, readAt: world.clock.now().toString() }]);
    await starts(typeId);
    expect(reads()).toBe(before);
    world.google.busy = [{ start: at('10:00'), end: at('10:30') }];
    expect((await starts(typeId)).local).toContain('10:00'); // as it was a moment ago
    const answer = await world.call('POST', '/bookings', {
      meetingTypeId: typeId,
      leadId: await world.lead(),
      startsAt: at('10:00'),
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'slot-taken' } });
  });

  it('a token that is too old starts over, and what was deleted meanwhile is gone', async () => {
    world.google.busy = [{ start: at('10:00'), end: at('10:30') }, { start: at('12:00'), end: at('12:30') }]; // prettier-ignore
    await readAgain();
    expect((await starts(typeId)).local).toEqual(expect.not.arrayContaining(['10:00', '12:00']));
    world.google.syncToken = 's2';
    world.google.busy = [{ start: at('12:00'), end: at('12:30') }];
    await readAgain();
    const { local } = await starts(typeId);
    expect(local).toContain('10:00');
    expect(local).not.toContain('12:00');
    world.google.syncToken = 's1';
  });

  it('a host’s move of our event is noticed there too', async () => {
    const id = await book(typeId, at('10:00'));
    await settled();
    const event = world.google.events.get(calendarEventId(id, 0))!;
    event.start = { dateTime: at('15:00') };
    event.end = { dateTime: at('15:30') };
    await readAgain();
    expect(await shown(id)).toMatchObject({ calendar: { hostChange: 'moved', hostStartsAt: minute(at('15:00')) } });
    event.status = 'cancelled';
    await readAgain();
    expect(await shown(id)).toMatchObject({ state: 'booked', calendar: { hostChange: 'deleted' } });
  });

  it('a reassigned meeting leaves one calendar for the other', async () => {
    const second = await world.hostAndType({}, true);
    const both = await world.call('POST', '/meeting-types', {
      engagementId: world.engagementId,
      name: 'Båda',
      lengthMinutes: 30,
      hostIds: [hostId, second.hostId],
    });
    const id = await book(both.body.id, at('10:00'));
    await settled();
    await world.call('POST', `/bookings/${id}/reassign`, { hostId: second.hostId });
    await settled();
    expect(world.google.events.get(calendarEventId(id, 0))).toMatchObject({ status: 'cancelled' });
    expect(world.google.events.get(calendarEventId(id, 1))).toMatchObject({ status: 'confirmed' });
    const rows = await world.sql<{ state: string; connection_id: string }>(
      'select state, connection_id from scheduling.calendar_event where booking_id = $1 order by generation',
      [id],
    );
    expect(rows).toEqual([
      { state: 'removed', connection_id: await connectionOf(hostId) },
      { state: 'written', connection_id: await connectionOf(second.hostId) },
    ]);
    expect(world.mails.map((m) => /SEQUENCE:(\d+)/.exec(m.raw)?.[1] ?? '').filter(Boolean).length).toBeGreaterThan(0);
  });

  it('the same calendar is connected again with another token; it is told as before', async () => {
    const id = await connectionOf(hostId);
    await world.sql(`update scheduling.calendar_state set code = 'google-access-withdrawn' where connection_id = $1`, [
      id,
    ]);
    expect(await health(id)).toMatchObject({ state: 'revoked' });
    const again = { hostId, kind: 'google', calendarId: `${hostId}@client.example`, refreshToken: 'another' };
    expect(await world.call('POST', '/calendar-connections', again)).toMatchObject({ status: 201, body: { id } });
    const [state] = await world.sql<object>(
      'select token, code from scheduling.calendar_state where connection_id = $1',
      [id],
    );
    expect(state).toMatchObject({ code: null });
    const audited = await world.sql(
      `select 1 from scheduling.audit_entry where act = 'calendar.connected' and convert_from(canonical, 'UTF8') like '%' || $1 || '%'`,
      [hostId],
    );
    expect(audited).toHaveLength(2);
    const other = { ...again, calendarId: 'elsewhere@client.example' };
    expect((await world.call('POST', '/calendar-connections', other)).status).toBe(409);
  });

  it('a bad day of the vendor: no slots meanwhile, health says why, and it passes', async () => {
    const id = await connectionOf(hostId);
    world.google.fault = 'down';
    world.pass(301);
    expect(await starts(typeId)).toMatchObject({ slots: [], unreadable: [hostId] });
    expect(await health(id)).toMatchObject({ state: 'unreadable', code: 'google-503' });
    world.google.fault = 'none';
    expect((await starts(typeId)).local).toContain('10:00');
    expect(await health(id)).toMatchObject({ state: 'connected', code: null });
  });
});
