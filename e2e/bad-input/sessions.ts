import { describe, expect, it } from '@jest/globals';
import { ServiceTokens, SESSION_COOKIE } from '@avtala/access';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createHmac, createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changesNothing, refusing } from './refused.js';
import { connection, get, post } from './requests.js';
import type { System } from './system.js';

/** Cookies and service tokens that somebody else made, or that are over. */
export function sessions(system: () => System): void {
  const refusedAs = refusing(system);
  describe('sessions and tokens', () => {
    changesNothing(system);
    const me = get('me');
    const cookie = (value: string) => ({
      who: 'nobody' as const,
      ask: { ...me, headers: { cookie: value } },
      secrets: [value],
    });
    const signed = (token: string, secret: string) =>
      `${SESSION_COOKIE}=${encodeURIComponent(`${token}.${createHmac('sha256', secret).update(token).digest('base64')}`)}`;

    it('forged, unsigned, doubled and cut sessions are none', async () => {
      const good = system().cookie('booker');
      const secret = (await readFile(join(system().dir, 'secrets', 'auth.secret'), 'utf8')).trim();
      const token = decodeURIComponent(good.split('=')[1]!).split('.')[0]!;
      for (const value of [
        `${SESSION_COOKIE}=${token}`,
        `${good.slice(0, -8)}AAAA%3D`,
        signed(token, 'another secret'),
        signed('a session that never was', secret),
        signed("' or '1'='1", secret),
        `${good}; ${system().cookie('admin')}`,
        `${SESSION_COOKIE}=%E0%A4%A`,
        `${SESSION_COOKIE}=.`,
      ])
        await refusedAs(401, 'sign-in-required', cookie(value));
      expect((await system().ask('booker', me)).status).toBe(200);
    });

    it('an expired session, and one without its second factor, end where they are', async () => {
      const id = system().userIds.outsider;
      const set = (what: string) => system().sql(`update agency.auth_session set ${what} where "userId" = $1`, [id]);
      await set('aal = 1');
      await refusedAs(403, 'second-factor-required', { who: 'outsider', ask: me });
      await set(`aal = 2, seen_at = clock_timestamp() - interval '31 minutes'`);
      await refusedAs(401, 'sign-in-required', { who: 'outsider', ask: me });
    });

    it('what needs a fresh proof is refused a quarter of an hour later', async () => {
      const age = (minutes: number) =>
        system().sql(
          `update agency.auth_session set auth_time = clock_timestamp() - make_interval(mins => $2) where "userId" = $1`,
          [system().userIds.admin, minutes],
        );
      await age(16);
      const invitation = { email: 'ny.person@agency.example', role: 'admin' };
      await refusedAs(403, 'step-up-required', {
        who: 'admin',
        ask: post('staff/invitations', invitation),
        secrets: ['ny.person'],
      });
      await refusedAs(403, 'step-up-required', {
        who: 'admin',
        ask: post('crm-connections', connection(system().own)),
      });
      await age(0);
    });

    it('service tokens: expired, too old, for another door, of another key, unsigned, altered, for another purpose', async () => {
      const key = createPrivateKey(await readFile(join(system().dir, 'secrets', 'service-token.pem')));
      const now = Math.floor(Date.now() / 1000);
      const claims = { purpose: 'booking', event: randomUUID(), iss: 'avtala', sub: 'scheduling', aud: 'lead-intake', iat: now, exp: now + 60 }; // prettier-ignore
      const token = (more: object, header: object = {}, by = key) =>
        new SignJWT({ ...claims, ...more })
          .setProtectedHeader({ alg: 'EdDSA', typ: 'avtala-service+jwt', ...header })
          .sign(by);
      const good = await token({});
      const tokens = [
        await token({ exp: now - 1, iat: now - 61 }),
        await token({ iat: now - 3600 }),
        await token({ aud: 'scheduling' }),
        await token({ iss: 'somebody' }),
        await token({ sub: 'accounting' }),
        await token({}, { typ: 'JWT' }),
        await token({}, {}, generateKeyPairSync('ed25519').privateKey),
        new UnsecuredJWT(claims).encode(),
        `${good.slice(0, -6)}AAAAAA`,
        good.split('.').slice(0, 2).join('.'),
        'hemlig',
      ];
      const read = {
        method: 'POST',
        path: '/internal/contacts:read',
        json: { ids: [system().own.lead], purpose: 'booking' },
      };
      for (const value of tokens)
        await refusedAs(401, 'sign-in-required', {
          who: 'nobody',
          ask: { ...read, headers: { authorization: `Bearer ${value}` } },
          secrets: [value],
        });
      const door = { ...read, headers: { authorization: `Bearer ${good}` } };
      await refusedAs(403, 'not-allowed', {
        who: 'nobody',
        ask: { ...door, json: { ...read.json, purpose: 'invite' } },
      });
      const ours = await new ServiceTokens('retention', key).mint('lead-intake', 'booking', randomUUID());
      await refusedAs(401, 'sign-in-required', {
        who: 'nobody',
        ask: { ...me, headers: { authorization: `Bearer ${ours}` } },
      });
      expect((await system().ask('nobody', door)).status).toBe(200);
    });
  });
}
