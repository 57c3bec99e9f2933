import { randomUUID } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TEST_ROLE_SECRET } from '@avtala/test-kit';
import { KeyDestroyed } from './engagement-keys.js';
import { TestKeyStore } from '../test/key-store.js';
import { provisionVault } from './provision.js';
import { seal, unseal } from './sealed-blob.js';
import type { Vault } from './vault.js';

let store: TestKeyStore;
let vault: Vault;
beforeAll(async () => {
  store = await TestKeyStore.create();
  vault = await store.open();
});
afterAll(() => store.close());

const order = randomUUID();
const count = async (sql: string, values: unknown[] = []) =>
  Number((await store.admin.query<{ n: string }>(`select count(*) as n from ${sql}`, values)).rows[0]?.n);

describe('ready-made keys', () => {
  it('are given once, however many ask at the same time', async () => {
    const taken = (await Promise.all(Array.from({ length: 20 }, () => vault.take(130)))).flat();
    expect(new Set(taken.map((t) => t.id)).size).toBe(2600);
    expect(await count('vault.data_key where ready')).toBe(3000);
  });

  it('open again by their id, in another process too', async () => {
    const [taken] = await vault.take(1);
    const blob = seal(taken!.key, `lead:${taken!.id}:1`, { name: 'Åsa Ek' });
    const other = await store.open();
    const keys = await other.open('lead', [taken!.id, randomUUID()], 'test');
    expect([...keys.keys()]).toEqual([taken!.id]);
    expect(unseal(keys.get(taken!.id)!, `lead:${taken!.id}:1`, blob)).toEqual({ name: 'Åsa Ek' });
  });

  it('are dropped after six hours of real time', async () => {
    const fresh = await store.open();
    const [before] = await fresh.take(1);
    const later = Date.now() + 6 * 3_600_000;
    const now = jest.spyOn(Date, 'now').mockReturnValue(later);
    const [after] = await fresh.take(1);
    now.mockRestore();
    const made = await store.admin.query(
      'select a.made_at < b.made_at as newer from vault.data_key a, vault.data_key b where a.subject_id = $1 and b.subject_id = $2',
      [before!.id, after!.id],
    );
    expect(made.rows).toEqual([{ newer: true }]);
  });

  it('are swept after a day when no lead has them', async () => {
    const [used, unused] = await (await store.open()).take(2);
    await store.admin.query(
      "update vault.data_key set made_at = now() - interval '25 hours' where ready and subject_id = any($1)",
      [[used!.id, unused!.id]],
    );
    const asked: string[] = [];
    const deleted = await vault.sweep(async (ids) => {
      asked.push(...ids);
      return [used!.id];
    });
    expect(deleted).toBe(1);
    expect(asked.sort()).toEqual([used!.id, unused!.id].sort());
    expect(await vault.remaining('lead', [used!.id, unused!.id])).toBe(1);
    expect(await vault.sweep(() => Promise.reject(new Error('nothing is old enough')))).toBe(0);
  });
});

describe('a destroyed key', () => {
  it('E3: is gone at once, from memory too, and entered in the ledger', async () => {
    const [lead] = await vault.take(1);
    await vault.open('lead', [lead!.id], 'test');
    expect(await vault.destroy('lead', [lead!.id], order)).toBe(1);
    expect(await vault.destroy('lead', [lead!.id], order)).toBe(0);
    expect((await vault.open('lead', [lead!.id], 'test')).size).toBe(0);
    expect(await vault.remaining('lead', [lead!.id])).toBe(0);
    expect(await count('vault.destruction where subject_id = $1 and order_id = $2', [lead!.id, order])).toBe(1);
  });

  it('is not put back into memory by somebody who read it a moment before', async () => {
    const id = randomUUID();
    const connections = await store.open('crm-sync');
    await connections.create('connection', id);
    const reading = connections.open('connection', [id], 'test');
    connections.flush('connection', [id]);
    await reading;
    await (await store.open('crm-sync')).destroy('connection', [id], order);
    expect((await connections.open('connection', [id], 'test')).size).toBe(0);
  });

  it('is never made anew', async () => {
    const id = randomUUID();
    await vault.create('import', id);
    await vault.destroy('import', [id], order);
    await expect(vault.create('import', id)).rejects.toThrow(KeyDestroyed);
  });
});

