import { describe, expect, it } from '@jest/globals';
import { v5 as uuidv5 } from 'uuid';
import { expand, type OutboxRow } from './rows.js';
import '@avtala/contracts';

const row = (id: string, more: Partial<OutboxRow> = {}): OutboxRow => ({
  id,
  eventId: '6f2ad9b2-6e8f-4f0a-9a39-0d6f0c1b2a01',
  key: `k${id}`,
  type: 'lead.changed.v1',
  payload: '{}',
  engagementId: null,
  leadId: null,
  at: '2027-03-01T09:00:00+00:00',
  items: null,
  ...more,
});

describe('rows of the outbox', () => {
  it('are relayed in the order of their ids as numbers, however they were returned', () => {
    expect(expand([row('10'), row('9'), row('9007199254740993')]).map((e) => e.key)).toEqual([
      'k9',
      'k10',
      'k9007199254740993',
    ]);
  });

  it('that are chunks become one event of each item, with common facts, key and a derived id', () => {
    const payload = JSON.stringify({
      common: { engagementId: 'e', fields: [] },
      items: [
        { leadId: 'a', leadVersion: 1 },
        { leadId: 'b', leadVersion: 2 },
      ],
    });
    const events = expand([row('1', { payload, items: 2, key: '' }), row('2')]);
    expect(events.map((e) => e.key)).toEqual(['a', 'b', 'k2']);
    expect(events[1]).toMatchObject({ leadId: 'b', eventId: uuidv5('b', row('1').eventId) });
    expect(JSON.parse(events[1]!.payload)).toEqual({ engagementId: 'e', fields: [], leadId: 'b', leadVersion: 2 });
    expect(expand([row('1', { payload, items: 2 })])[0]!.eventId).toBe(events[0]!.eventId);
  });

  it('of a chunk nobody declares stop the relay instead of being lost', () => {
    expect(() => expand([row('1', { type: 'x.v1', items: 1 })])).toThrow('nobody declares');
  });
});
