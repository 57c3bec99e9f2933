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

let [under, most] = [0, 0];
const interleavedScopes = new Set<string>();

@Controller()
class Interleaved {
  @Consumes(LeadChanged, { interleaved: true })
  async onChanged(event: LeadChanged, tx: EntityManager, { eventId }: Received): Promise<void> {
    under += 1;
    most = Math.max(most, under);
    try {
      const [{ scope }] = await tx.query(
        `INSERT INTO effect (key, n, type, event_id) VALUES ($1, $2, 'LeadChanged', $3) RETURNING current_setting('app.engagements') AS scope`,
        [event.leadId === poison ? null : event.leadId, event.leadVersion, eventId],
      );
      interleavedScopes.add(scope);
    } finally {
      under -= 1;
    }
  }
}

onBothTransports('a handler whose calls are interleaved', (rig) => {
  it('works on many keys at once, on each in order, in one engagement; a failed statement is held against its own event', async () => {
    [most, poison] = [0, newLead()];
    interleavedScopes.clear();
    const leads = Array.from({ length: 40 }, newLead);
    const other = randomUUID();
    const intake = await rig().start('lead-intake');
    const events = [1, 2, 3].flatMap((n) => leads.map((lead, i) => changed(lead, n, i % 20 ? ENGAGEMENT : other)));
    await rig().append(intake, 'lead-intake', ...events.slice(0, 60), changed(poison, 1), ...events.slice(60));
    await rig().start('crm-sync', { controllers: [Interleaved] });

    await soon(async () => expect(await rig().effects()).toHaveLength(120));
    for (const lead of leads) expect(await rig().done(lead)).toEqual([1, 2, 3]);
    await soon(async () => expect(await rig().held()).toMatchObject([{ key: poison, error: 'sql:23502' }]));
    expect(most).toBeGreaterThan(1);
    expect([...interleavedScopes].sort()).toEqual([`{${ENGAGEMENT}}`, `{${other}}`].sort());
  });
});

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

  it('gets the events of several lanes in one transaction', async () => {
    [sizes.length, poison] = [0, ''];
    const intake = await rig().start('lead-intake');
    const leads = Array.from({ length: 160 }, newLead);
    await rig().append(intake, 'lead-intake', ...leads.map((lead) => changed(lead, 1)));
    await rig().start('crm-sync', { controllers: [SetBased] });

    await soon(async () => expect(await rig().effects()).toHaveLength(160));
    if (rig().transport === 'postgres') expect(sizes.length).toBeLessThan(8); // there are eight lanes; Kafka gives out partitions
  });
});
