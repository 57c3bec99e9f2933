import { EventInvalid, LeadChanged } from '@avtala/contracts';
import { scopeOf } from '@avtala/database';
import { FixedClock } from '@avtala/time';
import { eventually, testDatabase, type TestDatabase } from '@avtala/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { booked, changed, ENGAGEMENT, newLead } from '../../test/events.js';
import { Bell } from '../bell.js';
import { messagingMigration } from '../messaging-migration.js';
import { Outbox } from './outbox.js';

describe('the outbox', () => {
  let database: TestDatabase;
  const clock = new FixedClock('2027-03-01T09:00:00Z');
  let rings = 0;
  const bell = Object.assign(new Bell(), { ring: () => void (rings += 1) });
  const outbox = new Outbox('lead-intake', clock, bell);
  const rows = () =>
    database.sql<{ type: string; key: string; at: Date; payload: object }>('SELECT * FROM lead_intake.outbox');

  beforeAll(async () => {
    database = await testDatabase({ schema: 'lead_intake', migrations: [messagingMigration('lead_intake')] });
  });
  beforeEach(() => database.sql('TRUNCATE lead_intake.outbox'));
  afterAll(() => database.close());

  it('keeps an event with the change it tells of: what is rolled back was never said', async () => {
    const lead = newLead();
    const change = database.db().withScope(scopeOf(ENGAGEMENT), async (tx) => {
      await outbox.append(tx, changed(lead, 1));
      throw new Error('the change failed after all');
    });
    await expect(change).rejects.toThrow('the change failed after all');
    expect(await rows()).toEqual([]);
  });

  it('stamps an event with business time and rings the relay after the commit', async () => {
    const lead = newLead();
    await database.db().withScope(scopeOf(ENGAGEMENT), async (tx) => {
      await outbox.append(tx, changed(lead, 1));
      expect(rings).toBe(0);
    });
    await eventually(() => rings === 1);
    expect(await rows()).toMatchObject([
      { type: 'lead.changed.v1', key: lead, at: clock.nowDate(), payload: changed(lead, 1) },
    ]);
  });

  it("refuses another service's event, an event that is not valid, and a chunk without end", async () => {
    const refused = (fn: (o: Outbox, tx: never) => Promise<void>) =>
      database.db().withScope(scopeOf(ENGAGEMENT), (tx) => fn(outbox, tx as never));
    await expect(refused((o, tx) => o.append(tx, booked(newLead())))).rejects.toThrow('sent by scheduling');
    await expect(refused((o, tx) => o.append(tx, changed('Ada', 1)))).rejects.toBeInstanceOf(EventInvalid);
    const items = Array.from({ length: 2001 }, () => ({ leadId: newLead(), leadVersion: 1 }));
    await expect(
      refused((o, tx) => o.appendChunk(tx, LeadChanged, { engagementId: ENGAGEMENT, fields: [] }, items)),
    ).rejects.toBeInstanceOf(RangeError);
    expect(await rows()).toEqual([]);
  });
});
