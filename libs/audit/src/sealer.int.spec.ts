import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { noEngagement, rows } from '@avtala/database';
import pg from 'pg';
import { Rig } from '../test/trail.js';
import { readNote } from './checkpoint.js';
import { inclusionHolds, inclusionProof, leafHash, rootOf } from './merkle.js';
import { newestCheckpoint, rangesOf } from './tree-store.js';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.open();
});
afterAll(() => rig.close());

const newest = () => rig.database.db().asWorker((tx) => newestCheckpoint(tx));
const seal = (sealer = rig.sealer()) => sealer.step();

it('G2: entries become leaves in their order, under a checkpoint the witness has too', async () => {
  await rig.act(3);
  await rig.act(1, 4);
  await rig.sealAll();
  const leaves = await rig.leaves();
  expect(leaves.map((l) => l.index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const checkpoint = (await newest())!;
  expect(checkpoint.size).toBe(7);
  expect(checkpoint.root.equals(rootOf(leaves.map((l) => l.hash)))).toBe(true);
  expect(readNote(checkpoint.note, rig.signing)).toMatchObject({ origin: 'avtala/audit/lead-intake', size: 7 });
  expect(await rig.witness.newest('avtala/audit/lead-intake')).toMatchObject({ size: 7, note: checkpoint.note });
});

it('a step with nothing to seal writes nothing', async () => {
  const before = await rig.database.sql('select count(*) from lead_intake.audit_checkpoint');
  expect(await seal()).toMatchObject({ count: 0, more: false });
  expect(await rig.database.sql('select count(*) from lead_intake.audit_checkpoint')).toEqual(before);
});

it('an entry of a transaction that commits late is sealed after those that overtook it, and not lost', async () => {
  const sealer = rig.sealer();
  let overtaken = 0;
  await rig.database.db().withScope(noEngagement, async (tx) => {
    await rig.trail.record(tx, {
      action: 'late',
      principal: { kind: 'service', service: 'agency', purpose: 'p', eventId: 'e' },
    });
    await rig.act(2);
    overtaken = (await seal(sealer)).count;
  });
  expect(overtaken).toBe(0); // nothing newer than a running transaction is sealed
  expect(await rig.sealAll(sealer)).toBe(3);
});

it('two sealers at once seal each entry once', async () => {
  await rig.act(20);
  const sealers = [rig.sealer(), rig.sealer(), rig.sealer()];
  for (let round = 0; round < 3; round++) await Promise.all(sealers.map((sealer) => seal(sealer)));
  await rig.sealAll(sealers[0]);
  const leaves = await rig.leaves();
  expect(new Set(leaves.map((l) => l.entry_id)).size).toBe(leaves.length);
  const [{ n }] = (await rig.database.sql<{ n: number }>('select count(*)::int as n from lead_intake.audit_entry')) as [
    { n: number },
  ];
  expect(leaves.length).toBe(n);
});

it('a sealer that dies in the middle leaves nothing half done, and the next goes on', async () => {
  await rig.act(5);
  const before = (await rig.leaves()).length;
  const dying = rig.sealer();
  const killed = rig.database.db().asWorker(async (tx) => {
    await (dying as unknown as { seal(t: typeof tx): Promise<unknown> }).seal(tx);
    await rig.database.sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where usename = 'lead_intake_worker' and datname = current_database() and state = 'idle in transaction'`);
    await tx.query('select 1');
  });
  await expect(killed).rejects.toThrow();
  expect((await rig.leaves()).length).toBe(before);
  expect(await rig.sealAll(dying)).toBe(5); // also the same process, whose memory was ahead
  expect((await seal()).count).toBe(0);
});

it('what was sealed while the witness was away is handed over later, checkpoint by checkpoint', async () => {
  await rig.act(1);
  await rig.sealAll(rig.sealer(null));
  await rig.act(1);
  await rig.sealAll(rig.sealer(null));
  const size = (await newest())!.size;
  await rig.sealAll();
  const seen = await rig.witness.seen('avtala/audit/lead-intake', size - 2, 10);
  expect(seen.map((s) => s.size)).toEqual([size - 1, size]);
});

describe('more than one block', () => {
  it('batches keep transactions whole, and every leaf can be proved from blocks and the leaves of one', async () => {
    for (const subjects of [1000, 1, 3000, 2500, 700]) await rig.act(1, subjects);
    const sealer = rig.sealer();
    for (let more = true; more;) more = (await seal(sealer)).more;
    const leaves = await rig.leaves();
    const checkpoint = (await newest())!;
    expect(checkpoint.size).toBe(leaves.length);
    expect(checkpoint.root.equals(rootOf(leaves.map((l) => l.hash)))).toBe(true);
    const wrong: number[] = [];
    await rig.database.db().asWorker(async (tx) => {
      for (const index of [0, 1, 1023, 1024, 4095, 4096, leaves.length - 1]) {
        const proof = await inclusionProof(index, leaves.length, rangesOf(tx));
        if (!inclusionHolds(leaves[index]!.hash, index, leaves.length, proof, checkpoint.root)) wrong.push(index);
      }
      // and as it was when there were fewer
      const earlier = await inclusionProof(5, 7, rangesOf(tx));
      const root = rootOf(leaves.slice(0, 7).map((l) => l.hash));
      if (!inclusionHolds(leaves[5]!.hash, 5, 7, earlier, root)) wrong.push(-1);
    });
    expect(wrong).toEqual([]);
  });

  it('nothing is sealed on top of a tree that was changed', async () => {
    await rig.act(1);
    await rig.database.sql(`update lead_intake.audit_block set hash = $1 where index = 1`, [
      leafHash(Buffer.from('x')),
    ]);
    await expect(seal()).rejects.toMatchObject({ code: 'audit-tree-damaged' });
  });
});

it('the app role cannot touch the tree, the worker role can only add to it, the witness takes no smaller or other tree', async () => {
  const db = rig.database.db();
  for (const table of ['audit_leaf', 'audit_block', 'audit_checkpoint']) {
    await expect(db.withScope(noEngagement, (tx) => rows(tx, `select 1 from ${table}`))).rejects.toThrow(
      'permission denied',
    );
    await expect(db.asWorker((tx) => tx.query(`delete from ${table}`))).rejects.toThrow('permission denied');
    await expect(db.asWorker((tx) => tx.query(`update ${table} set hash = hash`))).rejects.toThrow(
      /permission denied|does not exist/,
    );
  }
  const { note, ...seen } = (await rig.witness.newest('avtala/audit/lead-intake'))!;
  await expect(rig.witness.take({ ...seen, note, size: seen.size - 1, root: rootOf([]) })).rejects.toThrow(
    'audit-witness-refuses',
  );
  await expect(rig.witness.take({ ...seen, note, root: rootOf([]) })).rejects.toThrow('audit-witness-refuses');
  await rig.witness.take({ ...seen, note });
  const app = new pg.Client(rig.database.urls().app);
  await app.connect();
  await expect(app.query('select 1 from witness.checkpoint')).rejects.toThrow('does not exist');
  await app.end();
});
