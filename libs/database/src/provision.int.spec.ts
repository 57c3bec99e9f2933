import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { FreshDatabase, migration, SECRET } from '../test/fresh-database.js';
import type { DbUrls } from './db.js';
import { grantSql, scopePolicySql } from './policies.js';
import { provision } from './provision.js';
import { sqlState } from './sql-errors.js';

let fresh: FreshDatabase;
let one: DbUrls;
let two: DbUrls;

beforeAll(async () => {
  fresh = await FreshDatabase.create();
  one = await fresh.service(
    'first',
    migration(
      'CREATE TABLE lead (id uuid PRIMARY KEY, engagement_id uuid NOT NULL, sealed bytea)',
      scopePolicySql('lead'),
      grantSql({ app: 'select, insert, update, delete', count: 'select (id)' }, 'lead'),
      'CREATE TABLE log (pos int PRIMARY KEY)',
      grantSql({ worker: 'select, insert', consumers: 'select' }, 'log'),
      'CREATE FUNCTION secret() RETURNS int SECURITY DEFINER SET search_path FROM CURRENT LANGUAGE sql AS $$ SELECT 1 $$',
    ),
  );
  two = await fresh.service('second');
});
afterAll(() => fresh.close());

async function refusal(url: string, sql: string): Promise<string | undefined> {
  const client = await fresh.bare(url);
  await client.query(`SELECT set_config('app.engagements', '{${randomUUID()}}', false)`);
  return sqlState(
    await client.query(sql).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

describe('what x_app may not do (security.md §2.1)', () => {
  test.each([
    ['drop the policy', 'DROP POLICY scope ON lead', '42501'],
    ['disable row-level security', 'ALTER TABLE lead DISABLE ROW LEVEL SECURITY', '42501'],
    ['turn it off for itself', 'SET row_security = off; SELECT * FROM lead', '42501'],
    ['create a table in public', 'CREATE TABLE public.mine (id int)', '42501'],
    ['create a table in its schema', 'CREATE TABLE mine (id int)', '42501'],
    ['create a temporary table', 'CREATE TEMP TABLE mine (id int)', '42501'],
    ['create a schema', 'CREATE SCHEMA mine', '42501'],
    ['truncate', 'TRUNCATE lead', '42501'],
    ['read password hashes', 'SELECT * FROM pg_authid', '42501'],
    ['run a program', `COPY (SELECT 1) TO PROGRAM 'cat'`, '42501'],
    ['read a file', `SELECT pg_read_file('/etc/passwd')`, '42501'],
    ['become the owner', 'SET ROLE first_owner', '42501'],
    ['become the counter', 'SET ROLE first_count', '42501'],
    ['become the group it reads logs through', 'SET ROLE avtala_consumers', '42501'],
    ['call a function it was not given', 'SELECT secret()', '42501'],
    ['create a role', 'CREATE ROLE friend', '42501'],
  ])('%s', async (_, sql, state) => {
    expect(await refusal(one.app, sql)).toBe(state);
  });
});

describe('what the other roles may not do', () => {
  test.each([
    ['x_worker reads leads', () => one.worker, 'SELECT FROM lead'],
    ['x_count reads a column it was not given', () => one.count, 'SELECT sealed FROM lead'],
    ['another service reads leads', () => two.app, 'SELECT FROM first.lead'],
    ['another service writes the log', () => two.worker, 'INSERT INTO first.log VALUES (1)'],
  ])('%s', async (_, url, sql) => {
    expect(await refusal(url(), sql)).toBe('42501');
  });

  it('but every consumer reads the log', async () => {
    expect([
      await refusal(two.app, 'SELECT FROM first.log'),
      await refusal(two.worker, 'SELECT FROM first.log'),
    ]).toEqual([undefined, undefined]);
  });
});

it('needs the password made from the secret', async () => {
  const url = new URL(one.app);
  url.password = 'guess';
  await expect(fresh.bare(url.href)).rejects.toMatchObject({ code: '28P01' });
});

it('keeps strangers out of the database', async () => {
  const stranger = await FreshDatabase.create();
  try {
    const third = await stranger.service('third');
    const url = new URL(third.app);
    url.pathname = new URL(fresh.adminUrl).pathname;
    await expect(fresh.bare(url.href)).rejects.toMatchObject({ code: '42501' });
  } finally {
    await stranger.close();
  }
});

it('gives the roles their timeouts and their schema alone, pg_temp last', async () => {
  const client = await fresh.bare(one.app);
  const { rows } = await client.query(
    `SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'search_path') ORDER BY name`,
  );
  expect(rows.map((r) => r.setting)).toEqual(['15000', 'first, pg_temp', '30000']);
});

it('makes the migrator’s objects the owner’s, who cannot sign in', async () => {
  const client = await fresh.bare(one.owner);
  expect((await client.query('SELECT current_user, session_user')).rows).toEqual([
    { current_user: 'first_owner', session_user: 'first_migrator' },
  ]);
  const { rows } = await fresh.admin.query(`SELECT rolcanlogin FROM pg_roles WHERE rolname = 'first_owner'`);
  expect(rows).toEqual([{ rolcanlogin: false }]);
});

it('may be repeated, also by several at once and for several databases', async () => {
  const second = await FreshDatabase.create();
  try {
    const again = [fresh, second, fresh, second].map((f) => provision(f.adminUrl, 'first', SECRET));
    expect((await Promise.all(again))[0]).toEqual(one);
  } finally {
    await second.close();
  }
});
