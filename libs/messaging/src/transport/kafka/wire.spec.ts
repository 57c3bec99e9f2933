import { describe, expect, it, test } from '@jest/globals';
import { fromWire, toWire } from './wire.js';

const place = { topic: 'avtala.lead-intake', lane: 3, pos: '17' };
const event = {
  eventId: '6f2ad9b2-6e8f-4f0a-9a39-0d6f0c1b2a01',
  key: '7f2ad9b2-6e8f-4f0a-9a39-0d6f0c1b2a02',
  type: 'lead.changed.v1',
  payload: '{"leadId":"7f2ad9b2-6e8f-4f0a-9a39-0d6f0c1b2a02","n":1}',
  engagementId: '8f2ad9b2-6e8f-4f0a-9a39-0d6f0c1b2a03',
  leadId: '7f2ad9b2-6e8f-4f0a-9a39-0d6f0c1b2a02',
  at: '2027-03-01T09:00:00+00:00',
};
const message = (value: string | null, key: string | null = event.key) => ({
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
});

describe('an event on the wire', () => {
  it('is a CloudEvent and comes back as it went', () => {
    const wire = toWire('lead-intake', event);
    expect(JSON.parse(wire)).toEqual({
      specversion: '1.0',
      id: event.eventId,
      source: '/avtala/lead-intake',
      type: event.type,
      time: event.at,
      subject: event.key,
      datacontenttype: 'application/json',
      engagementid: event.engagementId,
      data: { leadId: event.leadId, n: 1 },
    });
    expect(fromWire(place, message(wire))).toEqual({
      ...place,
      eventId: event.eventId,
      key: event.key,
      type: event.type,
      payload: { leadId: event.leadId, n: 1 },
      engagementId: event.engagementId,
      leadId: event.leadId,
      at: new Date(event.at).toISOString(),
    });
  });

  const valid = JSON.parse(toWire('lead-intake', event)) as Record<string, unknown>;
  test.each([
    ['value', null],
    ['json', '{"half'],
    ['json', '"text"'],
    ['specversion', JSON.stringify({ ...valid, specversion: '0.3' })],
    ['id', JSON.stringify({ ...valid, id: 9007199254740993 })],
    ['type', JSON.stringify({ ...valid, type: undefined })],
    ['subject', JSON.stringify({ ...valid, subject: '' })],
    ['time', JSON.stringify({ ...valid, time: 'yesterday' })],
    ['engagementid', JSON.stringify({ ...valid, engagementid: 'all' })],
    ['data', JSON.stringify({ ...valid, data: null })],
  ])('with a wrong %s is kept with its text under an id of its place', (problem, value) => {
    const read = fromWire(place, message(value));
    expect(read).toMatchObject({ problem, key: event.key, type: 'not-an-event', payload: { raw: value } });
    expect(fromWire(place, message(value)).eventId).toBe(read.eventId);
    expect(fromWire({ ...place, pos: '18' }, message(value)).eventId).not.toBe(read.eventId);
  });

  it('without a key waits behind nobody, and a NUL does not reach PostgreSQL', () => {
    const read = fromWire(place, message('a\0b', null));
    expect(read.key).toBe(read.eventId);
    expect(read.payload).toEqual({ raw: 'a\uFFFDb' });
  });
});
