import { LeadChanged } from '@avtala/contracts';
import { expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { EntityManager } from 'typeorm';
import { onBothTransports, soon } from '../../test/both-transports.js';
import { changed, ENGAGEMENT, newLead } from '../../test/events.js';
import { Consumes, type Received } from './consumes.js';

const sizes: number[] = [];
const scopes = new Set<string>();
let poison = '';

@Controller()
class SetBased {
  @Consumes(LeadChanged, { batch: true })
  async onChanged(events: LeadChanged[], tx: EntityManager, received: Received[]): Promise<void> {
    if (events.some((e) => e.leadId === poison)) throw new TypeError('a bug');
    const [{ scope }] = await tx.query(
      `WITH done AS (INSERT INTO effect (key, n, type, event_id) SELECT key, n, 'LeadChanged', id
         FROM unnest($1::text[], $2::int[], $3::uuid[]) e(key, n, id))
       SELECT current_setting('app.engagements') AS scope`,
      [events.map((e) => e.leadId), events.map((e) => e.leadVersion), received.map((r) => r.eventId)],
    );
    sizes.push(events.length);
    scopes.add(scope);
  }
}

onBothTransports('a handler of many events at once', (rig) => {
  it('gets consecutive ones with all their scopes, in order, and one at a time after a failure', async () => {
    [sizes.length, poison] = [0, newLead()];
    scopes.clear();
    const [other, well] = [randomUUID(), newLead()];
    const intake = await rig().start('lead-intake');
    for (let n = 1; n <= 60; n++)
      await rig().append(intake, 'lead-intake', changed(well, n, n % 2 ? ENGAGEMENT : other));
    await rig().append(intake, 'lead-intake', changed(poison, 1), changed(poison, 2));
    await rig().start('crm-sync', { controllers: [SetBased] });

    await soon(async () => expect(await rig().held()).toMatchObject([{ key: poison }, { key: poison }]));
    await soon(async () => expect(await rig().done(well)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1)));
    expect(await rig().done(poison)).toEqual([]);

    const again = newLead();
    await rig().append(
      intake,
      'lead-intake',
      ...Array.from({ length: 50 }, (_, i) => changed(again, i + 1, i % 2 ? other : ENGAGEMENT)),
    );
    await soon(async () => expect(await rig().done(again)).toHaveLength(50));
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect([...scopes].some((scope) => scope.includes(ENGAGEMENT) && scope.includes(other))).toBe(true);
  });
});
