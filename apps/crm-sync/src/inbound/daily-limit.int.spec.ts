import { LeadErasureOrdered } from '@avtala/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { CrmSyncConfig } from '../config.js';
import { LEAD_KEY } from '../domain/words-hubspot.js';
import { DailyLimit } from '../outbound/vendor-errors.js';
import { DayBudgets } from '../services/day-budget.service.js';
import { CrmSyncRig } from './crm-sync.fixture.js';

let rig: CrmSyncRig;
beforeAll(async () => {
  rig = await CrmSyncRig.start();
});
afterAll(() => rig.stop());
beforeEach(() => rig.hubspot.calm());

const contacts = (leadId: string) => rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId);
const pushOf = async (leadId: string) =>
  (
    await rig.database.sql<{ state: string; cause: string }>(
      `select state, cause from crm_sync.crm_push where external_key = $1`,
      [leadId],
    )
  )[0];

describe('HubSpot’s limit of the day', () => {
  it('no call until midnight in the account’s own zone, across a change of the clocks; then everything arrives', async () => {
    await rig.at('2027-03-28T09:00:00Z'); // the day of 23 hours in Stockholm
    const { engagementId, connectionId } = await rig.connected();
    const leadId = await rig.lead(engagementId);
    rig.hubspot.trouble('429-daily', '/crm/', 1000);
    await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    const calls = rig.hubspot.calls.length;
    expect(await pushOf(leadId)).toMatchObject({ state: 'queued', cause: 'daily-limit' });
    const shown = await rig.call('GET', `/api/v1/pushes?engagementId=${engagementId}`);
    for (const line of shown.body['items'] as { nextTryAt: string }[])
      expect(line.nextTryAt.slice(0, 16)).toBe('2027-03-28T22:01'); // 00:01 summer time

    for (const hour of ['12', '15', '18', '21']) await rig.at(`2027-03-28T${hour}:00:00Z`);
    await rig.told(engagementId, await rig.lead(engagementId), { outcome: 'interested' }); // others wait as well
    await rig.at('2027-03-28T22:00:30Z');
    expect(rig.hubspot.calls.length).toBe(calls);
    // another process, which has heard nothing itself
    const others = new DayBudgets(rig.database.db('crm_sync'), rig.clock, rig.app.get(CrmSyncConfig));
    await expect(others.of({ id: connectionId, engagementId, kind: 'hubspot' }).check(true)).rejects.toThrow(
      DailyLimit,
    );

    rig.hubspot.calm();
    await rig.at('2027-03-28T22:03:00Z');
    expect(contacts(leadId)).toHaveLength(1);
    expect(await pushOf(leadId)).toMatchObject({ state: 'confirmed' });
  });

  it('what is left of the day for the client’s other apps is left to them, but for an erasure', async () => {
    await rig.at('2027-04-05T09:00:00Z');
    const { engagementId, connectionId } = await rig.connected();
    const early = await rig.pushed(engagementId);
    rig.hubspot.day = { limit: 1000, remaining: 51 };
    await rig.pushed(engagementId);
    rig.hubspot.day.remaining = 50;
    await rig.pushed(engagementId); // hears of it at its first call
    const calls = rig.hubspot.calls.length;
    const { leadId } = await rig.pushed(engagementId);
    expect(rig.hubspot.calls.length).toBe(calls);
    expect(contacts(leadId)).toHaveLength(0);
    const others = new DayBudgets(rig.database.db('crm_sync'), rig.clock, rig.app.get(CrmSyncConfig));
    const budget = others.of({ id: connectionId, engagementId, kind: 'hubspot' });
    await expect(budget.check(false)).rejects.toThrow(DailyLimit);
    await expect(budget.check(true)).resolves.toBeUndefined();
    const orderedAt = rig.clock.now().toString();
    const order = { orderId: randomUUID(), leadId: early.leadId, engagementId, reason: 'request', orderedAt };
    await rig.event(LeadErasureOrdered, order);
    await rig.rest();
    expect(contacts(early.leadId)).toHaveLength(0);
    expect(await rig.sent('erasure.receipt.v1', { orderId: order.orderId, phase: 'asked' })).toMatchObject([
      { outstanding: [] },
    ]);
    rig.hubspot.day = { limit: 250_000, remaining: 240_000 };
    await rig.at('2027-04-05T22:05:00Z');
    expect(contacts(leadId)).toHaveLength(1);
  });
});
