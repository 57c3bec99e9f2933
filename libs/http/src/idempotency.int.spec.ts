import { noEngagement } from '@avtala/database';
import { testDatabase } from '@avtala/test-kit';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { idempotencyMigration } from './idempotency-migration.js';
import {
  answeredBefore,
  claimKey,
  forgetKeys,
  IdempotencyKeyInUse,
  IdempotencyKeyReused,
  pruneKeys,
  settleKey,
  type IdempotencyClaim,
} from './idempotency.js';

const database = await testDatabase({ schema: 'scheduling', migrations: [idempotencyMigration()] });
afterAll(() => database.close());
const db = database.db();

let claim: IdempotencyClaim;
beforeEach(() => {
  claim = { principal: 'user:u', route: 'POST /things', key: randomUUID(), bodyHmac: Buffer.alloc(32, 1) };
});
const within = <T>(fn: (tx: EntityManager) => Promise<T>) => db.withScope(noEngagement, fn);
const otherBody = () => ({ ...claim, bodyHmac: Buffer.alloc(32, 2) });
const resourceId = '019a0000-0000-7000-8000-000000000001';
const settled = { status: 201, resourceId };

/** A transaction that claims the key and waits to be told to end. */
async function slowFirst(end: 'commit' | 'rollback') {
  let go!: () => void;
  const told = new Promise<void>((resolve) => (go = resolve));
  let claimed!: () => void;
  const hasClaimed = new Promise<void>((resolve) => (claimed = resolve));
  const done = within(async (tx) => {
    expect(await claimKey(tx, claim)).toBeNull();
    claimed();
    await told;
    if (end === 'rollback') throw new Error('the work failed');
    await settleKey(tx, claim, settled);
  }).catch((error: Error) => error.message);
  await hasClaimed;
  return { go, done };
}

describe('idempotency keys', () => {
  it('the first does the work, a repeat gets its answer', async () => {
    await within(async (tx) => {
      expect(await answeredBefore(tx, claim)).toBeNull();
      expect(await claimKey(tx, claim)).toBeNull();
      await settleKey(tx, claim, settled);
    });
    expect(await within((tx) => claimKey(tx, claim))).toEqual(settled);
    expect(await within((tx) => answeredBefore(tx, claim))).toEqual(settled);
  });

  it('another body under the key is refused; another principal or route is another key', async () => {
    await within(async (tx) => (await claimKey(tx, claim), settleKey(tx, claim, settled)));
    await expect(within((tx) => claimKey(tx, otherBody()))).rejects.toBeInstanceOf(IdempotencyKeyReused);
    await expect(within((tx) => answeredBefore(tx, otherBody()))).rejects.toBeInstanceOf(IdempotencyKeyReused);
    for (const other of [{ principal: 'user:v' }, { route: 'POST /others' }]) {
      const found = await within(async (tx) => {
        const answer = await claimKey(tx, { ...claim, ...other });
        if (!answer) await settleKey(tx, { ...claim, ...other }, settled);
        return answer;
      });
      expect(found).toBeNull();
    }
  });

  it('a concurrent twin waits for the first and gets its answer', async () => {
    const first = await slowFirst('commit');
    const twin = within((tx) => claimKey(tx, claim));
    setTimeout(first.go, 150);
    expect(await twin).toEqual(settled);
    await first.done;
  });

  it('a twin does the work itself when the first failed', async () => {
    const first = await slowFirst('rollback');
    const twin = within(async (tx) => {
      const answer = await claimKey(tx, claim);
      await settleKey(tx, claim, settled);
      return answer;
    });
    setTimeout(first.go, 150);
    expect(await twin).toBeNull();
    expect(await first.done).toBe('the work failed');
  });

  it('a twin that waited long enough is told that the first is still at work', async () => {
    const first = await slowFirst('commit');
    await expect(within((tx) => claimKey(tx, claim, 100))).rejects.toBeInstanceOf(IdempotencyKeyInUse);
    first.go();
    await first.done;
  });

  it('never holds the body, and forgets with the lead, the engagement, and after seven days', async () => {
    const [leadId, engagementId] = [randomUUID(), randomUUID()];
    const keep = async (more: object) => {
      const c = { ...claim, key: randomUUID() };
      await within(async (tx) => (await claimKey(tx, c), settleKey(tx, c, { ...settled, ...more })));
      return c.key;
    };
    await keep({ leadId, engagementId });
    await keep({ engagementId });
    const old = await keep({});
    await database.sql(`update scheduling.idempotency set at = now() - interval '7 days 1 minute' where key = $1`, [
      old,
    ]);
    expect(await within((tx) => forgetKeys(tx, { leadId, engagementId }))).toBe(1);
    expect(await within((tx) => forgetKeys(tx, { engagementId }))).toBe(1);
    expect(await within(pruneKeys)).toBe(1);
    expect(await database.sql('select 1 from scheduling.idempotency where key = $1', [old])).toEqual([]);
  });
});
