import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { noEngagement } from '@avtala/database';
import { Sessions } from '@avtala/access';
import { testDatabase } from '@avtala/test-kit';
import { agency } from '../index.js';

const database = await testDatabase({ schema: 'agency', migrations: agency.migrations }, { schema: 'scheduling' });
afterAll(() => database.close());

const other = database.db('scheduling');
const sessions = new Sessions(other);
const [user, session, mine, theirs] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

beforeEach(async () => {
  await database.sql('truncate agency.auth_user, agency.client, agency.engagement_home cascade');
  const client = randomUUID();
  await database.sql(`insert into agency.client values ($1, 'Klient', '556677-8899', now())`, [client]);
  for (const id of [mine, theirs]) {
    await database.sql(
      `insert into agency.engagement (engagement_id, client_id, name, controller_name, controller_number, processor_name,
         processor_number, retention_months, binding_months, starts_on, time_zone, erase_on_reply, crm_erasure, created_at)
       values ($1, $2, 'E', 'C', '1', 'P', '2', 3, 1, '2027-01-01', 'Europe/Stockholm', false, 'delete-created', now())`,
      [id, client],
    );
    await database.sql('insert into agency.engagement_home values ($1)', [id]);
  }
  await database.sql(
    `insert into agency.auth_user (id, name, email, "emailVerified", role) values ($1, 'A', 'a@agency.example', true, 'booker')`,
    [user],
  );
  await database.sql(
    `insert into agency.auth_session (id, token, "userId", "expiresAt", "updatedAt", aal) values ($1, 'tok', $2, now() + interval '1 day', now(), 2)`,
    [session, user],
  );
  await database.sql('insert into agency.membership values ($1, $2)', [mine, user]);
});

describe('the principal, as another service sees it (security.md 1.4)', () => {
  it('has role, assurance and memberships', async () => {
    expect(await sessions.principalOf('tok')).toMatchObject({
      kind: 'user',
      userId: user,
      sessionId: session,
      role: 'booker',
      aal: 2,
      engagementIds: [mine],
    });
    expect(await sessions.principalOf('another')).toBeUndefined();
  });

  it.each(['admin', 'dpo'])('a %s enters every engagement', async (role) => {
    await database.sql('update agency.auth_user set role = $1', [role]);
    const principal = await sessions.principalOf('tok');
    expect([...principal!.engagementIds].sort()).toEqual([mine, theirs].sort());
  });

  it('a role that is taken away acts with the next request', async () => {
    await database.sql('delete from agency.membership');
    expect((await sessions.principalOf('tok'))!.engagementIds).toEqual([]);
  });

  it('a session found too old is deleted', async () => {
    await database.sql(`update agency.auth_session set seen_at = now() - interval '2 hours'`);
    expect(await sessions.principalOf('tok')).toBeUndefined();
    expect(await database.sql('select 1 from agency.auth_session')).toEqual([]);
  });

  it.each(['auth_session', 'auth_user', 'auth_account', 'membership', 'engagement', 'invitation'])(
    'its role cannot read %s',
    async (table) => {
      const reading = other.withScope(noEngagement, (tx) => tx.query(`select * from agency.${table}`));
      await expect(reading).rejects.toThrow('permission denied');
    },
  );
});
