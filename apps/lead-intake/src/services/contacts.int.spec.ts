import type { ContactPurpose } from '@avtala/contracts';
import { scopeOf } from '@avtala/database';
import { buryLead } from '@avtala/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { Outcomes } from './outcomes.service.js';
import { Contacts } from './contacts.service.js';
import { Intake } from './intake.service.js';
import { Leads } from './leads.service.js';
import { Noes } from './no.service.js';

let bench: Bench;
let engagementId: string;
beforeAll(async () => {
  bench = await Bench.open();
  engagementId = await bench.engagement();
});
afterAll(() => bench.close());

let n = 0;
async function lead(): Promise<{ id: string; email: string }> {
  const email = `person${++n}@bolaget.example`;
  const raw = { name: `Person ${n}`, email };
  const caller = bench.caller('supervisor', engagementId);
  const { id } = await bench.get(Intake).register(caller, engagementId, bench.claim(), raw, STATED);
  return { id, email };
}
const ask = async (purpose: ContactPurpose, ...ids: string[]) =>
  bench.get(Contacts).read(bench.service(purpose), ids, purpose);
const statuses = async (id: string) =>
  Object.fromEntries(
    await Promise.all(
      (['booking', 'invite', 'crm', 'erasure'] as const).map(async (p) => [p, (await ask(p, id))[0]!.status]),
    ),
  );
const inform = (id: string) =>
  bench
    .get(Outcomes)
    .record(bench.caller('booker', engagementId), id, bench.claim(), { outcome: 'interested', informed: true });

describe('the door', () => {
  it('gives by purpose what the purpose needs', async () => {
    const { id, email } = await lead();
    await inform(id);
    expect(await ask('booking', id)).toEqual([{ id, status: 'ok', version: 2 }]);
    const [invite] = await ask('invite', id);
    expect(invite).toMatchObject({
      status: 'ok',
      contact: { email },
      notice: { source: 'Branschregistret', controller: 'Bolaget AB' },
    });
    expect(invite).not.toHaveProperty('linkKey');
    const [crm] = await ask('crm', id);
    const [erasure] = await ask('erasure', id);
    expect(crm).toMatchObject({ contact: { email }, linkKey: expect.stringMatching(/^[\w-]{43}$/) });
    expect(erasure).toMatchObject({ linkKey: (crm as { linkKey: string }).linkKey });
  });

  it('contact-read gate: whoever said no, is restricted, is being erased or was not told is not given out', async () => {
    const untold = await lead();
    expect(await statuses(untold.id)).toEqual({ booking: 'ok', invite: 'ok', crm: 'not-informed', erasure: 'ok' });

    const objected = await lead();
    await bench.get(Outcomes).record(bench.caller('booker', engagementId), objected.id, bench.claim(), {
      outcome: 'objected',
      informed: true,
    });
    expect(await statuses(objected.id)).toEqual({
      booking: 'objected',
      invite: 'objected',
      crm: 'objected',
      erasure: 'ok',
    });

    const suppressed = await lead();
    await inform(suppressed.id);
    await bench.get(Noes).add(bench.caller('dpo'), bench.claim(), { email: suppressed.email.toUpperCase() });
    expect(await statuses(suppressed.id)).toMatchObject({ invite: 'objected', crm: 'objected', erasure: 'ok' });

    const restricted = await lead();
    await inform(restricted.id);
    await bench.get(Leads).correct(bench.caller('dpo', engagementId), restricted.id, { restricted: true });
    expect(await statuses(restricted.id)).toMatchObject({
      booking: 'restricted',
      invite: 'restricted',
      crm: 'restricted',
    });

    const buried = await lead();
    await inform(buried.id);
    await bench.database
      .db()
      .withScope(scopeOf(engagementId), (tx) =>
        buryLead(tx, { leadId: buried.id, engagementId, orderId: randomUUID() }),
      );
    expect(await statuses(buried.id)).toEqual({ booking: 'erased', invite: 'erased', crm: 'erased', erasure: 'ok' });
    await bench.vault.destroy('lead', [buried.id], randomUUID());
    expect(await statuses(buried.id)).toEqual({
      booking: 'erased',
      invite: 'erased',
      crm: 'erased',
      erasure: 'erased',
    });
  });

  it('a no towards one client is none towards another', async () => {
    const [one, two] = [await lead(), await bench.engagement()];
    const raw = { name: 'Person Två', email: one.email };
    const other = await bench.get(Intake).register(bench.caller('admin', two), two, bench.claim(), raw, STATED);
    const [client] = await bench.sql<{ client_id: string }>(
      'select client_id from lead_intake.engagement where id = $1',
      [two],
    );
    await bench.sql(
      `insert into lead_intake.suppression (hash, client_id, kind, at) select s.hash, $2, s.kind, now() from unnest($1::bytea[], array['email']) s (hash, kind)`,
      [[(await bench.vault.suppressionHash({ email: one.email }))[0]!.hash], client!.client_id],
    );
    expect((await ask('invite', one.id, other.id)).map((a) => a.status)).toEqual(['ok', 'objected']);
  });

  it('answers unknown ids as unknown, and a thousand at once, each read audited (G3)', async () => {
    const ids = [];
    for (let i = 0; i < 20; i++) ids.push((await lead()).id);
    const unknown = Array.from({ length: 980 }, () => randomUUID());
    const answers = await ask('invite', ...ids, ...unknown);
    expect(answers.map((a) => a.id)).toEqual([...ids, ...unknown]);
    expect(answers.filter((a) => a.status === 'ok')).toHaveLength(20);
    expect(answers.filter((a) => a.status === 'unknown')).toHaveLength(980);
    const audited = await bench.sql<{ canonical: Buffer }>(
      'select canonical from lead_intake.audit_entry where subject_ref = $1',
      [ids[0]],
    );
    expect(audited.map((a) => JSON.parse(a.canonical.toString()))).toContainEqual(
      expect.objectContaining({
        action: 'contacts.read',
        by: expect.objectContaining({ id: 'crm-sync', purpose: 'invite' }),
      }),
    );
  });
});
