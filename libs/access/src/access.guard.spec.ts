import 'reflect-metadata';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it, test } from '@jest/globals';
import { AccessGuard, AccessOptions } from './access.guard.js';
import type { ApiKeys } from './api-keys.js';
import { KeyInvalid } from './errors.js';
import { Allow, AllowKey, AllowService, Public, StepUp, type WithCaller } from './decorators.js';
import { type Principal, requireEngagement, type Role, scopeOfCaller } from './principal.js';
import { ServiceTokens } from './service-tokens.js';
import type { Sessions } from './sessions.js';

const SECRET = 'a secret of the installation, 32+ characters';
const tokens = new ServiceTokens('crm-sync', generateKeyPairSync('ed25519').privateKey);
const person = (over: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  userId: 'u',
  role: 'booker',
  sessionId: 's',
  aal: 2,
  authTime: Temporal.Instant.fromEpochMilliseconds(Date.now()),
  engagementIds: [],
  ...over,
});
const cookie = `__Host-avtala=${encodeURIComponent(`t.${createHmac('sha256', SECRET).update('t').digest('base64')}`)}`;

class Routes {
  @Public() open() {}
  forgotten() {}
  @Allow('booker', 'supervisor') bookers() {}
  @Allow('booker') @StepUp() careful() {}
  @AllowService('crm-sync') door() {}
  @Allow('booker') @AllowKey('leads:write') intake() {}
  @AllowKey('imports:write') files() {}
}
@Allow('dpo')
class ForDpo {
  inherited() {}
  @Allow('admin') own() {}
}

async function pass(
  handler: () => void,
  request: { method?: string; headers?: Record<string, string> } & WithCaller = {},
  caller?: Principal,
  of: object = Routes,
): Promise<string> {
  const sessions = { principalOf: async () => caller } as unknown as Sessions;
  const options = new AccessOptions('lead-intake', SECRET, ['https://avtala.example']);
  const keys = {
    principalOf: async (key: string) => {
      if (key !== 'avt_good') throw new KeyInvalid();
      return { kind: 'key', verbs: ['leads:write'] };
    },
  } as unknown as ApiKeys;
  const guard = new AccessGuard(new Reflector(), sessions, tokens, options, keys);
  const context = {
    getType: () => 'http',
    getHandler: () => handler,
    getClass: () => of,
    switchToHttp: () => ({ getRequest: () => Object.assign(request, { method: 'GET', headers: {}, ...request }) }),
  } as unknown as ExecutionContext;
  return guard.canActivate(context).then(
    () => 'in',
    (error: { code?: string }) => error.code ?? String(error),
  );
}
const routes = Routes.prototype;
const withCookie = { headers: { cookie } };

describe('default deny', () => {
  it('lets everybody through where that was said, and nobody where nothing was', async () => {
    expect(await pass(routes.open)).toBe('in');
    expect(await pass(routes.forgotten)).toBe('sign-in-required');
    expect(await pass(routes.forgotten, withCookie, person({ role: 'admin' }))).toBe('not-allowed');
  });
  test.each<[Role, string]>([
    ['booker', 'in'],
    ['supervisor', 'in'],
    ['admin', 'not-allowed'],
    ['dpo', 'not-allowed'],
    ['client', 'not-allowed'],
  ])('%s at a route for bookers and supervisors: %s', async (role, verdict) => {
    expect(await pass(routes.bookers, withCookie, person({ role }))).toBe(verdict);
  });
  it('a route’s own word goes before its class’s', async () => {
    const { inherited, own } = ForDpo.prototype;
    expect(await pass(inherited, withCookie, person({ role: 'dpo' }), ForDpo)).toBe('in');
    expect(await pass(own, withCookie, person({ role: 'dpo' }), ForDpo)).toBe('not-allowed');
  });
  it('a session that is not there, and one without a second factor', async () => {
    expect(await pass(routes.bookers, withCookie)).toBe('sign-in-required');
    expect(await pass(routes.bookers, withCookie, person({ aal: 1 }))).toBe('second-factor-required');
  });
  it('puts the caller on the request', async () => {
    const request: WithCaller & { headers: Record<string, string> } = { headers: { cookie } };
    await pass(routes.bookers, request, person());
    expect(request.principal).toMatchObject({ userId: 'u' });
  });
});

it('rule 9: a step-up is good for 15 minutes', async () => {
  const ago = (minutes: number) => Temporal.Instant.fromEpochMilliseconds(Date.now() - minutes * 60_000);
  expect(await pass(routes.careful, withCookie, person({ authTime: ago(14) }))).toBe('in');
  expect(await pass(routes.careful, withCookie, person({ authTime: ago(16) }))).toBe('step-up-required');
});

it('a change with a cookie and from elsewhere is refused before anybody is asked who that is', async () => {
  const foreign = { method: 'POST', headers: { cookie, origin: 'https://evil.example' } };
  expect(await pass(routes.bookers, foreign, person())).toBe('foreign-origin');
  const ours = { method: 'POST', headers: { cookie, origin: 'https://avtala.example' } };
  expect(await pass(routes.bookers, ours, person())).toBe('in');
});

describe('services', () => {
  const by = async (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  it('come in by a token for us, where they are allowed', async () => {
    expect(await pass(routes.door, await by(await tokens.mint('lead-intake', 'crm', 'e')))).toBe('in');
    expect(await pass(routes.door, await by(await tokens.mint('retention', 'crm', 'e')))).toBe('sign-in-required');
    expect(await pass(routes.bookers, await by(await tokens.mint('lead-intake', 'crm', 'e')))).toBe('sign-in-required');
  });
  it('people do not come in there', async () => {
    expect(await pass(routes.door, withCookie, person({ role: 'admin' }))).toBe('not-allowed');
    expect(await pass(routes.door)).toBe('sign-in-required');
  });
});

describe('API keys', () => {
  const key = (value: string) => ({ method: 'POST', headers: { authorization: `Bearer ${value}` } });
  it('reach the routes of their verbs, from anywhere, and no other', async () => {
    expect(await pass(routes.intake, key('avt_good'))).toBe('in');
    expect(await pass(routes.intake, key('avt_other'))).toBe('key-invalid');
    expect(await pass(routes.files, key('avt_good'))).toBe('not-allowed');
    expect(await pass(routes.bookers, key('avt_good'))).toBe('not-allowed');
    expect(await pass(routes.forgotten, key('avt_good'))).toBe('not-allowed');
    expect(await pass(routes.door, key('avt_good'))).toBe('not-allowed');
  });
  it('a session beside a key changes nothing', async () => {
    const both = { method: 'POST', headers: { cookie, authorization: 'Bearer avt_good' } };
    expect(await pass(routes.bookers, both, person())).toBe('not-allowed');
  });
  it('people still come in where keys do, with all that is asked of them', async () => {
    expect(await pass(routes.intake, withCookie, person())).toBe('in');
    expect(await pass(routes.intake, { method: 'POST', headers: { cookie } }, person())).toBe('foreign-origin');
    expect(await pass(routes.files, withCookie, person())).toBe('not-allowed');
  });
});

it('an engagement that is not the caller’s reads like one that is not there', () => {
  const caller = person({ engagementIds: ['00000000-0000-4000-8000-000000000001'] });
  expect(() => requireEngagement(caller, '00000000-0000-4000-8000-000000000002')).toThrow('No such engagement');
  expect(() => scopeOfCaller(person())).toThrow('No such engagement');
  expect(scopeOfCaller(caller).engagementIds).toEqual(caller.engagementIds);
});
