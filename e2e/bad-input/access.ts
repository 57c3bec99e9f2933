import { describe, expect, it, test } from '@jest/globals';
import { changesNothing, refusing } from './refused.js';
import { allowedOn, goodAsk } from './good-asks.js';
import { keptFrom, ROUTES } from './routes.js';
import type { System } from './system.js';
import { idOf, unknownId } from './things.js';
import { FOREIGN } from './table-of-vendors.js';

/** Ids of others, roles, origins: what the guard and the scopes owe on every route there is. */
export function access(system: () => System): void {
  const refusedAs = refusing(system);
  describe('ids of another engagement are answered like ids of nothing', () => {
    changesNothing(system);
    const withId = ROUTES.filter((r) => r.path.includes(':id') && !r.open && !r.path.includes('/audit/'));
    it('there are such routes', () => expect(withId.length).toBeGreaterThan(60));

    test.each(withId.map((r) => [`${r.method} ${r.path}`, r] as const))('%s', async (_, route) => {
      const who = allowedOn(route);
      const other = idOf(route.path, system().other);
      const ask = (id: string) => goodAsk(route, system().own, id);
      const nothing = await refusedAs(404, 'not-found', { who, ask: ask(unknownId()) });
      const noId = await refusedAs(404, 'not-found', { who, ask: ask('17') });
      expect(noId.status).toBe(404);
      if (!other || who === 'admin' || who === 'dpo') return; // admin and dpo see every engagement
      const theirs = await refusedAs(404, 'not-found', { who, ask: ask(other) });
      expect(theirs.body).toEqual(nothing.body);
    });

    test.each(FOREIGN)('%s', async (_, make) => {
      const nothing = await refusedAs(
        404,
        'not-found',
        make(system(), () => unknownId()),
      );
      const theirs = await refusedAs(
        404,
        'not-found',
        make(system(), (kind) => system().other[kind]),
      );
      expect(theirs.body).toEqual(nothing.body);
    });
  });

  it('looking for an entry of the audit trail that is not there is written down, and answered like an id of nothing', async () => {
    const before = await system().counts();
    for (const route of ROUTES.filter((r) => r.path.includes('/audit/:id')))
      for (const id of [unknownId(), '17'])
        await refusedAs(404, 'not-found', { who: 'dpo', ask: goodAsk(route, system().own, id) });
    const after = await system().counts();
    const grown = Object.keys(after).filter((table) => after[table] !== before[table]);
    expect(grown.map((table) => table.split('.')[1])).toEqual(Array(5).fill('audit_entry'));
  });

  describe('who may do what', () => {
    changesNothing(system);
    const closed = ROUTES.filter((r) => !r.open);
    test.each(closed.map((r) => [`${r.method} ${r.path}`, r] as const))('%s', async (_, route) => {
      const ask = goodAsk(route, system().own, idOf(route.path, system().own) ?? unknownId());
      await refusedAs(401, 'sign-in-required', { who: 'nobody', ask });
      for (const role of keptFrom(route)) await refusedAs(403, 'not-allowed', { who: role, ask });
      if (route.method === 'GET' || route.forServices) return;
      for (const origin of ['https://evil.example', 'null', undefined])
        await refusedAs(403, 'foreign-origin', {
          who: allowedOn(route),
          ask: { ...ask, headers: { ...ask.headers, origin } },
        });
    });
  });
}
