import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { refusing } from './refused.js';
import { booking, connection, engagement, leadOf, post, registration } from './requests.js';
import type { System } from './system.js';

/** Requests that come twice, and what has to be there first. */
export function onceOnly(system: () => System): void {
  const lead = leadOf(system);
  const refusedAs = refusing(system);
  describe('one key, one request', () => {
    it('another body under the same key is refused; the same one gets the same answer', async () => {
      const key = { 'idempotency-key': randomUUID() };
      const mine = lead({ email: 'nyckel@bolag.example', name: 'Nyckel Person' });
      const first = await system().ask('supervisor', { ...mine, headers: key });
      expect(first.status).toBe(201);
      await system().quiet();
      const again = await system().ask('supervisor', { ...mine, headers: key });
      expect(again.body).toEqual(first.body);
      const changed = { ...lead({ email: 'annan.nyckel@bolag.example' }), headers: key };
      await refusedAs(422, 'idempotency-key-reused', { ask: changed, secrets: ['annan.nyckel'] });
    });

    it('ten twins at once make one lead', async () => {
      const before = await system().counts();
      const key = { 'idempotency-key': randomUUID() };
      const twin = { ...lead({ email: 'tvilling@bolag.example', name: 'Tvilling Person' }), headers: key };
      const answers = await Promise.all(Array.from({ length: 10 }, () => system().ask('supervisor', twin)));
      const made = answers.filter((a) => a.status === 201);
      expect(new Set(made.map((a) => a.body['id'])).size).toBe(1);
      for (const answer of answers) if (answer.status !== 201) expect([answer.status, answer.body['code']]).toEqual([409, 'idempotency-key-in-use']); // prettier-ignore
      expect((await system().counts())['lead_intake.lead']).toBe(before['lead_intake.lead']! + 1);
      await system().quiet();
    });

    it('a booking of a slot that is taken', async () => {
      const [taken] = await system().sql<{ at: Date; host: string }>(
        'select starts_at as at, host_id as host from scheduling.booking where id = $1',
        [system().own.booking],
      );
      const ask = post('bookings', booking(system().own, { hostId: taken!.host, startsAt: taken!.at.toISOString() }));
      await refusedAs(409, 'slot-taken', { who: 'booker', ask });
    });
  });

  describe('what the vendors need to forget, and what the law needs to begin', () => {
    it('X of 1 month: HubSpot is refused with the smallest X; without an assessment nobody is taken in (B3)', async () => {
      const made = await system().ask(
        'admin',
        post('engagements', engagement(system().own, { retentionMonths: 1, startsOn: '2026-01-02' })),
      );
      expect(made.status).toBe(201);
      const id = made.body['id'] as string;
      await system().quiet();
      const ask = post('crm-connections', connection(system().own, { engagementId: id, refreshToken: 'hemlig-token' }));
      const answer = await refusedAs(409, 'retention-too-short', { who: 'admin', ask, secrets: ['hemlig-token'] });
      expect(JSON.stringify(answer.body['facts'])).toContain('2');
      const person = registration({ email: 'for.tidig@bolag.example' });
      const early = { who: 'admin' as const, ask: post(`engagements/${id}/leads`, person), secrets: ['for.tidig'] };
      await refusedAs(409, 'assessment-missing', early);
    });
  });
}
