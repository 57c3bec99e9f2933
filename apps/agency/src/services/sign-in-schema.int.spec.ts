import { afterAll, expect, it } from '@jest/globals';
import { getMigrations } from 'better-auth/db/migration';
import { AccessOptions } from '@avtala/access';
import { testDatabase } from '@avtala/test-kit';
import { agency } from '../definition.js';
import { authOptions } from './sign-in.js';

const database = await testDatabase({ schema: 'agency', migrations: agency.migrations });
afterAll(() => database.close());

it('our tables are what the library wants: it would create and add nothing (rule 1: run at every bump)', async () => {
  const access = new AccessOptions('agency', 'x'.repeat(40), []);
  const options = authOptions(database.db(), access, {} as never);
  const plan = await getMigrations(options);
  expect(plan.toBeCreated).toEqual([]);
  expect(plan.toBeAdded).toEqual([]);
});
