import { ErasureCleared } from '@avtala/contracts';
import { catalogProblems, scopeOf } from '@avtala/database';
import { FixedClock } from '@avtala/time';
import { eventually, testDatabase, type TestDatabase } from '@avtala/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { SCHEMAS } from '../../test/both-transports.js';
import { changed, ENGAGEMENT, newLead } from '../../test/events.js';
import { Recorder, Script } from '../../test/recorder.js';
import { runService, type RunningService } from '../../test/running-service.js';
import { forgetLog } from '../erasing/forget-log.js';
import { listParked, replayParked, skipParked } from '../parked.js';
import { prune } from './prune.js';

describe('upkeep', () => {
  let database: TestDatabase;
  let intake: RunningService;
  const running: RunningService[] = [];
  const clock = new FixedClock('2027-03-01T09:00:00Z');
  const start = async (service: 'lead-intake' | 'retention' | 'crm-sync', script = new Script()) => {
    const consumer =
      service === 'crm-sync' ? { controllers: [Recorder], providers: [{ provide: Script, useValue: script }] } : {};
    const one = await runService({
      service,
      transport: 'postgres',
      db: database.db(service.replace('-', '_')),
      clock,
      ...consumer,
    });
    running.push(one);
    return one;
  };
  const append = (...events: Parameters<RunningService['outbox']['append']>[1][]) =>
    database.db('lead_intake').withScope(scopeOf(ENGAGEMENT), async (tx) => {
      for (const event of events) await intake.outbox.append(tx, event);
    });
  const logged = (schema = 'lead_intake') =>
    database.sql<{ key: string }>(`SELECT key FROM ${schema}.log ORDER BY pos`);
  const done = (n: number) =>
    eventually(async () => expect(await database.sql('SELECT FROM crm_sync.effect')).toHaveLength(n));

  beforeAll(async () => {
    database = await testDatabase(SCHEMAS[0]!, ...SCHEMAS.slice(1));
  });
  beforeEach(async () => {
    for (const { schema } of SCHEMAS)
      for (const table of ['outbox', 'log', 'cursor', 'inbox', 'held', 'due', 'tombstone'])
        await database.sql(`TRUNCATE ${schema}.${table}`);
    await database.sql('TRUNCATE crm_sync.effect');
    intake = await start('lead-intake');
  });
  afterEach(() => Promise.all(running.splice(0).map((r) => r.stop())));
  afterAll(() => database.close());

  it('keeps of the log what is young or unread, and forgets the rest', async () => {
    const consumer = await start('crm-sync');
    const leads = [newLead(), newLead(), newLead()];
    await append(...leads.slice(0, 2).map((lead) => changed(lead, 1)));
    await done(2);
    await consumer.stop();
    await append(changed(leads[2]!, 1));
    await eventually(async () => expect(await logged()).toHaveLength(3));
    await database.sql(`UPDATE lead_intake.log SET logged_at = now() - interval '8 days' WHERE key <> $1`, [leads[0]]);
    await database.sql(`UPDATE crm_sync.inbox SET at = now() - interval '16 days'`);

    expect(await prune(database.db('lead_intake'))).toEqual({ log: 1, inbox: 0 });
    expect((await logged()).map((r) => r.key)).toEqual([leads[0], leads[2]]);
    expect(await prune(database.db('crm_sync'))).toEqual({ log: 0, inbox: 2 });
  });

  it('takes a lead out of outbox, log, held and parked work, once every consumer has passed it', async () => {
    const [gone, other] = [newLead(), newLead()];
    const consumer = await start('crm-sync');
    await append(changed(gone, 1), changed(other, 1));
    await done(2);
    await consumer.stop();
    await append(changed(gone, 2));
    await eventually(async () => expect(await logged()).toHaveLength(3));

    const db = database.db('lead_intake');
    expect(await forgetLog(db, { engagementId: ENGAGEMENT, leadId: gone })).toBe(1); // the one nobody has read
    await start('crm-sync');
    await done(3);
    await eventually(async () => expect(await forgetLog(db, { engagementId: ENGAGEMENT, leadId: gone })).toBe(0));
    expect((await logged()).map((r) => r.key)).toEqual([other]);
  });

  it("keeps the erasure's own events when an engagement is forgotten, as proof", async () => {
    const retention = await start('retention');
    const orderId = randomUUID();
    const cleared = ErasureCleared.of({ orderId, engagementId: ENGAGEMENT, leadId: undefined });
    await database.db('retention').withScope(scopeOf(ENGAGEMENT), (tx) => retention.outbox.append(tx, cleared));
    await eventually(async () => expect(await logged('retention')).toHaveLength(1));
    expect(await forgetLog(database.db('retention'), { engagementId: ENGAGEMENT })).toBe(0);
    expect((await logged('retention')).map((r) => r.key)).toEqual([orderId]);
  });

  it('says that a service is busy until its outbox, lanes and held events are done', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((r) => (open = r));
    const script = new Script();
    const { handle } = script;
    script.handle = async (...args) => {
      await gate;
      await handle(...args);
    };
    const consumer = await start('crm-sync', script);
    const before = (await consumer.messaging.dueState()).handled;
    await append(changed(newLead(), 1));
    await eventually(async () => expect((await consumer.messaging.dueState()).busy).toBe(true));
    open();
    await done(1);
    await eventually(async () =>
      expect(await consumer.messaging.dueState()).toMatchObject({ next: null, busy: false }),
    );
    expect((await consumer.messaging.dueState()).handled).toBe(before + 1);
  });

  it('lists parked work of the engagements a person may see, and lets it be replayed or given up', async () => {
    const ids = [randomUUID(), randomUUID()];
    for (const [i, id] of ids.entries())
      await database.sql(
        `INSERT INTO crm_sync.due (id, kind, key, engagement_id, due_at, parked, failures) VALUES ($1, 'push', $2, $3, now(), true, 12)`,
        [id, `k${i}`, ENGAGEMENT],
      );
    const db = database.db('crm_sync');
    const mine = { limit: 1, engagementIds: [ENGAGEMENT] };
    await db.withScope(scopeOf(ENGAGEMENT), async (tx) => {
      const [first] = await listParked(tx, mine);
      const [second] = await listParked(tx, { ...mine, after: first!.id });
      expect([first!.id, second!.id].sort()).toEqual([...ids].sort());
      expect(first).toMatchObject({ source: 'due', type: 'push', waiting: 0 });
      expect(await listParked(tx, { limit: 9, engagementIds: [randomUUID()] })).toEqual([]);
      expect(await replayParked(tx, first!.id, [randomUUID()])).toBe(false);
      expect(await replayParked(tx, first!.id, [ENGAGEMENT])).toBe(true);
      expect(await skipParked(tx, second!.id, [ENGAGEMENT])).toMatchObject({ source: 'due', type: 'push' });
      expect(await skipParked(tx, second!.id)).toBeUndefined();
    });
    expect(await database.sql('SELECT parked, failures FROM crm_sync.due')).toEqual([{ parked: false, failures: 0 }]);
  });

  it('leaves no table that would show one engagement to another', async () => {
    expect(await catalogProblems(database.adminUrl, 'lead_intake')).toEqual([]);
  });
});
