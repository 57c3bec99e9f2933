import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantSql, scopePolicySql } from '@avtala/database';

/** Clients, engagements and what hangs on them. Engagement rows are the contract: they stay after erasure and name no lead. */
export class Engagements1700000001100 implements MigrationInterface {
  readonly name = 'Engagements1700000001100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table client (
        client_id uuid primary key,
        name text not null,
        organisation_number text not null constraint one_client_per_organisation unique
          check (organisation_number ~ '^\\d{6}-\\d{4}$'),
        created_at timestamptz not null
      );
      create table engagement (
        engagement_id uuid primary key,
        client_id uuid not null references client (client_id),
        name text not null,
        controller_name text not null,
        controller_number text not null,
        processor_name text not null,
        processor_number text not null,
        retention_months smallint not null check (retention_months between 1 and 120),
        binding_months smallint not null check (binding_months between 1 and 120),
        starts_on date not null,
        time_zone text not null,
        erase_on_reply boolean not null,
        crm_erasure text not null check (crm_erasure in ('delete-created', 'withdraw-only')),
        notice_source text,
        version integer not null default 1,
        created_at timestamptz not null,
        started_at timestamptz,
        notice_given_at timestamptz,
        effective_end_at timestamptz,
        ended_at timestamptz,
        check ((notice_given_at is null) = (effective_end_at is null)),
        check (ended_at is null or ended_at = effective_end_at)
      );
      create index engagement_client on engagement (client_id);
      -- B3: the words of the balancing test, never about a person.
      create table assessment (
        assessment_id uuid primary key,
        engagement_id uuid not null references engagement (engagement_id),
        purpose text not null,
        necessity text not null,
        balancing text not null,
        made_on date not null,
        recorded_by uuid not null,
        recorded_at timestamptz not null
      );
      create index assessment_engagement on assessment (engagement_id);
      -- Who may enter which engagement: what scopes are computed from, so they cannot be behind one. Ids only.
      create table membership (
        engagement_id uuid not null references engagement (engagement_id),
        user_id uuid not null references auth_user (id) on delete cascade,
        primary key (user_id, engagement_id)
      );
      create index membership_engagement on membership (engagement_id);
      create table engagement_home (engagement_id uuid primary key);
    `);
    for (const table of ['engagement', 'assessment']) await runner.query(scopePolicySql(table));
    await runner.query(grantSql({ app: 'select, insert, update' }, 'client'));
    await runner.query(grantSql({ app: 'select, insert, update' }, 'engagement'));
    await runner.query(grantSql({ app: 'select, insert' }, 'assessment'));
    await runner.query(grantSql({ app: 'select, insert, delete' }, 'membership'));
    await runner.query(grantSql({ app: 'insert' }, 'engagement_home'));
    await runner.query(PRINCIPAL);
    await runner.query(grantSql({ consumers: 'execute' }, 'function principal(text)'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop function principal(text);
      drop table engagement_home, membership, assessment, engagement, client`);
  }
}

// The only way into the session table for the other services (security.md 1.4). Real time throughout: sessions do not follow the
// business clock. 12 hours from sign-in, 30 minutes without a request for staff, 60 for client users; the first request after that ends it.
// seen_at is written once a minute at most, so that a busy page does not turn every read into a write.
const PRINCIPAL = `
create function principal(given text)
  returns table (user_id uuid, role text, session_id uuid, aal smallint, auth_time timestamptz, engagement_ids uuid[])
  language plpgsql security definer set search_path = agency, pg_temp as $$
declare
  s record;
begin
  select a.id, a."userId" as person, a.aal, a.auth_time, a.seen_at, u.role,
         u.disabled_at is null
           and a."createdAt" > clock_timestamp() - interval '12 hours'
           and a.seen_at > clock_timestamp() - case u.role when 'client' then interval '60 minutes' else interval '30 minutes' end
         as alive
    into s
    from auth_session a join auth_user u on u.id = a."userId"
   where a.token = given;
  if not found then
    return;
  end if;
  if not s.alive then
    delete from auth_session a where a.id = s.id;
    return;
  end if;
  if s.seen_at < clock_timestamp() - interval '1 minute' then
    update auth_session a set seen_at = clock_timestamp() where a.id = s.id;
  end if;
  return query
    select s.person, s.role, s.id, s.aal, s.auth_time,
           case when s.role in ('admin', 'dpo')
             then coalesce((select array_agg(h.engagement_id) from engagement_home h), '{}')
             else coalesce((select array_agg(m.engagement_id) from membership m where m.user_id = s.person), '{}')
           end;
end $$`;
