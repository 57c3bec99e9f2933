import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantSql } from '@avtala/database';

/** Suppliers' API keys (security.md §1.5). Only their hash: who reads the table can use none of them. */
export class ApiKeys1795700000100 implements MigrationInterface {
  readonly name = 'ApiKeys1795700000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table api_key (
        key_id uuid primary key,
        engagement_id uuid not null references engagement (engagement_id),
        name text not null,
        public_part text not null,                   -- by which a person recognises it
        hash bytea not null constraint one_key_per_hash unique,
        verbs text[] not null check (verbs <@ array['leads:write', 'imports:write'] and cardinality(verbs) > 0),
        source text not null, supplier text not null,
        ground text not null check (ground in ('consent', 'contract', 'legitimate-interest')),
        created_by uuid not null, created_at timestamptz not null,
        expires_at timestamptz not null,             -- real time, like a session's end
        last_used_on date,
        revoked_by uuid, revoked_at timestamptz,
        check ((revoked_by is null) = (revoked_at is null))
      );
      create index api_key_engagement on api_key (engagement_id, key_id);
      alter table api_key alter column hash set statistics 0;
    `);
    await runner.query(grantSql({ app: 'select, insert, update' }, 'api_key'));
    await runner.query(HOLDER);
    await runner.query(grantSql({ consumers: 'execute' }, 'function api_key_holder(bytea)'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function api_key_holder(bytea); drop table api_key');
  }
}

// The day of its last use is written once a day, so that a busy key does not turn every look-up into a write.
const HOLDER = `
create function api_key_holder(given bytea)
  returns table (key_id uuid, engagement_id uuid, verbs text[], source text, supplier text, ground text)
  language plpgsql security definer set search_path = agency, pg_temp as $$
declare
  k record;
begin
  select a.* into k from api_key a
   where a.hash = given and a.revoked_at is null and a.expires_at > clock_timestamp();
  if not found then
    return;
  end if;
  if k.last_used_on is distinct from (clock_timestamp() at time zone 'Europe/Stockholm')::date then
    update api_key a set last_used_on = (clock_timestamp() at time zone 'Europe/Stockholm')::date where a.key_id = k.key_id;
  end if;
  return query select k.key_id, k.engagement_id, k.verbs, k.source, k.supplier, k.ground;
end $$`;
