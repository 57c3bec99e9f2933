import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FreshDatabase, migration } from '../test/fresh-database.js';
import { byteaArray, textArray } from './binary-array.js';
import { openDb, withCommit, type Db } from './db.js';
import { grantSql } from './policies.js';
import { rows } from './rows.js';
import { noEngagement, scopeOf } from './scope.js';
import { sqlState } from './sql-errors.js';

let fresh: FreshDatabase;
let db: Db;

beforeAll(async () => {
  fresh = await FreshDatabase.create();
  const urls = await fresh.service(
    'bank',
    migration(
      'CREATE TABLE account (id int PRIMARY KEY, amount int NOT NULL)',
      grantSql({ app: 'select, insert, update, delete' }, 'account'),
    ),
  );
  db = await openDb({ schema: 'bank', urls, pool: { app: 1, worker: 1, count: 1 } });
  fresh.closing.unshift(() => db.close());
});
afterAll(() => fresh.close());

const ENGAGEMENT = '019a0000-0000-7000-8000-000000000001';
const insert = (id: number, name = 'new') => ({
  name,
  sql: 'INSERT INTO account VALUES ($1, $2)',
  parameters: [id, id],
});
const find = (id: number) => ({ sql: 'SELECT id FROM account WHERE id = $1', parameters: [id] });
const failure = (work: Promise<unknown>) => work.then(() => 'none', sqlState);
const there = async (id: number) => (await db.ask(find(id))).length === 1;

it('runs what goes with BEGIN, then the work, then what goes with COMMIT, in the scope, all or nothing', async () => {
  const setting = { sql: `SELECT current_setting('app.engagements') AS scope` };
  const answers = await db.together(scopeOf(ENGAGEMENT), [insert(1), find(1), setting], async (tx, before) => {
    withCommit(tx, insert(2));
    return [...before, await rows(tx, 'SELECT id FROM account')];
  });
  expect(answers).toEqual([[], [{ id: 1 }], [{ scope: `{${ENGAGEMENT}}` }], [{ id: 1 }]]);
  expect([await there(1), await there(2)]).toEqual([true, true]);
});

it('an error at either end undoes all, is told as it is, and leaves the connection usable', async () => {
  const early = db.together(noEngagement, [insert(10), insert(1), insert(11)], () => Promise.resolve());
  expect(await failure(early)).toBe('23505');
  const late = db.together(noEngagement, [insert(10)], (tx) => {
    withCommit(tx, insert(11), insert(1));
    return Promise.resolve();
  });
  expect(await failure(late)).toBe('23505');
  expect([await there(10), await there(11)]).toEqual([false, false]);
  // The same name, on a connection that has forgotten it.
  await db.together(noEngagement, [insert(12)], () => Promise.resolve());
  expect(await there(12)).toBe(true);
});

it('a value that cannot be written down fails alone, and the connection goes on', async () => {
  const unwritable = {
    toPostgres: () => {
      throw new Error('not a value');
    },
  };
  const failed = db.together(noEngagement, [insert(20), { sql: 'SELECT $1', parameters: [unwritable] }], () =>
    Promise.resolve(),
  );
  await expect(failed).rejects.toThrow('not a value');
  await expect(db.ask({ sql: 'SELECT $1', parameters: [unwritable] })).rejects.toThrow('not a value');
  expect(await there(20)).toBe(false);
});

it('a single question is asked anew after an error', async () => {
  const failing = { name: 'divide', sql: 'SELECT 1 / $1::int AS n', parameters: [0] };
  expect(await failure(db.ask(failing))).toBe('22012');
  expect(await db.ask({ ...failing, parameters: [1] })).toEqual([{ n: 1 }]);
});

it('arrays go over in binary as they are', async () => {
  const texts = ['a"b', 'å\\, {}', '', null, 'NULL', '🙂'];
  const bytes = [Buffer.from([0, 255]), Buffer.alloc(0)];
  const sql = 'SELECT $1::text[] AS texts, $2::bytea[] AS bytes';
  expect(await db.ask({ sql, parameters: [textArray(texts), byteaArray(bytes)] })).toEqual([{ texts, bytes }]);
});
