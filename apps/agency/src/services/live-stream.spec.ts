import type { Principal } from '@avtala/access';
import { expect, it } from '@jest/globals';
import { Places } from '../domain/live-places.js';
import { LiveMemory } from './live-memory.js';
import { LiveStream, type Heard } from './live-stream.js';

const ENGAGEMENT = '0b0f3c54-5d3e-4a53-9d3f-2f8f6f0a1c01';
const LEAD = '5d3e0f3c-0b0f-4a53-9d3f-2f8f6f0a1c02';
const caller = { userId: 'u', sessionId: 's', role: 'supervisor', engagementIds: [ENGAGEMENT] } as unknown as Principal;
const heard = (place: number, more: Partial<Heard> = {}): Heard => ({
  ...{ owner: 'lead-intake', lane: 0, place, type: 'lead.changed.v1', engagementId: ENGAGEMENT, leadId: LEAD },
  ...{ facts: { leadId: LEAD }, at: '2027-03-01T09:00:00Z', count: 1, heardAt: Date.now(), ...more },
});

function outlet(slow = false) {
  const seen = { text: '', cut: 0, ended: 0 };
  const of = {
    write: (text: string) => void (seen.text += text),
    waiting: () => (slow ? seen.text.length : 0),
    end: () => void (seen.ended += 1),
    cut: () => void (seen.cut += 1),
  };
  return { seen, of };
}

it('cuts a tab that takes nothing, and keeps nothing more for it', () => {
  const { seen, of } = outlet(true);
  const stream = new LiveStream(caller, Places.none('postgres', 8), of);
  stream.open(Places.none('postgres', 8));
  for (let place = 1; place <= 20_000; place++) stream.tell(heard(place));
  stream.end();
  expect([seen.cut, seen.ended]).toEqual([1, 0]);
  expect(seen.text.length).toBeLessThan(300 * 1024);
});

it('tells nothing before it is open and nothing twice', () => {
  const { seen, of } = outlet();
  const stream = new LiveStream(caller, Places.none('postgres', 8), of);
  stream.tell(heard(1));
  expect(seen.text).toBe('');
  stream.open(Places.none('postgres', 8));
  for (const place of [2, 2, 1, 3]) stream.tell(heard(place));
  expect(seen.text.match(/event: change/g)).toHaveLength(2);
});

const LANE = { key: 'avtala.lead-intake/0', topic: 'avtala.lead-intake', owner: 'lead-intake', lane: 0 } as const;
const event = (pos: number, type = 'lead.changed.v1', leadId = LEAD) => ({
  ...{ pos, type, leadId, eventId: `${pos}`, key: leadId, engagementId: ENGAGEMENT },
  ...{ payload: { leadId }, at: '1970-01-01T00:00:00Z' },
});

it('remembers so many events, and knows from where on it does', () => {
  const memory = new LiveMemory('postgres');
  memory.begins(LANE, 100, 400);
  expect(memory.now().get('lead-intake', 0)).toBe(400); // whoever is new is not told what lies before
  const at = (place: number) => {
    const places = Places.none('postgres', 8);
    places.raise('lead-intake', 0, place);
    return places;
  };
  expect([memory.reaches(at(99)), memory.reaches(at(100))]).toEqual([false, true]);
  for (let pos = 101; pos <= 10_110; pos++) memory.take({ lane: LANE, events: [event(pos)], upTo: pos });
  expect(memory.all()).toHaveLength(10_000);
  expect([memory.reaches(at(109)), memory.reaches(at(110))]).toEqual([false, true]);
});

it('forgets what was said of a person once they are to be erased (E1)', () => {
  const memory = new LiveMemory('postgres');
  const other = '5d3e0f3c-0b0f-4a53-9d3f-2f8f6f0a1c03';
  memory.take({ lane: LANE, events: [event(1), event(2, 'lead.contacted.v1', other), event(3)], upTo: 3 });
  memory.take({ lane: LANE, events: [event(4, 'lead.erasure-ordered.v1')], upTo: 4 });
  expect(memory.all().map((h) => h.type)).toEqual(['lead.contacted.v1', 'lead.erasure-ordered.v1']);
  const everybody = { ...event(5, 'engagement.erasure-ordered.v1'), leadId: null };
  memory.take({ lane: LANE, events: [everybody], upTo: 5 });
  expect(memory.all().map((h) => h.type)).toEqual(['engagement.erasure-ordered.v1']);
});
