import { afterAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { noEngagement, partOf } from '@avtala/database';
import { Rig } from '../test/trail.js';
import { AuditLog } from './audit-log.js';
import { Witness } from './witness.js';
import { lastNight, NightlyCheck, WitnessAway } from './nightly-check.js';

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

  /** A check that somebody made. */
  const looked = (detail: Record<string, string | number | boolean>) => {
    const principal = { kind: 'service', service: 'agency', purpose: 'p', eventId: 'e' } as const;
    return rig.database
      .db()
      .withScope(noEngagement, (tx) => rig.trail.record(tx, { action: 'audit.verified', principal, detail }));
  };

  it('once, and a trail that is younger than the night not at all', async () => {
    expect(await nightly.step()).toBe(false);
    await twoDaysAgo();
    expect(await nightly.step()).toBe(true);
    expect(await log.lastCheck()).toMatchObject({ whole: true, upTo: 3 });
    expect(await nightly.step()).toBe(false);
    expect(await nightly.step(Temporal.Now.instant().add({ hours: 24 }))).toBe(true);
  });

  it('and finds what somebody changed, anywhere in it; a look at the newest rows does not take that back', async () => {
    await twoDaysAgo();
    await sql(`update @audit_entry set canonical = canonical || ' '::bytea where n = 1`);
    expect(await nightly.step()).toBe(true);
    const broken = { whole: false, upTo: 0, row: 0, problem: 'entry-changed' };
    expect(await log.lastCheck()).toMatchObject(broken);
    await looked({ whole: true, upTo: 3, everything: false });
    expect(await log.lastCheck()).toMatchObject(broken);
    await looked({ whole: true, upTo: 3, everything: true });
    expect(await log.lastCheck()).toMatchObject({ whole: true });
  });

  it('while it is written to and sealed: what came meanwhile is no gap', async () => {
    await twoDaysAgo();
    const db = rig.database.db();
    const busy = Object.create(db) as typeof db;
    let asked = 0;
    busy.asWorker = async (work) => {
      if (++asked === 4) {
        await rig.act(2);
        await rig.sealAll();
        await rig.act(1);
      }
      return db.asWorker(work);
    };
    const keys = { mac: rig.macKey, signing: rig.signing };
    const beside = new AuditLog('lead-intake', busy, keys, rig.sealer(), rig.witness);
    expect(await beside.verify('everything')).toMatchObject({ whole: true, upTo: 3, unsealed: 1, unaccounted: 0 });
    expect(asked).toBeGreaterThan(4);
  });

  it('and numbers of a part that was undone in a transaction that was not are no gap', async () => {
    const principal = { kind: 'service', service: 'agency', purpose: 'p', eventId: 'e' } as const;
    await rig.database.db().withScope(noEngagement, async (tx) => {
      const undone = partOf(tx);
      await tx.query('savepoint here');
      await rig.trail.record(tx, { action: 'lead.read', principal });
      await tx.query('rollback to savepoint here');
      undone();
    });
    await rig.act(2);
    expect(await log.verify('everything')).toMatchObject({ whole: true, unaccounted: 0 });
  });

  it('again, when the witness could not be asked', async () => {
    await twoDaysAgo();
    const away = new Witness('postgresql://nobody@127.0.0.1:1/nothing');
    const db = rig.database.db();
    const alone = new AuditLog('lead-intake', db, { mac: rig.macKey, signing: rig.signing }, rig.sealer(), away);
    await expect(new NightlyCheck('lead-intake', db, rig.trail, alone).step()).rejects.toBeInstanceOf(WitnessAway);
    await away.close();
    expect(await log.lastCheck()).toBeUndefined();
  });

  it('not in a process that ends', async () => {
    await twoDaysAgo();
    await nightly.stop();
    await expect(nightly.step()).rejects.toThrow('aborted');
  });

  it('also where a person looked, and whatever somebody else wrote of a check', async () => {
    await twoDaysAgo();
    await looked({ whole: true, upTo: 3 });
    await sql(
      `insert into @audit_entry (at, instance, n, canonical, mac) select now(), gen_random_uuid(), 1, convert_to(
         '{"action":"audit.verified","at":"2027-03-01T09:00:00Z","by":{"kind":"service","id":"lead-intake"},"detail":{"whole":true,"upTo":3}}', 'utf8'),
         sha256('forged')`,
    );
    expect(await nightly.step()).toBe(true);
  });
});
