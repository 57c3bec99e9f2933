import { afterAll, expect, it } from '@jest/globals';
import { grantSql, noEngagement, rows } from '@avtala/database';
import { testDatabase, type TestDatabase } from './test-database.js';

class Notes1700000000000 {
  async up(tx: { query(sql: string): Promise<unknown> }) {
    await tx.query(`CREATE TABLE note (id int PRIMARY KEY); ${grantSql({ app: 'select, insert' }, 'note')}`);
  }
  async down() {}
}

const open: TestDatabase[] = [];
afterAll(() => Promise.all(open.map((d) => d.close())));

it('gives each caller an empty database of its own, several services in each', async () => {
  const parts = [{ schema: 'kit_a', migrations: [Notes1700000000000] }, { schema: 'kit_b' }] as const;
  open.push(...(await Promise.all([testDatabase(...parts), testDatabase(...parts)])));
  const [first, second] = open as [TestDatabase, TestDatabase];
  await first.db('kit_a').withScope(noEngagement, (tx) => tx.query('INSERT INTO note VALUES (1)'));
  expect(await first.sql('SELECT id FROM kit_a.note')).toEqual([{ id: 1 }]);
  expect(await second.db('kit_a').withScope(noEngagement, (tx) => rows(tx, 'SELECT id FROM note'))).toEqual([]);
  expect(await second.db('kit_b').withScope(noEngagement, (tx) => rows(tx, 'SELECT current_user'))).toEqual([
    { current_user: 'kit_b_app' },
  ]);
});
