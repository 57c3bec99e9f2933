import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { FreshDatabase, migration } from '../test/fresh-database.js';
import { catalogProblems } from './catalog.js';
import type { Db, DbUrls } from './db.js';
import { partitionFunctionsSql } from './partitions.js';
import { grantSql, scopePolicySql } from './policies.js';
import { rows } from './rows.js';
import { scopeOf } from './scope.js';
import { isTransient, sqlState } from './sql-errors.js';

let fresh: FreshDatabase;
let urls: DbUrls;
let db: Db;

beforeAll(async () => {
  fresh = await FreshDatabase.create();
  urls = await fresh.service(
    'intake',
    migration(
      `CREATE TABLE lead (engagement_id uuid NOT NULL, id uuid NOT NULL, sealed bytea, PRIMARY KEY (engagement_id, id)) PARTITION BY LIST (engagement_id);
       ALTER TABLE lead ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN sealed SET STATISTICS 0;
       CREATE TABLE activity (engagement_id uuid NOT NULL, lead_id uuid NOT NULL, n bigint GENERATED ALWAYS AS IDENTITY,
         FOREIGN KEY (engagement_id, lead_id) REFERENCES lead) PARTITION BY LIST (engagement_id)`,
      scopePolicySql('lead'),
      scopePolicySql('activity'),
      grantSql({ app: 'select, insert, update, delete' }, 'lead, activity'),
      partitionFunctionsSql(['lead', 'activity']),
    ),
  );
  db = await fresh.db('intake', urls);
});
afterAll(() => fresh.close());

const open = (id: string) => db.withScope(scopeOf(id), (tx) => tx.query('SELECT open_engagement($1)', [id]));
const drop = (id: string) =>
  db.withScope(scopeOf(id), (tx) => rows<{ n: number }>(tx, 'SELECT drop_engagement($1) AS n', [id]));
const partition = (table: string, id: string) => `${table}_${id.replaceAll('-', '')}`;
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

async function takeIn(tx: EntityManager, engagement: string) {
  const id = randomUUID();
  await tx.query('INSERT INTO lead VALUES ($1, $2)', [engagement, id]);
  await tx.query('INSERT INTO activity VALUES ($1, $2)', [engagement, id]);
}

it('opens, fills and drops an engagement; a repeat of either is harmless', async () => {
  const id = randomUUID();
  await Promise.all([open(id), open(id), open(id)]);
  await db.withScope(scopeOf(id), (tx) => takeIn(tx, id));
  expect(await drop(id)).toEqual([{ n: 2 }]);
  expect(await drop(id)).toEqual([{ n: 0 }]);
  const left = await fresh.admin.query(`SELECT FROM pg_class WHERE relname LIKE '%' || $1`, [id.replaceAll('-', '')]);
  expect(left.rowCount).toBe(0);
});

it('has no place for a lead before the engagement is opened', async () => {
  const id = randomUUID();
  expect(sqlState(await failure(db.withScope(scopeOf(id), (tx) => takeIn(tx, id))))).toBe('23514');
});

it('opens and drops only what the scope names', async () => {
  const [mine, other] = [randomUUID(), randomUUID()];
  await open(other);
  for (const sql of ['SELECT open_engagement($1)', 'SELECT drop_engagement($1)']) {
    const error = await failure(db.withScope(scopeOf(mine), (tx) => tx.query(sql, [other])));
    expect(sqlState(error)).toBe('42501');
  }
  expect(await drop(other)).toEqual([{ n: 2 }]);
});

it('guards a partition by its own name, which the parent’s policy does not', async () => {
  const [mine, other] = [randomUUID(), randomUUID()];
  await Promise.all([open(mine), open(other)]);
  await db.withScope(scopeOf(other), (tx) => takeIn(tx, other));
  const name = partition('lead', other);
  const peek = () => db.withScope(scopeOf(mine), (tx) => rows(tx, `SELECT FROM ${name}`));
  expect(sqlState(await failure(peek()))).toBe('42501'); // no grant

  await fresh.admin.query(`GRANT SELECT ON intake.${name} TO intake_app`);
  expect(await peek()).toHaveLength(0); // its own policy
  expect(await catalogProblems(fresh.adminUrl, 'intake')).toEqual([`${name}: a partition has grants`]);

  await fresh.admin.query(`ALTER TABLE intake.${name} DISABLE ROW LEVEL SECURITY`);
  expect(await peek()).toHaveLength(1); // the planted mistake: what the parent alone would allow
  expect(await catalogProblems(fresh.adminUrl, 'intake')).toContain(`${name}: row-level security is not enabled`);

  await drop(other);
  expect(await catalogProblems(fresh.adminUrl, 'intake')).toEqual([]);
});

it('keeps the columns’ storage and statistics settings', async () => {
  const id = randomUUID();
  await open(id);
  const { rows: found } = await fresh.admin.query(
    `SELECT attstorage, attstattarget FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'sealed'`,
    [`intake.${partition('lead', id)}`],
  );
  expect(found).toEqual([{ attstorage: 'e', attstattarget: 0 }]);
});

it('opens beside a reader and writer of another engagement where no foreign key ties the tables', async () => {
  const loose = await fresh.service(
    'loose',
    migration(
      'CREATE TABLE lead (engagement_id uuid, id uuid) PARTITION BY LIST (engagement_id)',
      scopePolicySql('lead'),
      grantSql({ app: 'select, insert' }, 'lead'),
      partitionFunctionsSql(['lead']),
    ),
  );
  const other = await fresh.db('loose', loose);
  const opened = (id: string) => other.withScope(scopeOf(id), (tx) => tx.query('SELECT open_engagement($1)', [id]));
  const [busy, next] = [randomUUID(), randomUUID()];
  await opened(busy);
  await other.withScope(scopeOf(busy), async (tx) => {
    await tx.query('INSERT INTO lead VALUES ($1, $1)', [busy]);
    await opened(next);
  });
  expect(await catalogProblems(fresh.adminUrl, 'loose')).toEqual([]);
});

it('gives up a drop after 3 s of others’ work instead of queueing everybody behind it', async () => {
  const [busy, next] = [randomUUID(), randomUUID()];
  await open(busy);
  await open(next);
  await db.withScope(scopeOf(busy), async (tx) => {
    await takeIn(tx, busy);
    const error = await failure(drop(next));
    expect([sqlState(error), isTransient(error)]).toEqual(['55P03', true]);
  });
  expect(await drop(next)).toEqual([{ n: 2 }]);
});
