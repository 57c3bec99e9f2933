import { afterAll, expect, it } from '@jest/globals';
import { canonicalJson } from '@avtala/contracts';
import { noEngagement } from '@avtala/database';
import { testDatabase } from '@avtala/test-kit';
import { FixedClock } from '@avtala/time';
import { auditSealingMigration } from './audit-sealing.migration.js';
import { auditMac, auditMigration, AuditTrail } from './audit-trail.js';
import { auditWritingMigration } from './audit-writing.migration.js';
import type { Actor, ServicePrincipal } from './principal.js';

const database = await testDatabase({
  schema: 'lead_intake',
  migrations: [auditMigration(), auditSealingMigration(), auditWritingMigration()],
});
afterAll(() => database.close());

const key = Buffer.alloc(32, 7);
const who: ServicePrincipal = { kind: 'service', service: 'crm-sync', purpose: 'crm', eventId: 'e' };
const subjects = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
const record = (trail: AuditTrail, subjectIds?: string[]) =>
  database
    .db()
    .withScope(noEngagement, (tx) =>
      trail.record(tx, { action: 'contacts.read', principal: who, subjectIds, fields: ['email'] }),
    );
const entries = () =>
  database.sql<{ instance: string; n: string; canonical: Buffer; subject_ref: string | null; mac: Buffer }>(
    'select instance, n, canonical, subject_ref, mac from lead_intake.audit_entry order by n',
  );

it('G3: one entry per subject, whose bytes are canonical and whose MAC is of number and bytes', async () => {
  const trail = new AuditTrail('lead-intake', key, new FixedClock('2027-03-01T09:00:00Z'));
  await record(trail, subjects);
  await record(trail);
  const found = await entries();
  expect(found.map((e) => [Number(e.n), e.subject_ref])).toEqual([
    [1, subjects[0]],
    [2, subjects[1]],
    [3, null],
  ]);
  for (const e of found) {
    expect(auditMac(key, e.instance, Number(e.n), e.canonical).equals(e.mac)).toBe(true);
    expect(auditMac(key, e.instance, Number(e.n) + 1, e.canonical).equals(e.mac)).toBe(false);
    expect(Buffer.from(canonicalJson(JSON.parse(e.canonical.toString()))).equals(e.canonical)).toBe(true);
  }
  expect(JSON.parse(found[0]!.canonical.toString())).toEqual({
    v: 1,
    at: '2027-03-01T09:00:00Z',
    service: 'lead-intake',
    action: 'contacts.read',
    by: { kind: 'service', id: 'crm-sync', purpose: 'crm', event: 'e' },
    subject: subjects[0],
    fields: ['email'],
    numbers: { settled: 0 },
  });
  expect(JSON.parse(found[2]!.canonical.toString())).toMatchObject({ numbers: { settled: 2 } });
});

it('G2: a second process has numbers of its own, and the entry goes with its transaction', async () => {
  const before = (await entries()).length;
  const trail = new AuditTrail('lead-intake', key, new FixedClock('2027-03-01T09:00:00Z'));
  await record(trail);
  const failing = database.db().withScope(noEngagement, async (tx) => {
    await trail.record(tx, { action: 'x', principal: who });
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect((await entries()).length).toBe(before + 1);
  expect(trail.hasUnused).toBe(true);
  await record(trail);
  const last = await database.sql<{ canonical: Buffer }>(
    'select canonical from lead_intake.audit_entry where n = 3 and subject_ref is null order by written_at desc limit 1',
  );
  expect(JSON.parse(last[0]!.canonical.toString())).toMatchObject({ numbers: { settled: 2, unused: [[2, 2]] } });
});

it.each([
  ['read', 'select * from audit_entry'],
  ['change', 'update audit_entry set n = 0'],
  ['remove', 'delete from audit_entry'],
])('the app role cannot %s what was written', async (_, sql) => {
  await expect(database.db().withScope(noEngagement, (tx) => tx.query(sql))).rejects.toThrow('permission denied');
});

it('who and what an entry is filed under are what its bytes say, whoever acts and whatever else they hold', async () => {
  const trail = new AuditTrail('lead-intake', key, new FixedClock('2027-03-01T09:00:00Z'));
  const user = {
    kind: 'user',
    userId: 'u-1',
    role: 'dpo',
    sessionId: 's',
    aal: 2,
    engagementIds: [],
  } as unknown as Actor;
  const apiKey = { kind: 'key', keyId: 'k-1' } as unknown as Actor;
  const noEvent = { ...who, eventId: undefined } as unknown as Actor;
  const detail = { reason: 'Å "by":{"id":"x"} \\ \n', action: 'other', by: 'z' };
  await database.db().withScope(noEngagement, async (tx) => {
    for (const principal of [user, apiKey, noEvent, { ...who, purpose: '"id":"y"' }])
      await trail.record(tx, { action: 'lead.read', principal, detail });
  });
  const filed = await database.sql<{ actor: string; act: string; by: string; what: string }>(
    `select actor, act, j #>> '{by,id}' as by, j ->> 'action' as what
     from lead_intake.audit_entry, lateral (select convert_from(canonical, 'UTF8')::jsonb as j) as e order by written_at desc limit 4`,
  );
  expect(filed.map(({ actor, act }) => [actor, act])).toEqual(filed.map(({ by, what }) => [by, what]));
  expect(filed.map((e) => e.actor).sort()).toEqual(['crm-sync', 'crm-sync', 'k-1', 'u-1']);
});
