import { describe, expect, it, test } from '@jest/globals';
import { allowedOn, bodiesOf, fieldOf, fieldsOf, goodAsk, hasBody, withField } from './good-asks.js';
import { changesNothing, expectProblem, refusing } from './refused.js';
import type { Json } from './requests.js';
import { ROUTES } from './routes.js';
import type { System } from './system.js';
import { idOf, unknownId } from './things.js';

/** POSTs that only read, since what they say may not stand in a URL: they take no Idempotency-Key. */
const READS = [
  '/api/v1/leads/search',
  '/api/v1/leads/:id/unmask',
  '/api/v1/imports/:id/dry-run',
  '/api/v1/calling/reservation', // keeps a lead ready for seconds; asked again it is the same one
  '/api/v1/suppressions/check',
];

/** Names of parameters that some list knows, each with values that none takes. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  limit: ['-1', '0', '1e9', 'NaN', '1;drop', '%00'],
  after: ['../..', "'%20or%201=1", '%F0%9F', 'x'.repeat(300)],
  engagementId: ['17', '%00', 'null'],
  connectionId: ['*'],
  state: ['x', '__proto__'],
  cause: ['constructor'],
  sort: ['name'],
  noticeBefore: ['yesterday', '2026-02-30'],
  callable: ['perhaps'],
  lead: ['17'],
  act: ['%C3%85'],
  from: ['x'],
  to: ['+999999-01-01'],
  order: ['name'], // a parameter nobody knows
};

/** What each route owes whatever it does: found by its decorators, so that a new one is asked without being named here. */
export function everyRoute(system: () => System): void {
  const refusedAs = refusing(system);
  const closed = ROUTES.filter((r) => !r.open && !r.forServices);
  const named = (routes: typeof ROUTES) => routes.map((r) => [`${r.method} ${r.path}`, r] as const);
  const taking = closed.filter((r) => r.body);

  it('every route that takes a body has one to be tested with', () => {
    expect(taking.filter((r) => !hasBody(r)).map((r) => `${r.method} ${r.path}`)).toEqual([]);
    expect(taking.length).toBeGreaterThan(40);
  });

  describe('a POST without an Idempotency-Key', () => {
    changesNothing(system);
    const posts = closed.filter((r) => r.method === 'POST' && !READS.includes(r.path));
    test.each(named(posts))('%s', async (_, route) => {
      const ask = goodAsk(route, system().own, idOf(route.path, system().own) ?? unknownId());
      for (const key of [undefined, '', 'a b', 'å', 'k'.repeat(201)]) {
        const headers = { ...ask.headers, 'idempotency-key': key && Buffer.from(key).toString('latin1') };
        await refusedAs(400, 'idempotency-key-missing', { who: allowedOn(route), ask: { ...ask, headers } });
      }
    });
  });

  describe('bodies that are none', () => {
    changesNothing(system);
    test.each(named(taking))('%s', async (_, route) => {
      const who = allowedOn(route);
      const ask = goodAsk(route, system().own, idOf(route.path, system().own) ?? unknownId());
      const json = bodiesOf(route, system().own)[0]!;
      const text = JSON.stringify(json).slice(1);
      const secret = 'Hemlig-Okänd';
      const unusable = [
        `{"__proto__":{"role":"${secret}"}${text === '}' ? '' : ','}${text}`,
        `{"toString":"${secret}",${text}`,
        `{"a":"${secret}\\u0000",${text}`,
        `{"a":"${secret}\\ud83d",${text}`,
        `{"a":${'['.repeat(30)}${']'.repeat(30)},${text}`,
      ];
      for (const raw of unusable)
        await refusedAs(400, 'json-unusable', { who, ask: { ...ask, raw }, secrets: [secret] });
      const unknown = { ...ask, json: { ...json, okäntFält: secret } };
      await refusedAs(400, 'request-invalid', { who, ask: unknown, secrets: [secret] });
      await refusedAs(400, 'request-invalid', { who, ask: { ...ask, json: [json] } });
      await refusedAs(400, 'json-invalid', { who, ask: { ...ask, raw: `{"a":"${secret}"` }, secrets: [secret] });
      for (const body of bodiesOf(route, system().own)) await huge(route, body);
    });

    /** A text of 50 kB in each field that is a text, alone and in lists: no field is without an end. */
    async function huge(route: (typeof ROUTES)[number], json: Json): Promise<void> {
      const ask = goodAsk(route, system().own, idOf(route.path, system().own) ?? unknownId());
      const value = 'Hemlig-Stor '.repeat(4_000);
      for (const field of fieldsOf(json)) {
        const now = fieldOf(json, field);
        const huge = typeof now === 'string' || now === null ? value : Array.isArray(now) ? [value] : undefined;
        if (huge === undefined) continue;
        const answer = await system().ask(allowedOn(route), { ...ask, json: withField(json, field, huge) });
        expect([field.join('.'), [400, 413, 422].includes(answer.status) ? '' : answer.status]).toEqual([field.join('.'), '']); // prettier-ignore
        expectProblem(answer, ['Hemlig-Stor']);
      }
    }
  });

  describe('parameters that are none', () => {
    changesNothing(system);
    test.each(named(closed.filter((r) => r.method === 'GET')))('%s', async (_, route) => {
      const who = allowedOn(route);
      const [path] = goodAsk(route, system().own, unknownId()).path.split('?') as [string];
      const get = (query: string) => ({ method: 'GET', path: `${path}?${query}` });
      for (const query of ['__proto__=1', 'constructor[prototype]=1&toString=1'])
        await refusedAs(400, 'json-unusable', { who, ask: get(query) });
      if (!route.query) return;
      for (const [name, values] of Object.entries(QUERIES))
        for (const value of values) {
          const answer = await system().ask(who, get(`${name}=${value}`));
          // A list may go on after any text: then it is the id that is not there.
          const right = name === 'after' ? [400, 404] : [400];
          expect([`${name}=${value}`, right.includes(answer.status) ? '' : answer.status]).toEqual([`${name}=${value}`, '']); // prettier-ignore
          expectProblem(answer);
        }
      await refusedAs(400, 'request-invalid', { who, ask: get('limit=1&limit=2') });
    });
  });
}
