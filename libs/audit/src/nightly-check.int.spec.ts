import { afterAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { noEngagement } from '@avtala/database';
import { Rig } from '../test/trail.js';
import { AuditLog } from './audit-log.js';
import { lastNight, NightlyCheck } from './nightly-check.js';

test.each([
  ['2027-03-01T12:00:00Z', '2027-03-01T02:30:00Z'],
  ['2027-03-01T02:29:59Z', '2027-02-28T02:30:00Z'],
  ['2027-07-01T01:30:00Z', '2027-07-01T01:30:00Z'],
  ['2027-03-28T12:00:00Z', '2027-03-28T01:30:00Z'], // the night that has no hour from two to three
])('at %s the last night was %s', (now, night) => {
  expect(lastNight(Temporal.Instant.from(now)).toString()).toBe(night);
});

describe('G2: a service checks its trail every night', () => {
  const rigs: Rig[] = [];
  afterAll(() => Promise.all(rigs.map((rig) => rig.close())));

  let rig: Rig;
  let log: AuditLog;
  let nightly: NightlyCheck;
  beforeEach(async () => {
    rigs.push((rig = await Rig.open()));
    const keys = { mac: rig.macKey, signing: rig.signing };
    log = new AuditLog('lead-intake', rig.database.db(), keys, rig.sealer(), rig.witness);
    nightly = new NightlyCheck('lead-intake', rig.database.db(), rig.trail, log);
    await rig.act(3);
    await rig.sealAll();
  });

  const sql = (text: string) => rig.database.sql(text.replaceAll('@', 'lead_intake.'));
  const twoDaysAgo = () => sql(`update @audit_entry set written_at = now() - interval '2 days'`);

  it('once, and a trail that is younger than the night not at all', async () => {
    await sql(`update @audit_entry set written_at = now() + interval '1 day'`);
    expect(await nightly.step()).toBe(false);
    await twoDaysAgo();
    expect(await nightly.step()).toBe(true);
    expect(await log.lastCheck()).toMatchObject({ whole: true, upTo: 3 });
    expect(await nightly.step()).toBe(false);
  });

  it('and finds what somebody changed, anywhere in it', async () => {
    await twoDaysAgo();
    await sql(`update @audit_entry set canonical = canonical || ' '::bytea where n = 1`);
    expect(await nightly.step()).toBe(true);
    expect(await log.lastCheck()).toMatchObject({ whole: false, upTo: 0, row: 0, problem: 'entry-changed' });
  });

  it('also where a person looked, and whatever somebody else wrote of a check', async () => {
    await twoDaysAgo();
    const principal = { kind: 'service', service: 'agency', purpose: 'p', eventId: 'e' } as const;
    await rig.database
      .db()
      .withScope(noEngagement, (tx) =>
        rig.trail.record(tx, { action: 'audit.verified', principal, detail: { whole: true, upTo: 3 } }),
      );
    await sql(
      `insert into @audit_entry (at, instance, n, canonical, mac) select now(), gen_random_uuid(), 1, convert_to(
         '{"action":"audit.verified","at":"2027-03-01T09:00:00Z","by":{"kind":"service","id":"lead-intake"},"detail":{"whole":true,"upTo":3}}', 'utf8'),
         sha256('forged')`,
    );
    expect(await nightly.step()).toBe(true);
  });
});
