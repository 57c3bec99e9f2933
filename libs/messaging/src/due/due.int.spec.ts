import { RetryLater } from '@avtala/contracts';
import { scopeOf } from '@avtala/database';
import { FixedClock } from '@avtala/time';
import { eventually, testDatabase, type TestDatabase } from '@avtala/test-kit';
import { Injectable } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ENGAGEMENT } from '../../test/events.js';
import { runService, type RunningService } from '../../test/running-service.js';
import { messagingMigration } from '../messaging-migration.js';
import type { NewDue } from './due.js';
import { Due, LeaseLost } from './due.js';
import { DueWork, SomeFailed, type DueItem } from './due-work.js';

class Script {
  push: (items: DueItem[]) => Promise<void> = async () => undefined;
}

@Injectable()
class PushTimer {
  constructor(private readonly script: Script) {}

  @DueWork('push', { batch: 5, concurrency: 2 })
  async push(items: DueItem[]): Promise<void> {
    await this.script.push(items);
  }
}

const NOW = '2027-03-01T09:00:00Z';
const at = (iso: string) => Temporal.Instant.from(iso);

describe('due work', () => {
  let database: TestDatabase;
  let clock: FixedClock;
  let script: Script;
  let running: RunningService[];
  const start = async () => {
    const service = await runService({
      service: 'crm-sync',
      transport: 'postgres',
      db: database.db(),
      clock,
      providers: [PushTimer, { provide: Script, useValue: script }],
    });
    running.push(service);
    return service;
  };
  const inTx = <T>(fn: Parameters<ReturnType<TestDatabase['db']>['withScope']>[1]) =>
    database.db().withScope(scopeOf(ENGAGEMENT), fn) as Promise<T>;
  const schedule = (due: Due, key: string, more: Partial<NewDue> = {}, opts?: { replace?: boolean }) =>
    inTx((tx) => due.schedule(tx, { kind: 'push', key, engagementId: ENGAGEMENT, dueAt: at(NOW), ...more }, opts));
  const rows = () =>
    database.sql<{
      key: string;
      due_at: Date;
      parked: boolean;
      tries: number;
      failures: number;
      error: string;
      waits: boolean;
    }>('SELECT *, not_before > now() AS waits FROM crm_sync.due ORDER BY key');
  const doneBy = (service: () => RunningService) => async (items: DueItem[]) => {
    for (const item of items) await inTx((tx) => service().due.done(tx, item));
  };

  beforeAll(async () => {
    database = await testDatabase({ schema: 'crm_sync', migrations: [messagingMigration('crm_sync')] });
  });
  beforeEach(async () => {
    await database.sql('TRUNCATE crm_sync.due');
    clock = new FixedClock(NOW);
    script = new Script();
    running = [];
  });
  afterEach(() => Promise.all(running.map((r) => r.stop())));
  afterAll(() => database.close());

  it('is done when its time has come on the business clock, not before, and is gone then', async () => {
    const seen: DueItem[] = [];
    const service = await start();
    script.push = async (items) => {
      seen.push(...items);
      await doneBy(() => service)(items);
    };
    const leadId = randomUUID();
    await schedule(service.due, 'a', { leadId, payload: { bookingId: 'b1' } });
    await schedule(service.due, 'b', { dueAt: at('2028-03-01T09:00:00Z') });
    await eventually(async () => expect(await rows()).toMatchObject([{ key: 'b' }]));
    expect(seen).toMatchObject([
      { key: 'a', engagementId: ENGAGEMENT, leadId, payload: { bookingId: 'b1' }, attempts: 0 },
    ]);
    expect((await service.messaging.dueState()).next).toEqual(at('2028-03-01T09:00:00Z'));

    clock.set('2028-03-01T09:00:00Z');
    await eventually(async () => expect(await rows()).toEqual([]));
    await eventually(async () => expect(await service.messaging.dueState()).toMatchObject({ next: null, busy: false }));
  });

  it('is done by one of two processes', async () => {
    const keys: string[] = [];
    const [one] = [await start(), await start()];
    script.push = async (items) => {
      keys.push(...items.map((i) => i.key));
      await doneBy(() => one)(items);
    };
    const all = Array.from({ length: 100 }, (_, i) => `k${i}`);
    await inTx(async (tx) => {
      for (const key of all)
        await one.due.schedule(tx, { kind: 'push', key, engagementId: ENGAGEMENT, dueAt: at(NOW) });
    });
    await eventually(async () => expect(await rows()).toEqual([]), 20_000);
    expect(keys.sort()).toEqual(all.sort());
  });

  it('keeps the earlier of two times under one key, unless it is to be replaced', async () => {
    const due = new Due({ ring: () => undefined, sleep: async () => undefined } as never);
    const times = ['2027-06-01T00:00:00Z', '2027-05-01T00:00:00Z', '2027-07-01T00:00:00Z'];
    for (const time of times) await schedule(due, 'a', { dueAt: at(time) });
    expect(await rows()).toMatchObject([{ due_at: new Date(times[1]!) }]);
    await schedule(due, 'a', { dueAt: at(times[2]!) }, { replace: true });
    expect(await rows()).toMatchObject([{ due_at: new Date(times[2]!) }]);
  });

  it('waits after a failure on real time, as long as the other side asks', async () => {
    let calls = 0;
    const service = await start();
    script.push = async () => {
      calls += 1;
      throw new RetryLater('rate-limit', 120_000);
    };
    await schedule(service.due, 'a');
    await eventually(async () =>
      expect(await rows()).toMatchObject([{ tries: 1, failures: 0, error: 'rate-limit', waits: true }]),
    );
    const [wait] = await database.sql<{ s: number }>(
      'SELECT extract(epoch FROM not_before - now())::float8 AS s FROM crm_sync.due',
    );
    expect(wait!.s).toBeGreaterThan(110);
    expect((await service.messaging.dueState()).busy).toBe(true);
    expect(calls).toBe(1);
  });

  it('is parked after twelve failures of its own, and then keeps no clock waiting', async () => {
    const service = await start();
    script.push = async () => {
      throw new TypeError('a bug');
    };
    await schedule(service.due, 'a');
    await eventually(async () => {
      await database.sql(`UPDATE crm_sync.due SET not_before = '-infinity'`);
      expect(await rows()).toMatchObject([{ parked: true, failures: 12, error: 'error:TypeError' }]);
    }, 20_000);
    await eventually(async () => expect(await service.messaging.dueState()).toMatchObject({ next: null, busy: false }));
  });

  it('that is parked and gets new work is taken up again, from the start', async () => {
    const service = await start();
    const tried: boolean[] = [];
    await database.sql(
      `INSERT INTO crm_sync.due (kind, key, engagement_id, due_at, tries, failures, parked, error, not_before)
       VALUES ('push', 'a', $1, $2, 12, 12, true, 'error:TypeError', now() + interval '1 hour')`,
      [ENGAGEMENT, NOW],
    );
    script.push = async (items) => {
      tried.push(...items.map((i) => i.lastTry === true && i.attempts > 0));
      await doneBy(() => service)(items);
    };
    await schedule(service.due, 'a');
    await eventually(async () => expect(await rows()).toEqual([]));
    expect(tried).toEqual([false]);
  });

  it('that waits for its backoff goes on waiting when it gets new work, unless somebody is eager', async () => {
    const service = await start();
    script.push = doneBy(() => service);
    await database.sql(
      `INSERT INTO crm_sync.due (kind, key, engagement_id, due_at, tries, failures, not_before) VALUES ('push', 'a', $1, $2, 3, 2, now() + interval '1 hour')`,
      [ENGAGEMENT, NOW],
    );
    await schedule(service.due, 'a');
    expect(await rows()).toMatchObject([{ tries: 3, failures: 2, waits: true }]);
    await inTx((tx) =>
      service.due.schedule(tx, { kind: 'push', key: 'a', engagementId: ENGAGEMENT, dueAt: at(NOW) }, { eager: true }),
    );
    await eventually(async () => expect(await rows()).toEqual([]));
  });

  it('left undone, or failed for some of a batch, is tried again for these only', async () => {
    const service = await start();
    script.push = async (items) => {
      const good = items.filter((i) => i.key.startsWith('good'));
      await doneBy(() => service)(good);
      const bad = items.filter((i) => i.key === 'bad');
      if (bad.length) throw new SomeFailed(bad.map((item) => ({ item, error: new RetryLater('away', 60_000) })));
    };
    await inTx(async (tx) => {
      for (const key of ['bad', 'good1', 'good2', 'undone'])
        await service.due.schedule(tx, { kind: 'push', key, engagementId: ENGAGEMENT, dueAt: at(NOW) });
    });
    await eventually(async () =>
      expect(await rows()).toMatchObject([
        { key: 'bad', error: 'away', failures: 0 },
        { key: 'undone', error: 'error:LeftUndone' },
      ]),
    );
  });

  it('of a holder that died is taken over when the lease runs out, and the late effect is refused', async () => {
    const claims: DueItem[] = [];
    const service = await start();
    let first = true;
    let late: Promise<void> | undefined;
    script.push = async (items) => {
      claims.push(...items);
      if (first) {
        first = false;
        await database.sql(`UPDATE crm_sync.due SET lease_until = now() - interval '1 second'`); // as if it took too long
        await eventually(() => claims.length === 2);
        late = inTx((tx) => service.due.done(tx, items[0]!));
        await late;
      } else await doneBy(() => service)(items);
    };
    await schedule(service.due, 'a');
    await eventually(async () => expect(await rows()).toEqual([]));
    await eventually(() => late !== undefined);
    await expect(late).rejects.toBeInstanceOf(LeaseLost);
    expect(claims[0]!.lease).not.toBe(claims[1]!.lease);
  });

  it('stays claimed while its method takes longer than a lease', async () => {
    const service = await start();
    let calls = 0;
    script.push = async (items) => {
      calls += 1;
      await database.sql(`UPDATE crm_sync.due SET lease_until = now() + interval '6 seconds'`); // as if ten seconds had passed
      await delay(8_000);
      await doneBy(() => service)(items);
    };
    await schedule(service.due, 'a');
    await eventually(async () => expect(await rows()).toEqual([]), 30_000);
    expect(calls).toBe(1);
  });

  it('is called off before it begins, and not tried again when it was at work', async () => {
    const service = await start();
    let end: () => void = () => undefined;
    const leadId = randomUUID();
    script.push = async () => {
      await new Promise<void>((r) => (end = r));
      throw new RetryLater('away');
    };
    await schedule(service.due, 'at-work', { leadId });
    await eventually(() => inTx<number>((tx) => service.due.leased(tx, { leadId })).then((n) => n === 1));
    await schedule(service.due, 'later', { leadId, dueAt: at('2028-01-01T00:00:00Z') });
    await inTx((tx) =>
      service.due.schedule(tx, {
        kind: 'settle',
        key: 's',
        engagementId: ENGAGEMENT,
        leadId,
        dueAt: at('2028-01-01T00:00:00Z'),
      }),
    );

    expect(await inTx((tx) => service.due.cancel(tx, { leadId, except: ['settle'] }))).toBe(2);
    expect((await rows()).map((r) => r.key)).toEqual(['at-work', 's']);
    end();
    await eventually(async () => expect((await rows()).map((r) => r.key)).toEqual(['s']));
    await expect(inTx((tx) => service.due.cancel(tx, {}))).rejects.toBeInstanceOf(TypeError);
  });

  it('that repeats is one row that is due again', async () => {
    const service = await start();
    script.push = async (items) => {
      for (const item of items)
        await inTx((tx) => service.due.again(tx, item, { dueAt: item.dueAt.add({ hours: 24 }) }));
    };
    await schedule(service.due, 'daily', { background: true });
    await eventually(async () =>
      expect(await rows()).toMatchObject([{ due_at: new Date('2027-03-02T09:00:00Z'), tries: 0 }]),
    );
    expect(await service.messaging.dueState()).toMatchObject({ next: null, busy: false });
  });
});
