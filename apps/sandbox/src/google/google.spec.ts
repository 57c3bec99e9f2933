import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Rig, type Answer } from '../rig.js';

type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

let rig: Rig;
let call: Call;
let host = '';
let events = '';
let n = 0;
beforeAll(async () => void (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(async () => {
  host = `host${++n}@kund.example`;
  events = `/calendars/${encodeURIComponent(host)}/events`;
  call = await rig.google(`host${n}`);
});

const ID = 'avtala0booking0001';
const stockholm = (local: string) => ({ dateTime: local, timeZone: 'Europe/Stockholm' });
const meeting = {
  id: ID,
  summary: 'Möte med Åsa',
  start: stockholm('2027-03-01T09:00:00'),
  end: stockholm('2027-03-01T09:30:00'),
};
const span = { timeMin: '2027-03-01T00:00:00Z', timeMax: '2027-03-02T00:00:00Z' };

describe('events', () => {
  it('takes a client’s id once, also after the event was deleted', async () => {
    expect((await call('POST', events, meeting)).status).toBe(200);
    expect((await call('POST', events, meeting)).status).toBe(409);
    expect((await call('DELETE', `${events}/${ID}`)).status).toBe(204);
    expect((await call('POST', events, meeting)).status).toBe(409);
    expect((await call('DELETE', `${events}/${ID}`)).status).toBe(410);
  });

  it('gives the id to one of ten inserts at once', async () => {
    const tries = await Promise.all(Array.from({ length: 10 }, () => call('POST', events, meeting)));
    expect(tries.filter((t) => t.status === 200)).toHaveLength(1);
    expect(tries.filter((t) => t.status === 409)).toHaveLength(9);
  });

  it('keeps the text of a cancelled event, until a patch blanks it, also in the files', async () => {
    await call('POST', events, { ...meeting, summary: 'Försvinner' });
    await call('DELETE', `${events}/${ID}`);
    expect((await call('GET', `${events}/${ID}`)).body).toMatchObject({ status: 'cancelled', summary: 'Försvinner' });
    expect((await call('GET', events)).body.items).toEqual([]);
    await call('PATCH', `${events}/${ID}`, { summary: '', description: null, attendees: [] });
    expect((await call('GET', `${events}/${ID}`)).body).toMatchObject({ status: 'cancelled', summary: '' });
    expect(await rig.filesWith('Försvinner')).toEqual([]);
  });

  it('raises the sequence when the time changes, and refuses a stale If-Match', async () => {
    const { body } = await call('POST', events, meeting);
    const moved = await call(
      'PATCH',
      `${events}/${ID}`,
      { end: stockholm('2027-03-01T10:00:00') },
      { 'if-match': body.etag },
    );
    expect(moved.body.sequence).toBe(1);
    expect((await call('PATCH', `${events}/${ID}`, { summary: 'x' }, { 'if-match': body.etag })).status).toBe(412);
  });

  it.each([
    ['an id outside a–v and 0–9', { ...meeting, id: 'wxyz-1' }],
    ['an end before the start', { ...meeting, end: stockholm('2027-03-01T08:00:00') }],
    ['a misspelt field', { ...meeting, sumary: 'x' }],
    ['a misspelt field inside', { ...meeting, start: { datetime: '2027-03-01T09:00:00Z' } }],
    ['a local time without a zone', { ...meeting, start: { dateTime: '2027-03-01T09:00:00' } }],
    ['id and iCalUID together', { ...meeting, iCalUID: 'x@kund.example' }],
  ])('refuses %s', async (_, body) => {
    expect((await call('POST', events, body)).status).toBe(400);
  });

  it('finds by a private extended property', async () => {
    await call('POST', events, { ...meeting, extendedProperties: { private: { booking: 'b1' } } });
    expect((await call('GET', `${events}?privateExtendedProperty=booking%3Db1`)).body.items).toHaveLength(1);
    expect((await call('GET', `${events}?privateExtendedProperty=booking%3Db2`)).body.items).toHaveLength(0);
  });
});

describe('free/busy', () => {
  it('merges what was booked with what was there before', async () => {
    await rig.control('POST', '/google/seed', {
      calendarId: host,
      busy: [{ start: '2027-03-01T08:30:00Z', end: '2027-03-01T09:00:00Z' }],
    });
    await call('POST', events, meeting); // 09:00–09:30 in Stockholm is 08:00–08:30 UTC
    const { body } = await call('POST', '/freeBusy', { ...span, items: [{ id: host }] });
    expect(body.calendars[host].busy).toEqual([{ start: '2027-03-01T08:00:00.000Z', end: '2027-03-01T09:00:00.000Z' }]);
  });

  it('answers one calendar with errors and the others with their spans', async () => {
    await rig.control('POST', '/google/seed', { calendarId: host, unreadable: true });
    const items = [{ id: host }, { id: 'missing@kund.example' }, { id: 'other@kund.example' }];
    const { status, body } = await call('POST', '/freeBusy', { ...span, items });
    expect(status).toBe(200);
    expect(body.calendars[host].errors[0].reason).toBe('notFound');
    expect(body.calendars['missing@kund.example'].errors[0].reason).toBe('notFound');
    expect(body.calendars['other@kund.example']).toEqual({ busy: [] });
  });
});

describe('what changed', () => {
  const list = (query: string) => call('GET', `${events}?${query}`);
  const ids = (answer: Answer) => (answer.body.items as { id: string }[]).map((i) => i.id);

  it('everything first, then only that, deletions included', async () => {
    await call('POST', events, meeting);
    await call('POST', events, { ...meeting, id: 'avtala0booking0002' });
    const all = await list('');
    expect(ids(all)).toEqual([ID, 'avtala0booking0002']);
    const none = await list(`syncToken=${all.body.nextSyncToken}`);
    expect(none.body.items).toEqual([]);
    await call('DELETE', `${events}/${ID}`);
    const delta = await list(`syncToken=${none.body.nextSyncToken}`);
    expect(delta.body.items).toMatchObject([{ id: ID, status: 'cancelled' }]);
    expect(ids(await list(''))).toEqual(['avtala0booking0002']);
    expect(ids(await list('showDeleted=true'))).toHaveLength(2);
  });

  it('in pages, with the token on the last one', async () => {
    for (let i = 1; i <= 5; i++) await call('POST', events, { ...meeting, id: `avtala0booking000${i}` });
    const seen: string[] = [];
    let page = await list('maxResults=2');
    for (; page.body.nextPageToken; page = await list(`maxResults=2&pageToken=${page.body.nextPageToken}`)) {
      expect(page.body.nextSyncToken).toBeUndefined();
      seen.push(...ids(page));
    }
    expect([...seen, ...ids(page)]).toHaveLength(5);
    expect(page.body.nextSyncToken).toBeDefined();
    expect((await list(`maxResults=3&pageToken=${(await list('maxResults=2')).body.nextPageToken}`)).status).toBe(400);
  });

  it('410 when the token is too old, 400 when it is another’s, not a token, or comes with what it excludes', async () => {
    const { nextSyncToken } = (await list('')).body;
    await rig.misbehave('google', { kind: 'sync-expired' });
    const old = await list(`syncToken=${nextSyncToken}`);
    expect([old.status, old.body.error.errors[0].reason]).toEqual([410, 'fullSyncRequired']);
    const foreign = (await call('GET', `/calendars/other${n}@kund.example/events`)).body.nextSyncToken;
    for (const query of [
      `syncToken=${foreign}`,
      'syncToken=abc',
      `syncToken=${nextSyncToken}&timeMin=${span.timeMin}`,
      `syncToken=${nextSyncToken}&showDeleted=false`,
      `syncToken=${nextSyncToken}&singleEvents=true`,
    ])
      expect((await list(query)).status).toBe(400);
    expect((await list(`syncToken=${nextSyncToken}`)).status).toBe(200);
  });

  it('what a test seeded as busy is an event among the others, and gone when it is seeded away', async () => {
    const busy = [{ start: '2027-03-01T08:30:00Z', end: '2027-03-01T09:00:00Z' }];
    await rig.control('POST', '/google/seed', { calendarId: host, busy });
    const first = await list('');
    expect(first.body.items).toMatchObject([{ status: 'confirmed', start: { dateTime: busy[0]!.start } }]);
    await rig.control('POST', '/google/seed', { calendarId: host, busy: [] });
    const then = await list(`syncToken=${first.body.nextSyncToken}`);
    expect(then.body.items).toMatchObject([{ id: first.body.items[0].id, status: 'cancelled' }]);
  });

  it('only the fields that were asked for', async () => {
    await call('POST', events, meeting);
    const { body } = await list(`fields=${encodeURIComponent('nextSyncToken,items(id,start(dateTime))')}`);
    expect(Object.keys(body).sort()).toEqual(['items', 'nextSyncToken']);
    expect(body.items).toEqual([{ id: ID, start: { dateTime: meeting.start.dateTime } }]);
    expect((await list('fields=items(id')).status).toBe(400);
  });
});

describe('misbehaving', () => {
  it.each([
    ['429', 429],
    ['403-rate', 403],
    ['503', 503],
    ['expired-token', 401],
  ])('%s answers once', async (kind, status) => {
    await rig.misbehave('google', { kind });
    expect((await call('POST', events, meeting)).status).toBe(status);
    expect((await call('POST', events, meeting)).status).toBe(200);
  });

  it('takes the insert and then says nothing; the next one meets 409', async () => {
    await rig.misbehave('google', { kind: 'timeout-after-commit', ms: 20 });
    await expect(call('POST', events, meeting)).rejects.toThrow();
    expect((await call('POST', events, meeting)).status).toBe(409);
  });

  it('lies about a deletion, which reading back shows', async () => {
    await call('POST', events, meeting);
    await rig.misbehave('google', { kind: 'lies' });
    expect((await call('DELETE', `${events}/${ID}`)).status).toBe(204);
    expect((await call('GET', `${events}/${ID}`)).body.status).toBe('confirmed');
  });
});

it('has its events again after a restart', async () => {
  await call('POST', events, meeting);
  await rig.restart();
  call = await rig.google();
  expect((await call('GET', `${events}/${ID}`)).body.summary).toBe('Möte med Åsa');
  expect((await rig.control('GET', '/google/state')).body).toMatchObject({ notified: 0 });
});
