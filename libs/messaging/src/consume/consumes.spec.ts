import { EventInvalid, LeadChanged, LeadObjected, ErasureReceipt } from '@avtala/contracts';
import { Controller } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { changed, ENGAGEMENT, newLead, objected } from '../../test/events.js';
import { Topics } from '../topics.js';
import { Consumes, type Delivery, type Received } from './consumes.js';
import { Handlers } from './handlers.js';
import type { LaneEvent } from './lane.js';

@Controller()
class Both {
  readonly got: unknown[] = [];

  @Consumes(LeadChanged, { batch: true })
  async onChanged(events: LeadChanged[], _tx: EntityManager, received: Received[]): Promise<void> {
    this.got.push([events.map((e) => e.leadVersion), received.map((r) => r.at.toString())]);
  }

  @Consumes(LeadObjected)
  async onObjected(): Promise<void> {
    throw new TypeError('a bug');
  }
}

const laneEvent = (payload: LeadChanged | LeadObjected, more: Partial<LaneEvent> = {}): LaneEvent => ({
  topic: 'avtala.lead-intake',
  lane: 1,
  pos: '1',
  eventId: newLead(),
  key: payload.leadId,
  type: payload instanceof LeadChanged ? 'lead.changed.v1' : 'lead.objected.v1',
  payload: { ...payload },
  engagementId: ENGAGEMENT,
  leadId: payload.leadId,
  at: '2027-03-01T09:00:00Z',
  ...more,
});

describe('@Consumes', () => {
  const both = new Both();
  const handlers = new Handlers();
  const of = (method: 'onChanged' | 'onObjected') =>
    both[method].bind(both) as unknown as (delivery: Delivery) => Promise<unknown>;
  handlers.add('lead.changed.v1', { eventClass: LeadChanged, many: 'batch' }, of('onChanged'));
  handlers.add('lead.objected.v1', { eventClass: LeadObjected, many: undefined }, of('onObjected'));
  const tx = {} as EntityManager;

  it('hands a batch form all events at once, parsed, with their business time', async () => {
    const lead = newLead();
    await handlers.call(tx, [laneEvent(changed(lead, 1)), laneEvent(changed(lead, 2))]);
    expect(both.got).toEqual([
      [
        [1, 2],
        ['2027-03-01T09:00:00Z', '2027-03-01T09:00:00Z'],
      ],
    ]);
  });

  it('lets the error itself through, not "Internal server error"', async () => {
    await expect(handlers.call(tx, [laneEvent(objected(newLead(), 1))])).rejects.toBeInstanceOf(TypeError);
  });

  it('refuses facts of another engagement than the envelope says', async () => {
    const foreign = laneEvent(changed(newLead(), 1), { engagementId: newLead() });
    await expect(handlers.call(tx, [foreign])).rejects.toEqual(new EventInvalid('lead.changed.v1', ['engagementId']));
  });

  it('refuses what nobody here consumes', async () => {
    const unknown = laneEvent(changed(newLead(), 1), { type: 'x.v1' });
    await expect(handlers.call(tx, [unknown])).rejects.toEqual(new EventInvalid('x.v1', ['type']));
  });

  it('knows what overtakes, and where each event comes from', () => {
    const topics = new Topics('avtala');
    expect(handlers.overtakes('lead.objected.v1')).toBe(true);
    expect(handlers.overtakes('lead.changed.v1')).toBe(false);
    expect(handlers.topics(topics)).toEqual(['avtala.lead-intake']);
    expect(topics.carrying(ErasureReceipt)).toEqual(['avtala.lead-intake', 'avtala.scheduling', 'avtala.crm-sync']);
  });
});