describe('a key by id', () => {
  it('is the same for all who create it together', async () => {
    const id = randomUUID();
    const others = await Promise.all([store.open('scheduling'), store.open('scheduling')]);
    const keys = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => others[i % 2]!.create('host', id)));
    expect(keys.every((key) => key.equals(keys[0]!))).toBe(true);
    expect(await count('vault.data_key where subject_id = $1', [id])).toBe(1);
  });

  it('belongs to its own kind: another service neither sees nor makes nor destroys it', async () => {
    const id = randomUUID();
    await (await store.open('scheduling')).create('host', id);
    expect((await vault.open('host', [id], 'test')).size).toBe(0);
    expect(await vault.destroy('host', [], order)).toBe(0);
    await expect(vault.create('host', randomUUID())).rejects.toThrow(/row-level security/);
    await expect(vault.destroy('host', [id], order)).rejects.toThrow(/row-level security/);
    await expect((await store.open('crm-sync')).pepper(randomUUID())).rejects.toThrow(/permission denied/);
    await expect(vault.closeEpoch()).rejects.toThrow(/permission denied/);
  });
});

describe('keys of an engagement', () => {
  it('peppers rotate by version; the old one serves until it is destroyed', async () => {
    const engagement = randomUUID();
    const [first, twin] = await Promise.all([vault.pepper(engagement), vault.pepper(engagement)]);
    expect(first.version).toBe(1);
    expect(twin.key.equals(first.key)).toBe(true);
    const second = await vault.rotatePepper(engagement);
    expect(second.version).toBe(2);
    expect(second.key.equals(first.key)).toBe(false);
    expect((await vault.pepper(engagement)).version).toBe(2);
    expect((await vault.pepper(engagement, 1)).key.equals(first.key)).toBe(true);
    await vault.destroyPepper(engagement, 1);
    await expect(vault.pepper(engagement, 1)).rejects.toThrow(KeyDestroyed);
  });

  it('the import hash key stays the same, and all of them die with the engagement', async () => {
    const [engagement, other] = [randomUUID(), randomUUID()];
    const key = await vault.importHashKey(engagement);
    await vault.pepper(engagement);
    await vault.pepper(other);
    expect((await (await store.open()).importHashKey(engagement)).equals(key)).toBe(true);
    expect(await vault.destroyEngagement(engagement, order)).toBe(2);
    expect(await vault.destroyEngagement(engagement, order)).toBe(0);
    expect(await vault.remainingOfEngagement(engagement)).toBe(0);
    await expect(vault.importHashKey(engagement)).rejects.toThrow(KeyDestroyed);
    await expect(vault.pepper(engagement)).rejects.toThrow(KeyDestroyed);
    expect((await vault.pepper(other)).version).toBe(1);
  });

  it('B5: one key of suppression for every process', async () => {
    const person = { email: 'Anna+x@klient.example', phone: '070-174 06 05' };
    const [a, b] = await Promise.all([vault.suppressionHash(person), (await store.open()).suppressionHash(person)]);
    expect(a).toEqual(b);
    expect(a.map((h) => h.kind)).toEqual(['email', 'email-loose', 'phone']);
  });
});

describe('the key store', () => {
  it('can be provisioned again, and at the same time', async () => {
    const provision = () => provisionVault(store.adminUrl, TEST_ROLE_SECRET);
    const [a, b] = await Promise.all([provision(), provision()]);
    expect([a, b]).toEqual([store.urls, store.urls]);
    expect(await count("vault.epoch where state = 'open'")).toBe(1);
  });

  it('keeps its provider keys in files that only their owner reads', async () => {
    const files = await readdir(store.keyDir);
    expect(files).toHaveLength(1);
    for (const file of files) expect((await stat(join(store.keyDir, file))).mode & 0o777).toBe(0o600);
  });

  it('opens at most 1000 keys at a time', async () => {
    await expect(
      vault.open(
        'lead',
        Array.from({ length: 1001 }, () => randomUUID()),
        'test',
      ),
    ).rejects.toThrow(RangeError);
  });
});
