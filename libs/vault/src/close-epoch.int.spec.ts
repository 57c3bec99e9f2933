import { createDecipheriv, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import type { CloseStep } from './close-epoch.js';
import { unwrap } from './kek-provider.js';
import { TestKeyStore } from '../test/key-store.js';
import { seal, unseal } from './sealed-blob.js';
import type { Vault } from './vault.js';

let store: TestKeyStore;
let vault: Vault;
let keeper: Vault;
// A key store for each test: a close costs by the keys there are.
beforeEach(async () => {
  store = await TestKeyStore.create();
  vault = await store.open();
  keeper = await store.open('keeper');
});
afterEach(() => store.close());

interface KeyRow {
  epoch: number;
  kind: string;
  subject_id: string;
  wrapped: Buffer;
}
const rowsOf = async (ids: string[]): Promise<KeyRow[]> =>
  (
    await store.admin.query<KeyRow>(
      'select epoch, kind, subject_id, wrapped from vault.data_key where subject_id = any($1)',
      [ids],
    )
  ).rows;

/** Every KEK that can still be had, by whoever holds the key files and every copy ever made of the epoch table. */
async function survivingKeks(copies: { ref: string; wrapped: Buffer | null }[]): Promise<Buffer[]> {
  const files = await readdir(store.keyDir);
  const providerKeys = await Promise.all(files.map((f) => readFile(join(store.keyDir, f))));
  return copies.flatMap(({ ref, wrapped }) =>
    providerKeys.flatMap((key) => {
      try {
        return wrapped ? [unwrap(key, `kek:${ref}`, wrapped)] : [];
      } catch {
        return [];
      }
    }),
  );
}
const epochRows = async () =>
  (await store.admin.query<{ ref: string; wrapped: Buffer | null }>('select ref, wrapped from vault.epoch')).rows;
const opensWith = (kek: Buffer, row: KeyRow): boolean => {
  try {
    unwrap(kek, `dk:${row.epoch}:${row.kind}:${row.subject_id}`, row.wrapped);
    return true;
  } catch {
    return false;
  }
};

describe('closing an epoch', () => {
  it('E3: puts an erased key beyond every old copy of the key store, and keeps the others', async () => {
    const [kept, erased] = await vault.take(2);
    const leads = [kept!, erased!].map((l) => ({ id: l.id, blob: seal(l.key, `lead:${l.id}:1`, { name: l.id }) })); // the old data backup
    const oldRows = await rowsOf([kept!.id, erased!.id]);
    const oldEpochs = await epochRows();
    await vault.destroy('lead', [erased!.id], randomUUID());

    // The control: before the close the old copy still opens both, or the test would prove nothing.
    const before = await survivingKeks(oldEpochs);
    expect(oldRows.map((row) => before.some((kek) => opensWith(kek, row)))).toEqual([true, true]);

    const closed = await keeper.closeEpoch();
    expect(closed).toMatchObject({ survivors: 999, destroyedKek: true, opened: closed.closed + 1 });
    const after = await survivingKeks([...oldEpochs, ...(await epochRows())]);
    expect(after.length).toBeGreaterThan(0);
    expect(oldRows.map((row) => after.some((kek) => opensWith(kek, row)))).toEqual([false, false]);

    // Data backup + current key store: the kept lead only.
    vault.flush();
    const keys = await vault.open(
      'lead',
      leads.map((l) => l.id),
      'restore drill',
    );
    expect([...keys.keys()]).toEqual([kept!.id]);
    expect(unseal(keys.get(kept!.id)!, `lead:${kept!.id}:1`, leads[0]!.blob)).toEqual({ name: kept!.id });
    expect(await readdir(store.keyDir)).toHaveLength(1);
  });

  it('E3: is due after its week, and not again until the next', async () => {
    expect(await keeper.closeEpochWhenDue()).toBeUndefined();
    await store.admin.query("update vault.epoch set opened_at = opened_at - interval '7 days'");
    expect(await keeper.closeEpochWhenDue()).toMatchObject({ destroyedKek: true });
    expect(await keeper.closeEpochWhenDue()).toBeUndefined();
  });

  it('carries peppers, import hash key and suppression key along, re-wrapped', async () => {
    const engagement = randomUUID();
    const person = { email: 'anna@klient.example' };
    const before = [await vault.pepper(engagement), await vault.rotatePepper(engagement)];
    const importKey = await vault.importHashKey(engagement);
    const hashes = await vault.suppressionHash(person);
    const { opened } = await keeper.closeEpoch();
    const fresh = await store.open();
    expect((await fresh.pepper(engagement, 1)).key.equals(before[0]!.key)).toBe(true);
    expect((await fresh.pepper(engagement)).key.equals(before[1]!.key)).toBe(true);
    expect((await fresh.importHashKey(engagement)).equals(importKey)).toBe(true);
    expect(await fresh.suppressionHash(person)).toEqual(hashes);
    const { rows } = await store.admin.query('select distinct epoch from vault.engagement_key');
    expect(rows).toEqual([{ epoch: opened }]);
  });

  it('loses nothing and revives nothing while others create, take, open and destroy', async () => {
    const scheduling = await store.open('scheduling');
    const made = new Map<string, Buffer>();
    const destroyed: string[] = [];
    let going = true;
    const remember = (id: string, key: { export(): Buffer }) => made.set(id, key.export());
    const workers = [
      (async () => {
        while (going) {
          const id = randomUUID();
          remember(id, await scheduling.create('host', id));
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      })(),
      (async () => {
        while (going) {
          for (const ready of await vault.take(100)) remember(ready.id, ready.key);
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      })(),
      (async () => {
        while (going) {
          const id = randomUUID();
          await scheduling.create('host', id);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
          await scheduling.destroy('host', [id], null);
          destroyed.push(id);
        }
      })(),
      (async () => {
        while (going) {
          const ids = [...made.keys()].slice(-200);
          await new Promise((resolve) => setTimeout(resolve, 5));
          vault.flush();
          for (const [id, key] of await vault.open('lead', ids, 'test'))
            expect(key.export().equals(made.get(id)!)).toBe(true);
        }
      })(),
    ];
    try {
      for (let i = 0; i < 3; i++) await keeper.closeEpoch({ batch: 500 });
    } finally {
      going = false;
      await Promise.all(workers);
    }

    expect(destroyed.length).toBeGreaterThan(5);
    expect(await rowsOf(destroyed)).toEqual([]);
    const { rows } = await store.admin.query<{ n: number; ids: number }>(
      'select count(*)::int as n, count(distinct subject_id)::int as ids from vault.data_key where subject_id = any($1)',
      [[...made.keys()]],
    );
    expect(rows).toEqual([{ n: made.size, ids: made.size }]);
    const fresh = await store.open();
    const hosts = await store.open('scheduling');
    const ids = [...made.keys()];
    for (let i = 0; i < ids.length; i += 1000) {
      const some = ids.slice(i, i + 1000);
      const opened = [...(await fresh.open('lead', some, 'test')), ...(await hosts.open('host', some, 'test'))];
      expect(opened).toHaveLength(some.length);
      for (const [id, key] of opened) expect(key.export().equals(made.get(id)!)).toBe(true);
    }
  });

  it('is done by one process at a time', async () => {
    const results = await Promise.allSettled([keeper.closeEpoch(), (await store.open('keeper')).closeEpoch()]);
    expect(results.filter((r) => r.status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    const { rows } = await store.admin.query("select count(*)::int as n from vault.epoch where state <> 'destroyed'");
    expect(rows).toEqual([{ n: 1 }]);
  });
});

describe('a close that is killed', () => {
  let lead: { id: string; key: { equals(other: never): boolean } };
  let erased: string;
  beforeEach(async () => {
    const [a, b] = await vault.take(2);
    lead = a as never;
    erased = b!.id;
  });

  test.each<[CloseStep, boolean]>([
    ['opened', false],
    ['copied', false],
    ['copied', true],
    ['engagement-keys', false],
    ['dropped', false],
    ['destroyed', false],
  ])('after the step %s is finished by the next one (erased meanwhile: %s)', async (step, erasedMeanwhile) => {
    const oldRows = await rowsOf([erased]);
    if (!erasedMeanwhile) await vault.destroy('lead', [erased], null);
    const killed = keeper.closeEpoch({
      batch: 500,
      onStep: (at) => {
        if (at === step) throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    const halfway = await rowsOf([erased]);
    const epochs = await epochRows();
    if (erasedMeanwhile) await vault.destroy('lead', [erased], null);

    await (await store.open('keeper')).closeEpoch();
    expect(await rowsOf([erased])).toEqual([]);
    const keks = await survivingKeks([...epochs, ...(await epochRows())]);
    for (const row of [...oldRows, ...halfway]) expect(keks.some((kek) => opensWith(kek, row))).toBe(false);
    vault.flush();
    expect((await vault.open('lead', [lead.id], 'test')).get(lead.id)!.equals(lead.key as never)).toBe(true);
    const { rows } = await store.admin.query("select count(*)::int as n from vault.epoch where state <> 'destroyed'");
    expect(rows).toEqual([{ n: 1 }]);
    expect(await readdir(store.keyDir)).toHaveLength(1);
  });
});

test('an unwrapped KEK is needed at all: the wrapped key alone opens nothing', async () => {
  const [ready] = await vault.take(1);
  const [row] = await rowsOf([ready!.id]);
  const decipher = createDecipheriv('aes-256-gcm', Buffer.alloc(32), row!.wrapped.subarray(0, 12), {
    authTagLength: 16,
  });
  decipher.setAuthTag(row!.wrapped.subarray(-16));
  decipher.update(row!.wrapped.subarray(12, -16));
  expect(() => decipher.final()).toThrow();
});
