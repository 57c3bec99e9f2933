import type { ServiceName } from '@avtala/contracts';
import { v5 as uuidv5 } from 'uuid';
import type { LaneEvent } from '../../consume/lane.js';
import type { OutboxEvent } from '../../outbox/rows.js';

/** Namespace of ids we give to messages that have none of their own. */
const NAMELESS = '5b6ee5d4-3c4b-4c58-9a0c-6c1a4a1f8f10';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An event as a CloudEvents 1.0 message in JSON. `time` is business time; Kafka's own timestamp stays real time, since a broker
 * refuses records from hours ahead (protocols.md §6). */
export function toWire(owner: ServiceName, event: OutboxEvent): string {
  const head = {
    specversion: '1.0',
    id: event.eventId,
    source: `/avtala/${owner}`,
    type: event.type,
    time: event.at,
    subject: event.key,
    datacontenttype: 'application/json',
    ...(event.engagementId === null ? {} : { engagementid: event.engagementId }),
  };
  return `${JSON.stringify(head).slice(0, -1)},"data":${event.payload}}`; // the payload is JSON already
}

/** Where a message was found: its topic, partition and offset. */
type Place = Pick<LaneEvent, 'topic' | 'lane' | 'pos'>;

/**
 * Reads a message strictly. One that is no event of ours is not lost and blocks nobody: it comes back with `problem` set, its text
 * as `payload.raw`, the record's key, and an id derived from its place.
 */
export function fromWire(place: Place, message: { key: Buffer | null; value: Buffer | null }): LaneEvent {
  const text = message.value?.toString('utf8') ?? null;
  const recordKey = message.key?.toString('utf8').replaceAll('\0', '\uFFFD') ?? '';
  const broken = (problem: string): LaneEvent => {
    const eventId = uuidv5(`${place.topic}/${place.lane}/${place.pos}`, NAMELESS);
    return {
      ...place,
      eventId,
      key: recordKey || eventId,
      type: 'not-an-event',
      payload: { raw: text?.replaceAll('\0', '\uFFFD') ?? null }, // PostgreSQL's jsonb has no NUL
      engagementId: null,
      leadId: null,
      at: new Date().toISOString(),
      problem,
    };
  };
  if (text === null) return broken('value');
  let e: Record<string, unknown>;
  try {
    e = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return broken('json');
  }
  if (typeof e !== 'object' || e === null || Array.isArray(e)) return broken('json');
  if (e.specversion !== '1.0') return broken('specversion');
  if (typeof e.id !== 'string' || !UUID.test(e.id)) return broken('id');
  if (typeof e.type !== 'string' || !e.type) return broken('type');
  if (typeof e.subject !== 'string' || !e.subject) return broken('subject');
  if (typeof e.time !== 'string' || Number.isNaN(Date.parse(e.time))) return broken('time');
  if (e.engagementid !== undefined && !(typeof e.engagementid === 'string' && UUID.test(e.engagementid)))
    return broken('engagementid');
  if (typeof e.data !== 'object' || e.data === null) return broken('data');
  const { leadId } = e.data as { leadId?: unknown };
  return {
    ...place,
    eventId: e.id.toLowerCase(),
    key: e.subject,
    type: e.type,
    payload: e.data,
    engagementId: e.engagementid ?? null,
    leadId: typeof leadId === 'string' && UUID.test(leadId) ? leadId : null,
    at: new Date(e.time).toISOString(),
  };
}
