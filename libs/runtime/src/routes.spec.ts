import { expect, test } from '@jest/globals';
import { ownerOf } from './routes.js';

const owners = [
  { name: 'agency', routes: ['/api/v1/engagements', '/api/auth', '/api/v1/me'] },
  { name: 'lead-intake', routes: ['/api/v1/engagements/:id/leads', '/api/v1/leads', '/internal/contacts:read'] },
];

test.each([
  ['/api/v1/engagements', 'agency'],
  ['/api/v1/engagements/7', 'agency'],
  ['/api/v1/engagements/7/notice', 'agency'],
  ['/api/v1/engagements/7/leads', 'lead-intake'],
  ['/api/v1/leads/9/outcomes', 'lead-intake'],
  ['/api/auth/sign-in/email', 'agency'],
  ['/internal/contacts:read', 'lead-intake'],
  ['/api/v1/leadsfoo', undefined],
  ['/', undefined],
])('%s belongs to %s', (path, owner) => {
  expect(ownerOf(owners, path)?.name).toBe(owner);
});
