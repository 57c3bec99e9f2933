import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FreshDatabase, migration } from '../test/fresh-database.js';
import { type Db, openDb } from './db.js';
import { grantSql } from './policies.js';
import { rows } from './rows.js';

let fresh: FreshDatabase;
let db: Db;

beforeAll(async () => {
  fresh = await FreshDatabase.create();
  const urls = await fresh.service(
    'prepared',
    migration('CREATE TABLE thing (id int PRIMARY KEY, name text)', grantSql({ app: 'select, insert' }, 'thing')),
  );
  db = await openDb({ schema: 'prepared', urls, pool: { app: 1, worker: 1, count: 1 } });
  fresh.closing.unshift(() => db.close());
});
afterAll(() => fresh.close());

const SQL = 'SELECT * FROM thing WHERE id = $1';
const ask = () => db.pipelined('app', [], (tx) => rows(tx, SQL, [1]));
const prepared = () =>
  db.pipelined('app', [], (tx) =>
    rows(tx, 'SELECT generic_plans + custom_plans AS runs FROM pg_prepared_statements WHERE statement = $1', [SQL]),
  );

describe('a statement on pipelined connections', () => {
  it('is prepared once it came often, and answers the same', async () => {
    await ask();
    expect(await prepared()).toEqual([]);
    for (let i = 0; i < 9; i++) expect(await ask()).toEqual([]);
    expect(Number((await prepared())[0]?.['runs'])).toBeGreaterThan(1);
  });

  it('is run again when its table got another column meanwhile', async () => {
    await fresh.admin.query('ALTER TABLE prepared.thing ADD COLUMN size int');
    await db.pipelined('app', [], (tx) => tx.query('INSERT INTO thing (id) VALUES ($1)', [1]));
    expect(await ask()).toEqual([{ id: 1, name: null, size: null }]);
  });

  it('is prepared anew after an error, whose connection forgets everything', async () => {
    await expect(db.pipelined('app', [], (tx) => tx.query('SELECT 1/$1::int', [0]))).rejects.toThrow(
      'division by zero',
    );
    expect(await prepared()).toEqual([]);
    expect(await ask()).toHaveLength(1);
    expect(await prepared()).toHaveLength(1);
  });
});
