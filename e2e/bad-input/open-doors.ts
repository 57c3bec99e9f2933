import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import type { Ask } from './ask.js';
import { changesNothing, expectProblem, refusing } from './refused.js';
import { caldav, PAGE, post, webForm } from './requests.js';
import type { System } from './system.js';
import { unknownId } from './things.js';

/** Doors without a session: vendors', visitors' and supposed staff's. And the ones that lead out: hosts' calendar servers. */
export function openDoors(system: () => System): void {
  const refusedAs = refusing(system);

  describe('webhooks', () => {
    changesNothing(system);
    const path = '/api/v1/webhooks/hubspot';
    const now = () => Date.now();
    const EVENTS = JSON.stringify([{ portalId: 1002, eventId: 1, objectId: 7, subscriptionType: 'contact.privacyDeletion' }]); // prettier-ignore
    const sign = (raw: string | Uint8Array, at: number, secret = 'sandbox', method = 'POST') =>
      createHmac('sha256', secret).update(`${method}${system().url}${path}`).update(raw).update(String(at)).digest('base64'); // prettier-ignore
    const told = (raw: string | Uint8Array, at: number | string, signature: string): Ask => ({
      method: 'POST',
      path,
      raw,
      headers: {
        ...{ origin: undefined, 'idempotency-key': undefined },
        ...{ 'x-hubspot-request-timestamp': String(at), 'x-hubspot-signature-v3': signature },
      },
    });

    it('unsigned, signed by others, for another address, too old, too new, altered: refused alike', async () => {
      const at = now();
      const [old, early] = [at - 6 * 60_000, at + 6 * 60_000];
      const good = sign(EVENTS, at);
      const asks = [
        { method: 'POST', path, raw: EVENTS },
        told(EVENTS, at, ''),
        told(EVENTS, at, 'hemlig'),
        told(EVENTS, at, sign(EVENTS, at, 'another secret')),
        told(EVENTS, at, sign(EVENTS, at, '')),
        told(EVENTS, at, sign(EVENTS, at, 'sandbox', 'GET')),
        told(EVENTS, old, sign(EVENTS, old)),
        told(EVENTS, early, sign(EVENTS, early)),
        told(EVENTS, at + 1, good),
        told(EVENTS, `${at}.0`, good),
        told(EVENTS, -at, sign(EVENTS, -at)),
        told(`${EVENTS} `, at, good),
        { ...told(EVENTS, at, good), path: `${path}?x=1` },
      ];
      for (const ask of asks) {
        const { body } = await refusedAs(401, 'webhook-refused', { who: 'nobody', ask });
        expect(body['detail']).toBe('Not accepted');
      }
      // Who is signed in here is no vendor either.
      await refusedAs(401, 'webhook-refused', { who: 'admin', ask: { method: 'POST', path, raw: EVENTS } });
    });

    test.each<[string, () => string | Uint8Array]>([
      ['nothing', () => ''],
      ['no JSON', () => '[{"portalId": 1002'],
      ['no list', () => '{"portalId":1002}'],
      ['null', () => 'null'],
      ['a hundred and one', () => JSON.stringify(Array(101).fill({}))],
      ['bytes', () => Buffer.from([0xff, 0xfe, 0, 0xd8])],
      ['100,000 levels', () => '['.repeat(100_000)],
    ])('well signed, and %s', async (_, make) => {
      const [raw, at] = [make(), now()];
      await refusedAs(401, 'webhook-refused', { who: 'nobody', ask: told(raw, at, sign(raw, at)) });
    });

    test.each([
      ['nobody', [null, 1, 'x', [], {}]],
      ['accounts that are none', [{ portalId: '1; drop', objectId: 7, subscriptionType: 'contact.deletion' }, { portalId: -1, objectId: 7, subscriptionType: 'contact.deletion' }]], // prettier-ignore
      ['another account', [{ portalId: 987654321, objectId: 7, subscriptionType: 'contact.deletion' }]],
      ['records that are none', [{ portalId: 1002, objectId: { a: 1 }, subscriptionType: 'contact.deletion' }]],
      ['merges of nothing', [{ portalId: 1002, mergedObjectIds: 'x', subscriptionType: 'contact.merge' }]],
      ['keys of every object', [{ portalId: 1002, objectId: 7, subscriptionType: '__proto__' }]],
    ])('well signed, about %s: taken, and nothing comes of it', async (_, events) => {
      const raw = JSON.stringify(events);
      const at = now();
      expect((await system().ask('nobody', told(raw, at, sign(raw, at)))).status).toBe(204);
    });

    it('of more than 1 MiB', async () => {
      const raw = `[${' '.repeat(1_100_000)}]`;
      const answer = await system().ask('nobody', told(raw, now(), 'x'));
      expect([answer.status, answer.body['code']]).toEqual([413, 'too-large']);
    });
  });

  describe('forms on clients’ sites (C7)', () => {
    let form: string;
    let token: string;
    // One network is heard ten times an hour, and all of this is one.
    const fetched = async () => {
      const ask = { method: 'GET', path: `/api/v1/public/forms/${form}`, headers: { origin: PAGE } };
      token = (await system().ask('nobody', ask)).body['token'] as string;
    };
    const forget = () => system().sql('delete from lead_intake.form_use');
    beforeAll(async () => {
      form = (await system().ask('supervisor', post(`engagements/${system().own.engagement}/forms`, webForm()))).body['id'] as string; // prettier-ignore
      await fetched();
      await system().quiet();
    });
    afterAll(forget);
    const PERSON = { name: 'Formulär Hemligsson', email: 'formular.hemlig@bolag.example' };
    const sent = (fields: object, more: Partial<Ask> = {}): Ask => ({
      method: 'POST',
      path: `/api/v1/public/forms/${form}`,
      json: { ...PERSON, token, ...fields },
      headers: { origin: PAGE, 'idempotency-key': undefined },
      ...more,
    });
    const secrets = ['Hemligsson', 'formular.hemlig'];

    describe('of which nothing comes', () => {
      changesNothing(system);
      it('sent from another site, to no form, too soon, with a made-up token', async () => {
        await forget();
        for (const origin of ['https://evil.example', 'null', `${PAGE}.evil.example`, PAGE.replace('https', 'http')])
          await refusedAs(403, 'foreign-origin', { who: 'nobody', ask: sent({}, { headers: { origin } }), secrets });
        for (const id of [unknownId(), '17', '%00', system().own.engagement])
          await refusedAs(404, 'not-found', { who: 'nobody', ask: sent({}, { path: `/api/v1/public/forms/${id}` }), secrets }); // prettier-ignore
        await fetched();
        await refusedAs(422, 'form-too-fast', { who: 'nobody', ask: sent({}), secrets });
        for (const made of ['', '-', 'x'.repeat(200), `${token.slice(0, -4)}AAAA`])
          await refusedAs(422, 'form-token-invalid', { who: 'nobody', ask: sent({ token: made }), secrets });
      });

      it('keys that no field can have, fields twice, bytes that are no text', async () => {
        await forget();
        for (const raw of ['{"__proto__":{"name":"x"}}', '{"name":"\\u0000"}'])
          await refusedAs(400, 'json-unusable', { who: 'nobody', ask: sent({}, { raw }) });
        for (const raw of ['__proto__=1', 'name=a&name=b', 'name=%ff', 'constructor=1'])
          await refusedAs(400, 'request-invalid', {
            who: 'nobody',
            ask: sent({}, { raw, headers: { origin: PAGE, 'content-type': 'application/x-www-form-urlencoded' } }),
          });
      });

      it('who fill in what people do not see are thanked like others', async () => {
        await forget();
        const answer = await system().ask('nobody', sent({ website: 'https://spam.example' }));
        expect([answer.status, answer.text]).toEqual([202, '{"accepted":true}']);
      });

      it('a flood is refused from the eleventh on, whatever is in it', async () => {
        await forget();
        const answers = await Promise.all(
          Array.from({ length: 25 }, (_, i) => system().ask('nobody', sent({ website: 'spam', email: `flod${i}@bolag.example` }))), // prettier-ignore
        );
        expect(answers.filter((a) => a.status === 202)).toHaveLength(10);
        for (const answer of answers.filter((a) => a.status !== 202)) {
          expect([answer.status, answer.body['code']]).toEqual([429, 'too-many-requests']);
          expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
          expectProblem(answer, ['@bolag.example']);
        }
      });

      test.each(['x', 'A'.repeat(94), `${unknownId()}.${unknownId()}`, '..%2f..', '%00', 'a'.repeat(3000)])(
        'a link like /confirm/%s leads to nothing',
        async (made) => {
          for (const method of ['GET', 'POST']) {
            const headers = { 'content-type': 'application/x-www-form-urlencoded' };
            const form = method === 'POST' ? { raw: 'answer=yes', headers } : {};
            const answer = await system().ask('nobody', { method, path: `/confirm/${made}`, ...form });
            expect([400, 404, 410]).toContain(answer.status);
            expect(answer.text).not.toContain(made.length > 20 ? made : 'no such text');
          }
        },
      );
    });

    it('any value in any field is a refusal, or is thanked: nobody becomes a lead by it', async () => {
      const before = await system().counts();
      const values = [null, [], {}, [[]], [null], '', ' ', 'x', 0, -1, 1.5, 1e308, true, 'Hemlig'.repeat(400), 'a\r\nBcc: b@c.example', '900101-9802']; // prettier-ignore
      for (const field of ['name', 'email', 'company', 'title', 'phone', 'social', 'marketing', 'token', 'religion']) {
        await forget();
        await Promise.all(
          values.map(async (value) => {
            const answer = await system().ask('nobody', sent({ [field]: value }));
            // What is usable is thanked once the form has been open for long enough: its token is good once.
            expect([`${field} = ${JSON.stringify(value)}`, [202, 400, 422, 429].includes(answer.status)]).toEqual([expect.any(String), true]); // prettier-ignore
            if (answer.status !== 202) expectProblem(answer, ['Bcc', '900101-9802', ...secrets]);
          }),
        );
      }
      await system().quiet();
      const after = await system().counts();
      for (const table of ['lead', 'consent_entry', 'provenance'])
        expect(after[`lead_intake.${table}`]).toBe(before[`lead_intake.${table}`]);
      expect(after['lead_intake.web_submission']! - before['lead_intake.web_submission']!).toBeLessThan(2);
    });
  });

  describe('sign-in', () => {
    it('a wrong password and an unknown person are answered alike, and neither is written down', async () => {
      const ask = (email: string) => ({ method: 'POST', path: '/api/auth/sign-in/email', json: { email, password: 'fel-hemligt-ord' } }); // prettier-ignore
      const wrong = await system().ask('nobody', ask('booker3@agency.example'));
      const unknown = await system().ask('nobody', ask('okand.person@agency.example'));
      expect([wrong.status, wrong.body]).toEqual([unknown.status, unknown.body]);
      expect(wrong.status).toBe(401);
      for (const answer of [wrong, unknown]) expectProblem(answer, ['fel-hemligt-ord', 'okand.person']);
    });
  });

  describe('calendar servers that are none', () => {
    changesNothing(system);
    const ADDRESSES = ['http://127.0.0.1/', 'https://127.0.0.1/', 'https://127.0.0.1:5232/', 'https://localhost/', 'https://[::1]/',
      'https://[::ffff:127.0.0.1]/', 'https://2130706433/', 'https://0x7f.1/', 'https://0/', 'https://169.254.169.254/latest/meta-data/',
      'https://10.0.0.1/', 'https://192.168.1.1/', 'https://[fd00::1]/', 'https://user:hemligt-kalender@cal.example/', 'file:///etc/passwd',
      'gopher://127.0.0.1/', '//127.0.0.1/', 'https://', 'javascript:alert(1)', `https://${'a'.repeat(600)}.example/`]; // prettier-ignore
    test.each(ADDRESSES)('%s is not called', async (serverUrl) => {
      const { own } = system();
      for (const [path, more] of [
        ['calendar-connections/discover', {}],
        ['calendar-connections', { kind: 'caldav' }],
      ] as const) {
        const started = performance.now();
        const answer = await system().ask('supervisor', post(path, caldav(own, { serverUrl, ...more })));
        expect([serverUrl, answer.status]).toEqual([serverUrl, 400]);
        expect(answer.body['code']).toMatch(/^(request-invalid|url-[a-z]+)$/);
        expectProblem(answer, ['hemligt-kalender']);
        expect(performance.now() - started).toBeLessThan(5_000);
      }
    });
  });
}
