import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { AccessOptions } from '@avtala/access';
import { authOptions } from './sign-in-library.js';

const root = new URL('../../../../package.json', import.meta.url);
const options = authOptions(
  {} as never,
  new AccessOptions('agency', 'x'.repeat(40), ['https://avtala.example']),
  {} as never,
);

it('rule 1: exact versions of the library and of what its plugins lag behind with', () => {
  const { dependencies, overrides } = JSON.parse(readFileSync(root, 'utf8'));
  expect(dependencies['better-auth']).toBe('1.7.25');
  expect(overrides).toMatchObject({
    '@better-auth/utils': '0.5.1',
    'better-call': '1.4.5',
    '@better-fetch/fetch': '1.3.3',
  });
});

it('rules 2, 4, 7, 9, 11: what is written out against the defaults', () => {
  expect(options.advanced.disableOriginCheck).toBe(false);
  expect(options.advanced.disableCSRFCheck).toBe(false);
  expect(options.plugins.map((p) => p.id)).toEqual(['two-factor']);
  expect(options.session.cookieCache).toEqual({ enabled: false });
  expect(options.session).toMatchObject({ expiresIn: 43_200, disableSessionRefresh: true });
  expect(options.emailAndPassword.disableSignUp).toBe(true);
  expect(options.telemetry).toEqual({ enabled: false });
});
