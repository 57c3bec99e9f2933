import { describe, expect, it, test } from '@jest/globals';
import { expectProblem } from './refused.js';
import { allowedOn, bodyOf, booking, fieldsOf, get, goodAsk, leadOf, post, withField } from './requests.js';
import { ROUTES } from './routes.js';
import { unknownId, type System } from './system.js';

/** Every field of every body, with values that nobody meant. */
export function anyValue(system: () => System): void {
  const lead = leadOf(system);
  describe('any value in any field', () => {
    const taking = ROUTES.filter((r) => ['POST', 'PUT', 'PATCH'].includes(r.method) && !r.forServices && !r.open);
    const VALUES: readonly unknown[] = [null, [], {}, [[]], [null], '', ' ', 'x', 0, -1, 1.5, 1e308, true, '2026-02-30', '9'.repeat(30), '🦆'.repeat(50), '%00', '../..']; // prettier-ignore

    test.each(taking.map((r) => [`${r.method} ${r.path}`, r] as const))('%s is never a 500', async (_, route) => {
      const who = allowedOn(route);
      // A client of nothing, too: engagements would be made by the dozen.
      const json = bodyOf(route, { ...system().own, client: unknownId() });
      if (!json) return;
      // An id of nothing: whatever passes for valid ends in a 404, and changes nothing.
      const id = unknownId();
      for (const field of fieldsOf(json)) {
        for (const value of VALUES) {
          const ask = { ...goodAsk(route, system().own, id), json: withField(json, field, value) };
          const answer = await system().ask(who, ask);
          const seen = `${field.join('.')} = ${JSON.stringify(value)?.slice(0, 40)} → ${answer.status} ${answer.text}`;
          expect(answer.status < 500 ? '' : seen).toBe('');
          if (answer.status >= 400) expectProblem(answer);
        }
      }
    });

    it('a text of 50 kB is refused in less than 100 ms, wherever it stands', async () => {
      const { own } = system();
      const texts = ['a', '1 2-3.4 ', 'a@', '"', '@a.', '\u0301', '+46'].map((t) =>
        t.repeat(Math.ceil(50_000 / t.length)),
      );
      const asks = texts.flatMap((text) => [
        ...['name', 'company', 'email', 'phone', 'social', 'birthDate', 'source'].map((f) => lead({ [f]: text })),
        post(`leads/${own.lead}/outcomes`, { outcome: 'no-answer', informed: true, note: text }),
        post('suppressions', { email: text, phone: text }),
        post('hosts', { name: text, email: text, timeZone: text, engagementIds: [], weeklyHours: [] }),
        post('bookings', booking(own, { startsAt: text, timeZone: text })),
        get(`bookings?engagementId=${encodeURIComponent(text.slice(0, 1000))}`),
      ]);
      for (const ask of asks) {
        let fastest = Infinity;
        // The fastest of a few: what counts is the work, not who else is on the machine.
        for (let i = 0; i < 5 && fastest > 100; i++) {
          const started = performance.now();
          const { status } = await system().ask('supervisor', ask);
          expect([400, 413, 422]).toContain(status);
          fastest = Math.min(fastest, performance.now() - started);
        }
        expect(fastest).toBeLessThan(100);
      }
    });

    it('what is no HTTP gets a problem too', async () => {
      const big = await system().ask('nobody', { ...get('me'), headers: { 'x-large': 'x'.repeat(20_000) } });
      expect([big.status, big.type, big.body['code']]).toEqual([431, 'application/problem+json', 'headers-too-large']);
    });
  });
}
