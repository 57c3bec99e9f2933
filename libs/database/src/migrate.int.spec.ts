import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FreshDatabase } from '../test/fresh-database.js';
import { migrate } from './migrate.js';

let fresh: FreshDatabase;
beforeAll(async () => void (fresh = await FreshDatabase.create()));
afterAll(() => fresh.close());

interface Runner {
  query(sql: string): Promise<unknown>;
}
class First1700000000000 {
  async up(runner: Runner) {
    await runner.query('CREATE TABLE step (n int); SELECT pg_sleep(0.1)');
  }
  async down() {}
}
class Second1700000000001 {
  async up(runner: Runner) {
    await runner.query('INSERT INTO step VALUES (2)');
  }
  async down() {}
}
class Broken1700000000002 {
  async up(runner: Runner) {
    await runner.query('INSERT INTO step VALUES (3); SELECT 1 / 0');
  }
  async down() {}
}

const steps = async () => (await fresh.admin.query('SELECT n FROM grown.step')).rows.map((r) => r.n);

it('applies each migration once, although two processes start together', async () => {
  const urls = await fresh.service('grown');
  const all = [Second1700000000001, First1700000000000]; // the timestamp orders, not the list
  await Promise.all([migrate(urls, 'grown', all), migrate(urls, 'grown', all)]);
  await migrate(urls, 'grown', all);
  expect(await steps()).toEqual([2]);
});

it('leaves nothing of a migration that fails', async () => {
  const urls = await fresh.service('grown');
  await expect(migrate(urls, 'grown', [First1700000000000, Second1700000000001, Broken1700000000002])).rejects.toThrow(
    'division by zero',
  );
  expect(await steps()).toEqual([2]);
});
