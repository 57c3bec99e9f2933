import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { FreshDatabase, migration } from '../test/fresh-database.js';
import { Db, type DbUrls } from './db.js';
import { grantSql, scopePolicySql } from './policies.js';
import { rows } from './rows.js';
import { noEngagement, NoScope, scopeOf, setScope } from './scope.js';
import { sqlState } from './sql-errors.js';

const [ours, theirs] = [randomUUID(), randomUUID()];
let fresh: FreshDatabase;
let urls: DbUrls;
let db: Db;

beforeAll(async () => {
  fresh = await FreshDatabase.create();
  urls = await fresh.service(
    'scoped',
    migration(
      'CREATE TABLE lead (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), engagement_id uuid NOT NULL)',
      scopePolicySql('lead'),
      grantSql({ app: 'select, insert, update, delete', count: 'select (id, engagement_id)' }, 'lead'),
    ),
  );
  db = await fresh.db('scoped', urls, { app: 1, worker: 1, count: 1 });
  await db.withScope(scopeOf(ours, theirs), (tx) =>
    tx.query('INSERT INTO lead (engagement_id) VALUES ($1), ($1), ($2)', [ours, theirs]),
  );
});
afterAll(() => fresh.close());

const count = async (client: pg.Client) => Number((await client.query('SELECT count(*) FROM lead')).rows[0].count);
const seen = (scope = scopeOf(ours)) => db.withScope(scope, async (tx) => (await rows(tx, 'SELECT FROM lead')).length);
const stateOf = async (work: Promise<unknown>) =>
  sqlState(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );

describe('mistakes against scopes and what comes of them (security.md §2.3)', () => {
  it('no transaction, nothing set: 0 rows', async () => {
    expect(await count(await fresh.bare(urls.app))).toBe(0);
  });

  it('an empty scope throws NoScope before anything is asked', async () => {
    await expect(db.withScope(scopeOf(), async () => 0)).rejects.toThrow(NoScope);
  });

  it('SET LOCAL outside a transaction: a warning, 0 rows', async () => {
    const client = await fresh.bare(urls.app);
    const warnings: string[] = [];
    client.on('notice', (n) => warnings.push(n.message ?? ''));
    await client.query(`SET LOCAL app.engagements = '{${ours}}'`);
    expect(await count(client)).toBe(0);
    expect(warnings).toEqual(['SET LOCAL can only be used in transaction blocks']);
  });

  it('the same connection after COMMIT: 0 rows', async () => {
    const client = await fresh.bare(urls.app);
    await client.query(`BEGIN; SELECT set_config('app.engagements', '{${ours}}', true)`);
    expect(await count(client)).toBe(2);
    await client.query('COMMIT');
    expect(await count(client)).toBe(0);
  });

  it('a setting that is not local leaks on a bare connection, and not to the next borrower of ours', async () => {
    const client = await fresh.bare(urls.app);
    await client.query(`SELECT set_config('app.engagements', '{${theirs}}', false)`);
    expect(await count(client)).toBe(1); // why lint refuses it

    const leak = `SELECT set_config('app.engagements', '{${theirs}}', false), pg_backend_pid() AS pid`;
    const pids = await db.withScope(scopeOf(ours), (tx) => rows(tx, leak));
    expect(await seen()).toBe(2);
    expect(await seen(noEngagement)).toBe(0);
    expect(await db.withScope(noEngagement, (tx) => rows(tx, 'SELECT pg_backend_pid() AS pid'))).toEqual([
      { pid: pids[0]?.['pid'] },
    ]); // it was the same connection
  });

  it('a connection is wiped after an error', async () => {
    const failed = db.withScope(scopeOf(ours), async (tx) => {
      await tx.query('SELECT pg_advisory_lock(99)'); // a thing of the session that ROLLBACK leaves
      throw new Error('work failed');
    });
    await expect(failed).rejects.toThrow('work failed');
    expect((await fresh.admin.query('SELECT pg_try_advisory_lock(99) AS free')).rows).toEqual([{ free: true }]);
  });

  it('insert into, move to, update and delete in a foreign engagement: refused or not found', async () => {
    const foreign = (sql: string) => db.withScope(scopeOf(ours), (tx) => tx.query(sql, [theirs]));
    expect(await stateOf(foreign('INSERT INTO lead (engagement_id) VALUES ($1)'))).toBe('42501');
    expect(await stateOf(foreign('UPDATE lead SET engagement_id = $1'))).toBe('42501');
    expect(await foreign('DELETE FROM lead WHERE engagement_id = $1')).toEqual([[], 0]);
  });

  it('SQL injected into a transaction can widen its scope: parametrised SQL is the first lock', async () => {
    const injected = `SELECT 1; SELECT set_config('app.engagements', '{${theirs}}', true)`;
    expect(
      await db.withScope(scopeOf(ours), async (tx) => (await tx.query(injected), rows(tx, 'SELECT FROM lead'))),
    ).toHaveLength(1);
  });

  it('an id that is not a uuid never reaches SQL', async () => {
    const hostile = `${ours}}', true); SELECT set_config('app.engagements', '{${theirs}`;
    await expect(db.withScope(scopeOf(hostile), async () => 0)).rejects.toThrow(TypeError);
    await expect(db.withScope(scopeOf(ours), (tx) => setScope(tx, [hostile]))).rejects.toThrow(TypeError);
  });
});

describe('scopes at work', () => {
  it('sees the rows of its engagements and no other', async () => {
    expect([await seen(scopeOf(ours)), await seen(scopeOf(theirs)), await seen(scopeOf(ours, theirs))]).toEqual([
      2, 1, 3,
    ]);
    expect([await seen(scopeOf(randomUUID())), await seen(noEngagement)]).toEqual([0, 0]);
  });

  it('changes within a transaction, event by event', async () => {
    const counts = await db.withScope(noEngagement, async (tx) => {
      const result = [];
      for (const ids of [[ours], [theirs], []]) {
        await setScope(tx, ids);
        result.push((await rows(tx, 'SELECT FROM lead')).length);
      }
      return result;
    });
    expect(counts).toEqual([2, 1, 0]);
  });

  it('counts across engagements through x_count, read only and only columns it was given', async () => {
    expect(await db.asCount((tx) => rows(tx, 'SELECT count(id)::int AS n FROM lead'))).toEqual([{ n: 3 }]);
    expect(await stateOf(db.asCount((tx) => tx.query('DELETE FROM lead')))).toBe('25006');
  });
});
