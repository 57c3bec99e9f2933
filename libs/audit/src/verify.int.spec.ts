import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from '@jest/globals';
import { Rig } from '../test/trail.js';
import { signedNote } from './checkpoint.js';
import { rootOf } from './merkle.js';
import { verifyTrail, type VerifyOptions } from './verify.js';

let rig: Rig;
const TABLES = ['audit_entry', 'audit_leaf', 'audit_block', 'audit_checkpoint'];
const ROWS = 1100;

beforeAll(async () => {
  rig = await Rig.open();
  await rig.act(4);
  await rig.sealAll();
  await rig.rollback(); // its number is told by the next entry
  await rig.act(1, ROWS - 10);
  await rig.sealAll();
  await rig.act(6);
  await rig.sealAll();
  for (const table of TABLES) {
    await rig.database.sql(`create table lead_intake.kept_${table} as table lead_intake.${table}`);
  }
});
afterAll(() => rig.close());

const sql = (text: string, values: unknown[] = []) => rig.database.sql(text.replaceAll('@', 'lead_intake.'), values);
const verify = (options: Partial<VerifyOptions> = {}) =>
  verifyTrail({
    service: 'lead-intake',
    db: rig.database.db(),
    macKey: rig.macKey,
    signingKey: rig.signing,
    witness: rig.witness,
    ...options,
  });
const problems = (found: Awaited<ReturnType<typeof verify>>) => found.findings.map((f) => [f.problem, f.row]);

it('G2: a trail nobody touched is whole, and what is not sealed yet is checked too', async () => {
  await rig.act(2);
  expect(await verify()).toMatchObject({ whole: true, upTo: ROWS, from: 0, unsealed: 2, unaccounted: 0, findings: [] });
  await sql(`delete from @audit_entry where id not in (select id from @kept_audit_entry)`);
  // The last two are gone before they were sealed and before any entry spoke of them: nobody can tell them from a crash.
  expect(await verify()).toMatchObject({ whole: true, upTo: ROWS });
});

it('a quick check goes back to a checkpoint the witness knows', async () => {
  expect(await verify({ quick: 5 })).toMatchObject({ whole: true, from: ROWS - 6, upTo: ROWS });
});

describe('what somebody changes in the database is found, and where (G2)', () => {
  afterEach(async () => {
    for (const table of TABLES) {
      const columns =
        table === 'audit_entry' ? 'id, xid, at, instance, n, canonical, subject_ref, mac, written_at' : '*';
      await sql(`delete from @${table}`);
      await sql(`insert into @${table} ${columns === '*' ? '' : `(${columns})`} select ${columns} from @kept_${table}`);
    }
  });

  const id = (row: number) => `(select entry_id from @audit_leaf where index = ${row})`;
  test.each<[string, string[], string, number | null, number]>([
    [
      'the bytes of an entry',
      [
        `update @audit_entry set canonical = convert_to(replace(convert_from(canonical, 'UTF8'), 'lead.read', 'lead.seen'), 'UTF8') where id = ${id(2)}`,
      ],
      'entry-changed',
      2,
      2,
    ],
    ['an entry is deleted', [`delete from @audit_entry where id = ${id(3)}`], 'entry-missing', 3, 3],
    [
      'two entries change their numbers',
      [`update @audit_entry set n = -n where id in (${id(0)}, ${id(1)})`],
      'entry-changed',
      0,
      0,
    ],
    [
      'the time an entry is filed under',
      [`update @audit_entry set at = at - interval '1 day' where id = ${id(1)}`],
      'columns-differ',
      1,
      1,
    ],
    [
      'the person an entry is filed under',
      [`update @audit_entry set subject_ref = gen_random_uuid() where id = ${id(5)}`],
      'columns-differ',
      5,
      5,
    ],
    ['its MAC', [`update @audit_entry set mac = sha256(mac) where id = ${id(5)}`], 'mac-wrong', 5, 5],
    ['a leaf is deleted', ['delete from @audit_leaf where index = 1050'], 'leaf-missing', 1050, 4],
    [
      'the last leaf is deleted',
      [`delete from @audit_leaf where index = ${ROWS - 1}`],
      'leaf-missing',
      ROWS - 1,
      ROWS - 6,
    ],
    [
      'two leaves swap places',
      [
        'update @audit_leaf set index = -1 where index = 1',
        'update @audit_leaf set index = 1 where index = 2',
        'update @audit_leaf set index = 2 where index = -1',
      ],
      'witness-differs',
      0,
      0,
    ],
    [
      'an entry and its leaf',
      [
        `with gone as (delete from @audit_leaf where index = 2 returning entry_id) delete from @audit_entry where id in (select entry_id from gone)`,
      ],
      'leaf-missing',
      2,
      0,
    ],
    ['a block', ['update @audit_block set hash = sha256(hash)'], 'block-differs', 0, 0],
    [
      'the root of a checkpoint',
      ['update @audit_checkpoint set root = sha256(root) where size = 4'],
      'root-differs',
      0,
      0,
    ],
    ['a checkpoint is deleted', ['delete from @audit_checkpoint where size = 4'], 'checkpoint-missing', 0, 0],
    [
      'the last checkpoint is deleted',
      [`delete from @audit_checkpoint where size = ${ROWS}`],
      'rolled-back',
      ROWS - 6,
      ROWS - 6,
    ],
    [
      'an entry is slipped in, under an old number',
      [
        'insert into @audit_entry (xid, at, instance, n, canonical, mac) select xid, at, instance, -1, canonical, mac from @audit_entry where n = 1',
      ],
      'entry-not-sealed',
      null,
      ROWS,
    ],
  ])('%s', async (_, statements, problem, row, upTo) => {
    for (const statement of statements) await sql(statement);
    const found = await verify();
    expect(found).toMatchObject({ whole: false, upTo });
    expect(problems(found)).toContainEqual([problem, row]);
  });

  test('everything after a moment is taken back, tree and signatures with it', async () => {
    await sql(`delete from @audit_checkpoint where size > 4`);
    await sql(`delete from @audit_block`);
    await sql(`delete from @audit_entry where id in (select entry_id from @audit_leaf where index >= 4)`);
    await sql(`delete from @audit_leaf where index >= 4`);
    expect(problems(await verify())).toEqual([['rolled-back', 4]]);
    expect((await verify({ witness: undefined })).whole).toBe(true); // only the witness can tell
  });

  test('an entry is changed, sealed anew and signed with another key', async () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const leaves = (await rig.leaves()).map((l) => l.hash);
    for (const size of [4, ROWS - 6, ROWS]) {
      const note = signedNote({ origin: 'avtala/audit/lead-intake', size, root: rootOf(leaves.slice(0, size)) }, other);
      await sql('update @audit_checkpoint set note = $2 where size = $1', [size, note]);
    }
    expect(problems(await verify())).toEqual([['witness-differs', 0]]);
    expect(problems(await verify({ witness: undefined }))).toEqual([['signature-wrong', 0]]);
  });

  test('an entry is removed before it is sealed', async () => {
    await rig.act(3);
    await sql(`delete from @audit_entry where n = (select max(n) - 1 from @audit_entry)`);
    await rig.act(1);
    const found = await verify();
    expect(problems(found)).toEqual([['number-missing', null]]);
    expect(found.unsealed).toBe(3);
  });
});
