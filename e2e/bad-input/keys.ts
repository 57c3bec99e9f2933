import { beforeAll, describe, expect, it, test } from '@jest/globals';
import type { Ask } from './ask.js';
import { goodAsk } from './good-asks.js';
import { changesNothing, refusing } from './refused.js';
import { apiKey, post, registration } from './requests.js';
import { ROUTES } from './routes.js';
import type { System } from './system.js';
import { idOf, unknownId } from './things.js';

const withKey = (ask: Ask, key: string): Ask => ({
  ...ask,
  headers: { ...ask.headers, authorization: `Bearer ${key}` },
});

/** Suppliers' API keys: one engagement, two verbs, a source they cannot change; and Bearers that are none. */
export function keys(system: () => System): void {
  const refusedAs = refusing(system);
  describe('API keys', () => {
    const made: Record<'leads' | 'imports' | 'revoked' | 'expired', string> = { leads: '', imports: '', revoked: '', expired: '' }; // prettier-ignore
    beforeAll(async () => {
      const path = `engagements/${system().own.engagement}/api-keys`;
      const make = async (verbs: string[]) =>
        (await system().ask('admin', post(path, apiKey({ verbs })))).body as { id: string; key: string };
      made.leads = (await make(['leads:write'])).key;
      made.imports = (await make(['imports:write'])).key;
      const [revoked, expired] = [await make(['leads:write']), await make(['leads:write'])];
      expect((await system().ask('admin', post(`${path}/${revoked.id}/revoke`, {}))).status).toBe(200);
      await system().sql(`update agency.api_key set expires_at = clock_timestamp() where key_id = $1`, [expired.id]);
      [made.revoked, made.expired] = [revoked.key, expired.key];
      await system().quiet();
    });

    describe('open what they were made for, in their own engagement', () => {
      changesNothing(system);
      test.each(ROUTES.filter((r) => !r.open).map((r) => [`${r.method} ${r.path}`, r] as const))(
        '%s',
        async (_, route) => {
          const { own, other } = system();
          const ask = goodAsk(route, own, idOf(route.path, own) ?? unknownId());
          // A key says nothing of source and ground: they are its own.
          const sent = (id: string): Ask => {
            const good = goodAsk(route, own, id);
            return good.json ? { ...good, json: { ...good.json, source: undefined, ground: undefined } } : good;
          };
          const allowed = route.key === undefined ? [] : [route.key === 'leads:write' ? made.leads : made.imports];
          for (const key of [made.leads, made.imports].filter((k) => !allowed.includes(k)))
            await refusedAs(403, 'not-allowed', { who: 'nobody', ask: withKey(ask, key), secrets: [key] });
          for (const key of allowed)
            for (const id of [idOf(route.path, other)!, unknownId()])
              await refusedAs(404, 'not-found', { who: 'nobody', ask: withKey(sent(id), key) });
        },
      );
    });

    describe('are nothing', () => {
      changesNothing(system);
      const lead = (more = {}) => post(`engagements/${system().own.engagement}/leads`, registration(more));

      it('revoked, expired, cut, altered, made up; whatever cookie goes with them', async () => {
        const good = made.leads;
        const bad = [
          ...[made.revoked, made.expired, good.slice(0, -1), `${good}A`, good.toLowerCase(), 'avt_', 'avt_x_y'],
          ...[`avt_aaaaaaaa_${'b'.repeat(43)}`, `avt_aaaaaaaa_${"'".repeat(43)}`, `avt_${'9'.repeat(5000)}`],
        ];
        for (const key of bad)
          for (const who of ['nobody', 'supervisor'] as const)
            await refusedAs(401, 'key-invalid', {
              who,
              ask: withKey(lead(), key),
              secrets: key.length > 40 ? [key] : [],
            });
      });

      it('Bearers that are no keys, and other schemes, open nothing', async () => {
        for (const authorization of [
          'Bearer',
          'Bearer ',
          'Bearer x',
          'Bearer null',
          'Bearer e30.e30.e30',
          `Bearer ${'x'.repeat(6000)}`, // prettier-ignore
          'Bearer ../../etc/passwd',
          `Basic ${Buffer.from('admin:admin').toString('base64')}`,
          'Negotiate AAAA',
          `Bearer  ${made.leads} x`,
        ])
          // prettier-ignore
          await refusedAs(401, 'sign-in-required', {
            who: 'nobody',
            ask: { ...lead(), headers: { authorization } },
          });
      });

      it('cannot say another source, supplier or ground than their own', async () => {
        const own = { source: undefined, ground: undefined };
        for (const more of [{ source: 'Trade register' }, { supplier: 'Hemliga AB' }, { ground: 'consent' }]) {
          const ask = withKey(lead({ ...own, ...more }), made.leads);
          await refusedAs(422, 'provenance-fixed', { who: 'nobody', ask, secrets: ['Hemliga AB'] });
        }
      });
    });
  });
}
