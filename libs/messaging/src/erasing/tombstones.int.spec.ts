import { LeadErasureOrdered, type LeadChanged } from '@avtala/contracts';
import { noEngagement, scopeOf } from '@avtala/database';
import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { onBothTransports, soon } from '../../test/both-transports.js';
import { changed, ENGAGEMENT, erasureOrdered, newLead, registered } from '../../test/events.js';
import { record } from '../../test/recorder.js';
import { buryEngagement, buryLead, isBuried } from './tombstones.js';

onBothTransports('after an erasure was ordered', (rig) => {
  it('events about the lead are dropped, but those of the erasure itself are handled (E1)', async () => {
    const [gone, other] = [newLead(), newLead()];
    const orderId = randomUUID();
    const intake = await rig().start('lead-intake');
    const retention = await rig().start('retention');
    await rig().start('crm-sync');
    await rig()
      .db('crm-sync')
      .withScope(scopeOf(ENGAGEMENT), (tx) => buryLead(tx, { leadId: gone, engagementId: ENGAGEMENT, orderId }));

    await rig().append(intake, 'lead-intake', registered(gone), changed(gone, 2), changed(other, 1));
    await rig().append(retention, 'retention', erasureOrdered(gone));

    await soon(async () => expect(await rig().effects()).toHaveLength(2));
    const effects = await rig().effects();
    expect(effects.filter((e) => e.key === gone).map((e) => e.type)).toEqual([LeadErasureOrdered.name]);
    expect(await rig().done(other)).toEqual([1]);
    expect(await rig().held()).toEqual([]);
  });

  it('what the same batch holds about the lead after the order is dropped, and its held events are gone', async () => {
    const lead = newLead();
    rig().script.handle = async (event, tx, received) => {
      if (event instanceof LeadErasureOrdered) await buryLead(tx, event);
      else if ((event as LeadChanged).leadVersion === 1) throw new TypeError('a bug');
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    const retention = await rig().start('retention');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(lead, 1), changed(lead, 2));
    await soon(async () => expect(await rig().held()).toHaveLength(2));

    await rig().append(retention, 'retention', erasureOrdered(lead));
    await soon(async () => expect(await rig().held()).toEqual([]));
    await rig().append(intake, 'lead-intake', changed(lead, 3));
    const marker = newLead();
    await rig().append(
      intake,
      'lead-intake',
      ...Array.from({ length: 50 }, () => changed(newLead(), 7)),
      changed(marker, 7),
    );
    await soon(async () => expect((await rig().effects()).filter((e) => e.n === 7)).toHaveLength(51));
    expect((await rig().effects()).filter((e) => e.key === lead).map((e) => e.type)).toEqual([LeadErasureOrdered.name]);
  });

  it('of an engagement, nobody in it is heard of again', async () => {
    const [gone, elsewhere] = [newLead(), newLead()];
    const other = randomUUID();
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    const db = rig().db('crm-sync');
    await db.withScope(scopeOf(ENGAGEMENT), (tx) =>
      buryEngagement(tx, { engagementId: ENGAGEMENT, orderId: randomUUID() }),
    );
    await rig().append(intake, 'lead-intake', changed(gone, 1));
    await rig().append(intake, 'lead-intake', changed(elsewhere, 1, other));
    await soon(async () => expect(await rig().done(elsewhere)).toEqual([1]));
    expect(await rig().done(gone)).toEqual([]);
    await db.withScope(noEngagement, async (tx) => {
      expect(await isBuried(tx, { leadId: gone, engagementId: ENGAGEMENT })).toBe(true);
      expect(await isBuried(tx, { leadId: elsewhere, engagementId: other })).toBe(false);
    });
  });

  it('burying waits for a batch of the engagement that has looked for tombstones already', async () => {
    const lead = newLead();
    let entered: () => void = () => undefined;
    const inHandler = new Promise<void>((r) => (entered = r));
    rig().script.handle = async (event, tx, received) => {
      entered();
      await delay(700);
      await record(event, tx, received);
    };
    const intake = await rig().start('lead-intake');
    await rig().start('crm-sync');
    await rig().append(intake, 'lead-intake', changed(lead, 1));
    await inHandler;
    await rig()
      .db('crm-sync')
      .withScope(scopeOf(ENGAGEMENT), (tx) =>
        buryLead(tx, { leadId: lead, engagementId: ENGAGEMENT, orderId: randomUUID() }),
      );
    expect(await rig().done(lead)).toEqual([1]); // committed before the tombstone, so the erasure finds it
  });
});
