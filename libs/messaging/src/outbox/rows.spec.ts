import { describe, expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
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
    expect(events[1]!.leadId).toBe('b');
    expect(JSON.parse(events[1]!.payload)).toEqual({ engagementId: 'e', fields: [], leadId: 'b', leadVersion: 2 });
  });

  it('that are chunks give each item an id of its own: the same each time, another in another chunk, in order of the chunks', () => {
    const idsOf = (eventId: string): string[] => {
      const items = Array.from({ length: 1000 }, (_, i) => ({ leadId: `lead ${i}`, leadVersion: 1 }));
      return expand([row('1', { eventId, payload: JSON.stringify({ common: {}, items }), items: 1000 })]).map(
        (e) => e.eventId,
      );
    };
    const [first, second] = ['019b0a51-7c00-7f4a-9a39-0d6f0c1b2a01', '019b0a51-7c01-7000-8000-000000000000'] as const;
    const ids = idsOf(first);
    expect(idsOf(first)).toEqual(ids);
    expect(new Set([...ids, ...idsOf(second), ...idsOf('019b0a51-7c00-7f4a-9a39-0d6f0c1b2a02'), first]).size).toBe(
      3001,
    );
    expect(ids.every((id) => validate(id) && version(id) === 8)).toBe(true);
    expect(ids.toSorted().at(-1)! < idsOf(second).toSorted()[0]!).toBe(true);
  });

  it('of a chunk nobody declares stop the relay instead of being lost', () => {
    expect(() => expand([row('1', { type: 'x.v1', items: 1 })])).toThrow('nobody declares');
  });
});
