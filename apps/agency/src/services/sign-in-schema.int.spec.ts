import { afterAll, expect, it } from '@jest/globals';
import { getMigrations } from 'better-auth/db/migration';
import { AccessOptions } from '@avtala/access';
import { testDatabase } from '@avtala/test-kit';
import { agency } from '../index.js';
import { authOptions } from './sign-in-library.js';
import { SignIn } from './sign-in.js';

const database = await testDatabase({ schema: 'agency', migrations: agency.migrations });
afterAll(() => database.close());

it('our tables are what the library wants: it would create and add nothing (rule 1: run at every bump)', async () => {
  const access = new AccessOptions('agency', 'x'.repeat(40), []);
  const options = authOptions(database.db(), access, {} as never);
  const plan = await getMigrations(options);
  expect(plan.toBeCreated).toEqual([]);
  expect(plan.toBeAdded).toEqual([]);
});

it.each([
  ['https://evil.example', 403],
  ['https://avtala.example', 401],
])('rule 2: the library itself checks the origin, NODE_ENV=test or not: %s', async (origin, status) => {
  const access = new AccessOptions('agency', 'x'.repeat(40), ['https://avtala.example']);
  const library = new SignIn(database.db(), access, {} as never);
  const answer = await library.answer(
    new Request('https://avtala.example/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=b', origin },
      body: JSON.stringify({ email: 'nobody@agency.example', password: 'tulip-harbour-ledger-9' }),
    }),
  );
  expect(answer.status).toBe(status);
});
