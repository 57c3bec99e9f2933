import { afterAll, beforeAll, expect, it, test } from '@jest/globals';
import { FreshDatabase, migration } from '../test/fresh-database.js';
import { catalogProblems } from './catalog.js';
import { scopePolicySql } from './policies.js';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await FreshDatabase.create();
  await fresh.service(
    'watched',
    migration(
      'CREATE TABLE lead (engagement_id uuid)',
      scopePolicySql('lead'),
      'CREATE TABLE due (engagement_id uuid); CREATE TABLE setting (id int)',
    ),
  );
});
afterAll(() => fresh.close());

it('finds nothing wrong with a scoped table, a named exception and a table without engagements', async () => {
  expect(await catalogProblems(fresh.adminUrl, 'watched')).toEqual([]);
});

const BARE = 'CREATE TABLE watched.bad (engagement_id uuid); ALTER TABLE watched.bad OWNER TO watched_owner;';
const OWN = 'SET ROLE watched_owner;';

test.each([
  [
    'no policy at all',
    BARE,
    ['bad: no policy', 'bad: row-level security is not enabled', 'bad: row-level security is not forced on the owner'],
  ],
  [
    'not forced',
    'ALTER TABLE watched.lead NO FORCE ROW LEVEL SECURITY',
    ['lead: row-level security is not forced on the owner'],
  ],
  [
    'a view around the policy',
    `${OWN} CREATE VIEW watched.v AS SELECT * FROM watched.lead`,
    ['v: a view that is not security_invoker'],
  ],
  [
    'a DEFAULT partition',
    `${OWN} CREATE TABLE watched.p (id int) PARTITION BY LIST (id); CREATE TABLE watched.p_rest PARTITION OF watched.p DEFAULT`,
    ['p: has a DEFAULT partition'],
  ],
  [
    'a function with the caller’s search_path',
    `${OWN} CREATE FUNCTION watched.f() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'`,
    ['f: a SECURITY DEFINER function without its own search_path'],
  ],
  [
    'a function for everybody',
    `${OWN} CREATE FUNCTION watched.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION watched.f TO PUBLIC`,
    ['f: executable by PUBLIC'],
  ],
  ['somebody else’s table', 'CREATE TABLE watched.mine (id int)', ['mine: not owned by watched_owner']],
  [
    'a readable audit trail',
    `${OWN} CREATE TABLE watched.audit_entry (engagement_id uuid); GRANT SELECT ON watched.audit_entry TO watched_app`,
    ['audit_entry: the app role may read it without a scope'],
  ],
])('finds %s', async (_, mistake, problems) => {
  await fresh.admin.query(mistake);
  try {
    expect(await catalogProblems(fresh.adminUrl, 'watched')).toEqual(problems);
  } finally {
    await fresh.admin
      .query(`RESET ROLE; ALTER TABLE watched.lead FORCE ROW LEVEL SECURITY; DROP VIEW IF EXISTS watched.v;
      DROP TABLE IF EXISTS watched.bad, watched.p, watched.mine, watched.audit_entry; DROP FUNCTION IF EXISTS watched.f()`);
  }
});
